"""``cuadra demo``: an invented borough with its year of assemblies, for whoever wants to look around."""

from __future__ import annotations

import click

from app.cli.demo import sheet
from app.cli.demo.build import build, is_empty
from app.cli.operations import application, init
from app.cli.progress import Progress
from app.config import Config, ConfigError
from app.core.transaction import transaction

STEPS = {"draw": "Dibujo del territorio", "found": "Fundación", "live": "Asambleas y acuerdos", "write": "Escritura", "index": "Buscador"}


@click.command()
@click.option("--size", type=click.Choice(["small", "full"]), default="full", show_default=True, help="Cuánto territorio.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="La misma semilla da el mismo municipio.")
@click.option("--show", is_flag=True, help="Solo vuelve a mostrar la dirección, las cuentas y los enlaces.")
@click.pass_context
def demo(context: click.Context, size: str, seed: int, show: bool) -> None:
    """Construye un municipio inventado en la base configurada, que debe estar vacía."""
    config = Config.from_environ()
    if config.environment == "production":
        raise ConfigError("La demostración no se construye en producción: ponga CUADRA_ENV=demo y otra base de datos.")
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
        if not is_empty(session):
            raise ConfigError("Esta base de datos ya tiene unidades: la demostración solo se construye en una vacía. No se cambió nada.")
        made = build(session, seed=seed, size=size, on_progress=progress)
        # Before the commit: passwords that are nowhere written down would lock everybody out of a finished demo.
        sheet.keep(made, config.data_dir)
    progress.end()
    click.echo(f"Todo quedó también en {config.data_dir / sheet.FILE}", err=True)
