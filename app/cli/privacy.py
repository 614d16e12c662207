"""Commands about people's data: erase what is due, hand over what is kept of a person."""

from __future__ import annotations

import json

import click

from app.admin.privacy import purge as purging
from app.cli.operations import application
from app.core.transaction import read_session


@click.command()
@click.option("--dry-run", is_flag=True, help="Solo dice qué borraría.")
@click.option("--json", "as_json", is_flag=True, help="El resultado para programas.")
def purge(dry_run: bool, as_json: bool) -> None:
    """Borra los datos personales cuyo plazo terminó. El libro conserva cuántos, nunca cuáles."""
    app = application()
    with app.app_context():
        found = purging.due(read_session()) if dry_run else purging.purge()
    if as_json:
        erased = 0 if dry_run else sum(one.count for one in found)
        click.echo(json.dumps({"dry_run": dry_run, "erased": erased, "rules": [one.as_json() for one in found]}))
        return
    for one in found:
        since = f"  (el más antiguo: {one.oldest:%Y-%m-%d})" if one.oldest else ""
        click.echo(f"{one.count:>7,}  {one.rule.key}: {one.rule.words}{since}")
    total = sum(one.count for one in found)
    click.echo(f"Se borrarían {total:,}; no se borró nada." if dry_run else f"Se borraron {total:,}.", err=True)
