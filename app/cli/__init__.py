"""The ``cuadra`` command. Exit 0: done; 1: findings; 2: usage or configuration.

Results go to standard output, messages and progress to standard error.
"""

from __future__ import annotations

import sys

import click

from app.cli.backups.commands import backup, restore
from app.cli.backups.drill import restore_drill
from app.cli.demo.command import demo
from app.cli.development import make_migration
from app.cli.doctor import doctor
from app.cli.imports import import_units
from app.cli.intake import KINDS, command_for
from app.cli.operations import init, recount, reindex, serve, verify_ledger, worker
from app.cli.privacy import person, purge
from app.cli.releases import release
from app.cli.users import user
from app.config import ConfigError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cuadra() -> None:
    """Cuadra: asambleas vecinales, acuerdos y su cumplimiento."""


for command in (
    init, demo, serve, worker, doctor, verify_ledger, recount, reindex, import_units, backup, restore, restore_drill, make_migration,
    release, user, purge, person,
):
    cuadra.add_command(command)
for kind in KINDS:
    cuadra.add_command(command_for(kind))


def main() -> None:
    try:
        cuadra.main(standalone_mode=False)
    except ConfigError as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(2)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        click.echo("Interrumpido.", err=True)
        sys.exit(1)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
