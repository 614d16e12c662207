"""Engines for the two databases, and the one SQLite library of this process.

Importing this module swaps the standard library's SQLite for pysqlite3. Two SQLite libraries on
one file in one process drop each other's locks: another process then writes inside an open
transaction and its committed row is lost. So nothing else may import the standard one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from select import POLLIN, poll

import pysqlite3
import pysqlite3.dbapi2 as dbapi

sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = dbapi
os.environ.setdefault("SPATIALITE_LIBRARY_PATH", "mod_spatialite")

from geoalchemy2.admin.dialects.sqlite import init_spatialite, load_spatialite_driver  # noqa: E402
from sqlalchemy import Engine, create_engine, event, text  # noqa: E402
from sqlalchemy.engine import make_url  # noqa: E402
from sqlalchemy.exc import DisconnectionError  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

# WGS 84, Web Mercator (of tiles), Mexico ITRF2008 / LCC, UTM 13N to 16N: what the municipality's projected CRS may be.
SPATIAL_REFERENCES = (4326, 3857, 6372, 32613, 32614, 32615, 32616)


def make_engine(url: str, *, connect_timeout: int = 5) -> Engine:
    """An engine for ``sqlite:///path`` (SpatiaLite) or ``postgresql+psycopg://…`` (PostGIS).

    On SQLite every transaction begins IMMEDIATE unless the connection carries the execution option
    ``read_only``: with a deferred begin, four writers lose a third of their updates to "locked".
    What a failed statement was given stays out of its message, which the log keeps: it may be a name or a slip.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(
        parsed, pool_size=5, max_overflow=10, hide_parameters=True,
        connect_args={"connect_timeout": connect_timeout, "options": "-c timezone=utc -c lock_timeout=15000"},
    )
    event.listen(engine, "checkout", _refuse_hung_up)
    return engine


def _refuse_hung_up(connection, _record, _proxy) -> None:
    """A connection that the server ended while nobody used it is replaced by a new one. Its end lies in the socket, waiting
    to be read, as nothing else does between two transactions: to ask the server (SQLAlchemy's pre-ping) would find out no
    more, and costs as long as the one question a kept page needs."""
    waiting = poll()
    waiting.register(connection.fileno(), POLLIN)
    if waiting.poll(0):
        raise DisconnectionError


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, module=dbapi, connect_args={"timeout": 15}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(connection, _record) -> None:
        connection.isolation_level = None
        load_spatialite_driver(connection)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection) -> None:
        read_only = connection.get_execution_options().get("read_only")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def read_only(engine: Engine) -> Engine:
    """The same pool, whose transactions take no write lock and may not write."""
    options: dict = {"read_only": True}
    if engine.dialect.name == "postgresql":
        options["postgresql_readonly"] = True
    return engine.execution_options(**options)


def one_moment(session: Session) -> None:
    """Let a read session that has read nothing yet see one state of the database for all it reads.

    SQLite's transactions always do; PostgreSQL's would see what is committed between two statements.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def prepare_spatial(engine: Engine) -> None:
    """Make the spatial metadata an empty database needs; harmless on one that has it."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        return
    if engine.url.database and engine.url.database != ":memory:":
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    raw = engine.raw_connection()
    try:
        connection = raw.driver_connection
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'spatial_ref_sys'").fetchone():
            init_spatialite(connection, transaction=True, init_mode="EMPTY")
            for srid in SPATIAL_REFERENCES:
                connection.execute("SELECT InsertEpsgSrid(?)", (srid,))
    finally:
        raw.close()
