"""``cuadra backup`` and ``cuadra restore``."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.backups import restoring, taking
from app.config import Config, ConfigError

LATEST = "latest"


@click.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(min=1), help="Cuántos respaldos conservar en la carpeta; los más viejos se borran.")
def backup(folder: Path | None, keep: int | None) -> None:
    """Respalda base y archivos mientras se trabaja; imprime la carpeta que hizo dentro de FOLDER.

    Sin FOLDER usa «backups» en la carpeta de datos. Las llaves no van en el respaldo: guárdelas aparte.
    """
    config = Config.from_environ()
    taken = taking.take(config, (folder or config.data_dir / "backups").absolute(), keep=keep)
    said = taken.manifest
    click.echo(
        f"Base {size(said.database_bytes)}, archivos {said.files:,} ({size(said.files_bytes)}; {taken.linked:,} ya estaban),"
        f" cabeza {said.snapshot.head.partition(':')[0]}, en {taken.seconds:.1f} s.", err=True,
    )
    click.echo(taken.folder)


@click.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.option(
    "--to", "places", multiple=True, metavar="URL|CARPETA",
    help="A dónde, si no es la instancia configurada: la dirección de una base, una carpeta de datos, o las dos.",
)
@click.option("--force", is_flag=True, help="Reemplaza lo que haya en el destino. Detenga antes los servicios.")
@click.option("--other-keys", is_flag=True, help="Sigue aunque las llaves sean otras: lo cifrado y las contraseñas no servirán.")
def restore(archive: Path, places: tuple[str, ...], force: bool, other_keys: bool) -> None:
    """Restaura el respaldo ARCHIVE (una carpeta hecha por «cuadra backup»; «DIR/latest» es el último de DIR)."""
    config = restoring.elsewhere(Config.from_environ(), places)
    done = restoring.restore(chosen(archive), config, force=force, other_keys=other_keys)
    for line in done.made_good:
        click.echo(line, err=True)
    if done.migrated:
        click.echo("El respaldo era de una versión anterior: la base se puso al día.", err=True)
    said = done.manifest
    click.echo(
        f"Restaurado lo del {said.taken_at:%Y-%m-%d %H:%M} UTC: {sum(said.snapshot.counts.values()):,} renglones, {said.files:,} archivos,"
        f" en {sum(done.seconds.values()):.1f} s.", err=True,
    )
    click.echo(said.snapshot.head)


def chosen(archive: Path) -> Path:
    """The backup meant by what was typed."""
    if archive.name != LATEST or archive.exists():
        return archive.absolute()
    found = taking.finished(archive.parent)
    if not found:
        raise ConfigError(f"En {archive.parent} no hay ningún respaldo terminado.")
    return found[-1].absolute()


def size(count: int) -> str:
    """Bytes as people say them: 3.4 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError
