"""Commands for those who change the code."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
from alembic import command

from app.core import db, migrations


@click.command("make-migration")
@click.argument("message")
def make_migration(message: str) -> None:
    """Escribe la migración que lleva del esquema actual al de los modelos."""
    script_folder = migrations.alembic_config()
    number = len(list(Path(script_folder.get_main_option("script_location")).glob("versions/[0-9]*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        engine = db.make_engine(f"sqlite:///{folder}/empty.sqlite")
        migrations.upgrade(engine)
        with engine.begin() as connection:
            script_folder.attributes["connection"] = connection
            command.revision(script_folder, message=message, autogenerate=True, rev_id=f"{number:04d}")
        engine.dispose()
