"""``cuadra demo``: an invented borough with its year of assemblies, for whoever wants to look around."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from app.cli.demo import country, country_rows, sheet
from app.cli.demo.build import build, is_empty
from app.cli.operations import application, init
from app.cli.progress import Progress
from app.config import Config, ConfigError
from app.core.transaction import database, transaction

STEPS = {
    "draw": "Dibujo del territorio", "found": "Fundación", "live": "Asambleas y acuerdos", "write": "Escritura", "index": "Buscador",
    "blocks": "Cuadras", "indexes": "Índices", "settle": "Estadísticas",
}


@click.command()
@click.option(
    "--size", type=click.Choice(["small", "full", "country"]), default="full", show_default=True,
    help="Cuánto territorio; de un país se hacen solo los límites, y solo en PostGIS.",
)
@click.option(
    "--municipalities", type=click.IntRange(1, country.MUNICIPALITIES), default=country.MUNICIPALITIES, show_default=True,
    help="Cuántos municipios del país.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="La misma semilla da el mismo municipio.")
@click.option("--show", is_flag=True, help="Solo vuelve a mostrar la dirección, las cuentas y los enlaces.")
@click.pass_context
def demo(context: click.Context, size: str, municipalities: int, seed: int, show: bool) -> None:
    """Construye un municipio inventado en la base configurada, que debe estar vacía."""
    config = Config.from_environ()
    if config.environment == "production":
        raise ConfigError("La demostración no se construye en producción: ponga CUADRA_ENV=demo y otra base de datos.")
    if size == "country":
        if not config.database_url.startswith("postgres"):
            raise ConfigError("Un país entero cabe solo en PostgreSQL con PostGIS: póngalo en CUADRA_DATABASE_URL.")
        context.invoke(init)
        _lay_out(seed, municipalities)
        return
    if not show:
        context.invoke(init)
        _build(config, size, seed)
    try:
        click.echo(sheet.read(config.data_dir, config.base_url), nl=False)
    except FileNotFoundError as absent:
        raise ConfigError("Todavía no hay demostración aquí: corra «cuadra demo».") from absent


def _build(config: Config, size: str, seed: int) -> None:
    progress = Progress(STEPS)
    app = application()
    with app.app_context(), transaction() as session:
        _refuse_inhabited(session)
        made = build(session, seed=seed, size=size, on_progress=progress)
        # Before the commit: passwords that are nowhere written down would lock everybody out of a finished demo.
        sheet.keep(made, config.data_dir)
    progress.end()
    click.echo(f"Todo quedó también en {config.data_dir / sheet.FILE}", err=True)


def _lay_out(seed: int, municipalities: int) -> None:
    progress = Progress(STEPS)
    app = application()
    with app.app_context():
        with transaction() as session:
            _refuse_inhabited(session)
            made = country_rows.write(session, seed=seed, municipalities=municipalities, on_progress=progress)
        progress("settle", 0, 0)
        country_rows.settle(database().engine)
    progress.end()
    click.echo(f"{made:,} cuadras en {municipalities:,} municipios. Para hallarlas por su nombre: cuadra reindex.")


def _refuse_inhabited(session: Session) -> None:
    if not is_empty(session):
        raise ConfigError("Esta base de datos ya tiene unidades: la demostración solo se construye en una vacía. No se cambió nada.")
