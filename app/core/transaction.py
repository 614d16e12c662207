"""The unit of work: a POST opens one transaction, a GET reads and cannot write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from flask import Flask, current_app, g
from sqlalchemy import Connection, Engine, event, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from app.core import db
from app.core.replica import Replica
from models.operations import DataVersion
from models.settings import for_reading


class ReadOnly(RuntimeError):
    """A read session was about to write: a GET never changes anything (DOMAIN.md 10)."""


class ReadSession(Session):
    pass


@event.listens_for(ReadSession, "before_flush")
def _refuse(session: Session, _context, _instances) -> None:
    if session.new or session.deleted or any(session.is_modified(row) for row in session.dirty):
        raise ReadOnly("a read session cannot write; open transaction()")


@dataclass(frozen=True)
class Database:
    """The engines of one application. ``reader`` may be a replica; only anonymous GETs use it."""

    engine: Engine
    reader: Engine
    write: sessionmaker[Session]
    read: sessionmaker[ReadSession]
    replica: sessionmaker[ReadSession]
    watch: Replica | None = None

    @classmethod
    def open(cls, url: str, read_url: str | None) -> Database:
        engine = db.make_engine(url)
        reader = db.make_engine(read_url, connect_timeout=2) if read_url else engine
        return cls(
            engine, reader,
            sessionmaker(engine, expire_on_commit=False),
            sessionmaker(db.read_only(engine), class_=ReadSession, expire_on_commit=False, info=for_reading()),
            sessionmaker(db.read_only(reader), class_=ReadSession, expire_on_commit=False, info=for_reading()),
            Replica(engine, reader) if read_url else None,
        )

    @cached_property
    def single(self) -> Engine:
        """For statements that stand alone. Made once: to make it costs as much as to ask."""
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def dispose(self) -> None:
        self.engine.dispose()
        self.reader.dispose()


def init_database(app: Flask, database: Database) -> None:
    app.extensions["database"] = database

    @app.teardown_appcontext
    def _close(_error: BaseException | None) -> None:
        session = g.pop("read_session", None)
        if session is not None:
            session.close()


def database() -> Database:
    return current_app.extensions["database"]


def read_session() -> Session:
    """The read session of this request, opened at first use and closed at its end."""
    if "read_session" not in g:
        watch = database().watch
        g.reads_replica = watch is not None and g.get("anonymous_read", False) and watch.fresh()
        g.read_session = database().replica() if g.reads_replica else database().read()
    return g.read_session


@contextmanager
def single_read() -> Iterator[Connection | None]:
    """A connection for one statement that reads: nothing is sent before it or after it, where a read session begins and
    ends a transaction. None where there is no such thing: the embedded database, and a replica to be looked after."""
    here = database()
    if here.watch is not None or here.engine.dialect.name != "postgresql":
        yield None
        return
    with here.single.connect() as connection:
        yield connection


def leave_replica(wrong: SQLAlchemyError) -> bool:
    """Read the primary for the rest of this request; False when it already did, so that asking again would change nothing."""
    if not g.get("reads_replica", False):
        return False
    database().watch.lost(wrong)
    g.anonymous_read = g.reads_replica = False
    g.pop("read_session").close()
    return True


@contextmanager
def transaction(*, quiet: bool = False) -> Iterator[Session]:
    """One transaction: commits at the end, rolls back whatever is raised. Not nestable, because an
    inner commit would publish half of the outer work.

    ``quiet``: it changes nothing that any page shows (a lease, a count of tries), so that pages made
    before are still good.
    """
    if "write_session" in g:
        raise RuntimeError("a transaction is already open: pass its session on")
    if "read_session" in g:
        # Give its connection back (rows read stay usable): a request holding two would empty the pool
        # under sixteen simultaneous writes, each waiting for the other's second connection.
        g.read_session.commit()
    session = database().write()
    g.write_session = session
    try:
        with session.begin():
            yield session
            if not quiet:
                session.flush()
                # Last of all: whoever holds this row waits for no other.
                session.execute(update(DataVersion).values(number=DataVersion.number + 1))
    finally:
        g.pop("write_session", None)
        session.close()
