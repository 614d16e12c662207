"""Bring a database to the schema this code expects, and say whether it is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import models
from app.core import queue
from app.core.db import prepare_spatial


def alembic_config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(models.__file__).parent / "migrations"))
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate to ``revision``; an empty database gets its spatial metadata first."""
    prepare_spatial(engine)
    config = alembic_config()
    with _remaking(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    queue.prepare(engine)


def downgrade(engine: Engine, revision: str) -> None:
    config = alembic_config()
    with _remaking(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


@contextmanager
def _remaking(engine: Engine) -> Iterator[Connection]:
    """A transaction in which SQLite lets a table be made anew under rows that point to it, and at whose end
    every one of them must point somewhere again (https://sqlite.org/lang_altertable.html, section 7)."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        # Inside a transaction the pragma does nothing, so it goes past SQLAlchemy, which would begin one.
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
                if lost:
                    raise RuntimeError(f"the migration leaves rows that point nowhere: {[tuple(row) for row in lost]}")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def is_current(engine: Engine) -> bool:
    """Whether the database is at the newest revision."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory.from_config(alembic_config()).get_current_head()
