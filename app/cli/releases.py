"""The command that freezes the open data of a month."""

from __future__ import annotations

import json

import click

from app.cli.operations import application
from app.portal.open_data import releases


@click.command()
@click.option("--month", metavar="YYYY-MM", default=None, help="El mes que termina, o el presente; sin decirlo, el que terminó al último.")
@click.option("--json", "as_json", is_flag=True, help="El resultado para programas.")
def release(month: str | None, as_json: bool) -> None:
    """Congela los datos abiertos de un mes. Repetirlo no cambia nada."""
    if month is not None and not releases.MONTH.fullmatch(month):
        raise click.BadParameter("escríbalo como 2026-03", param_hint="--month")
    app = application()
    # Addresses are made as a page would make them.
    with app.test_request_context(base_url=app.extensions["config"].base_url):
        try:
            made, now = releases.freeze(month)
        except releases.WrongMonth as wrong:
            raise click.BadParameter(f"solo puede congelarse {wrong}: otro mes llevaría datos de hoy", param_hint="--month") from wrong
    if as_json:
        told = {"month": made.month, "written": now, "seq": made.event.seq, "head": made.head, "files": made.event.data["files"]}
        click.echo(json.dumps(told))
    else:
        for name, file in made.files.items():
            click.echo(f"{file.sha256}  {name}")
    click.echo(f"{made.month}: {'congelado' if now else 'ya estaba congelado; no cambió nada'}. Asiento {made.event.seq}.", err=True)
