"""Copying the database of either engine while others write to it, and putting a copy back."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select, text

from app.cli.backups import postgresql
from app.cli.backups.manifest import Snapshot
from app.config import ConfigError
from app.core import db
from models import Base
from models.ledger import GENESIS

FILES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
ENGINES = {"sqlite": "spatialite", "postgresql": "postgis"}
# What PostGIS puts beside our tables; it is no sign of an instance.
NOT_OURS = {"spatial_ref_sys"}
NO_HEAD = f"0:{GENESIS}"


def copy(url: str, to: Path) -> Snapshot:
    """Copy the database at ``url`` as it is at one moment into the new file ``to``; says what it held then. Raises ConfigError."""
    engine = db.make_engine(url)
    try:
        if engine.dialect.name == "sqlite":
            return _copy_embedded(engine, to)
        with engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            seen = measure(connection)
            postgresql.dump(connection, url, to)
            os.chmod(to, 0o600)
            return seen
    finally:
        engine.dispose()


def _copy_embedded(engine: Engine, to: Path) -> Snapshot:
    # The online backup of the same SQLite library, in one step: it reads one state while others go on writing.
    # Copying the file instead would miss what is still in the write-ahead log.
    os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    raw = engine.raw_connection()
    try:
        with closing(db.dbapi.connect(str(to))) as target:
            raw.driver_connection.backup(target)
            # One file and no log beside it, or whoever copies the file later leaves half behind.
            target.execute("PRAGMA journal_mode=DELETE")
            sound = target.execute("PRAGMA quick_check(1)").fetchone()[0]
    finally:
        raw.close()
    if sound != "ok":
        raise ConfigError(f"La copia de la base no está sana ({sound}): revise el disco y corra «cuadra doctor».")
    copied = db.make_engine(f"sqlite:///{to}")
    try:
        with copied.connect() as connection:
            seen = measure(connection)
        with closing(copied.raw_connection()) as settled:
            settled.driver_connection.execute("PRAGMA journal_mode=DELETE")
    finally:
        copied.dispose()
    return seen


def measure(connection: Connection) -> Snapshot:
    """What the database holds, as ``connection`` sees it."""
    present = set(inspect(connection).get_table_names())
    tables = sorted((table for table in Base.metadata.tables.values() if table.name in present), key=lambda table: table.name)
    counts = {table.name: connection.scalar(select(func.count()).select_from(table)) for table in tables}
    head = connection.execute(text("SELECT seq, hash FROM ledger_head")).first() if "ledger_head" in present else None
    embedded = connection.dialect.name == "sqlite"
    versions = "SELECT spatialite_version()" if embedded else "SELECT postgis_lib_version()"
    made_by = "SpatiaLite" if embedded else f"PostgreSQL {postgresql.server_version(connection)}, PostGIS"
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return Snapshot(counts, f"{head.seq}:{head.hash}" if head else NO_HEAD, revision, f"{made_by} {connection.scalar(text(versions))}")


def is_empty(url: str) -> bool:
    """Whether nothing of ours or of anybody's is in the database at ``url``."""
    engine = db.make_engine(url)
    try:
        if engine.dialect.name == "sqlite":
            path = Path(engine.url.database)
            return not path.exists() or path.stat().st_size == 0
        with engine.connect() as connection:
            return not set(inspect(connection).get_table_names()) - NOT_OURS
    finally:
        engine.dispose()


def load(archive: Path, url: str) -> Snapshot:
    """Put ``archive`` in place of what the database at ``url`` holds, whole or not at all; says what it holds now."""
    engine = db.make_engine(url)
    try:
        if engine.dialect.name == "sqlite":
            target = Path(engine.url.database)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
            # Through SQLite and not by renaming: a log left beside the old file would be replayed into the new one.
            with closing(engine.raw_connection()) as raw, closing(db.dbapi.connect(f"file:{archive}?mode=ro", uri=True)) as source:
                try:
                    source.backup(raw.driver_connection)
                except db.dbapi.DatabaseError as wrong:
                    raise ConfigError(f"No se restauró nada: {wrong}.") from wrong
            engine.dispose()
        else:
            with engine.connect() as connection:
                major = postgresql.server_version(connection)
            db.prepare_spatial(engine)
            postgresql.load(archive, url, major=major)
        with engine.connect() as connection:
            return measure(connection)
    finally:
        engine.dispose()
