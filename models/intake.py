"""Tables brought in from elsewhere: each import, the columns once matched, and which row became what."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, PrimaryKey, enum_type


class RunState(StrEnum):
    """Who has the ball: ``uploaded`` waits for a person; ``queued`` and ``running`` for the worker, which may take it
    up again after a restart."""

    UPLOADED = "uploaded"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


class ImportRun(Base):
    """One file somebody brought, what they said of it and how far it is.

    ``sha256`` is that of the file as given; ``stored_as`` that of its copy, of tables an encrypted one, which is erased
    when the run ends: files of people hold names. Neither ``options`` nor ``plan`` nor ``result`` ever holds one.
    ``step`` is what it waits for: reading, columns, planning, preview, writing. ``version`` grows with each.
    """

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_started_by_created_at", "started_by", "created_at"),)

    id: Mapped[PrimaryKey]
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[RunState] = mapped_column(enum_type(RunState), default=RunState.UPLOADED)
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[Digest]
    stored_as: Mapped[str | None] = mapped_column(String(64))
    companion_as: Mapped[str | None] = mapped_column(String(64))
    options: Mapped[Any] = mapped_column(JSON)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    step: Mapped[str] = mapped_column(String(20), default="")
    plan: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    result: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[str] = mapped_column(String(500), default="")
    capacity: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    language: Mapped[str] = mapped_column(String(2), default="es", server_default="es")
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class ImportRow(Base):
    """What an import would do with one row of its file, or with a thing that the file leaves out (``row`` None).

    ``told`` is encrypted JSON, ``{"key", "name", "says"}``: rows of people hold names. ``outline`` is WKB in EPSG:4326,
    only of boundaries: as it would be, or as it is where nothing changes.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        Index("ix_import_row_run_id_id", "run_id", "id"), Index("ix_import_row_run_id_outcome_id", "run_id", "outcome", "id"),
    )

    id: Mapped[PrimaryKey]
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"))
    row: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(12))
    repaired: Mapped[bool] = mapped_column(default=False)
    ambiguous: Mapped[bool] = mapped_column(default=False)
    told: Mapped[bytes] = mapped_column(LargeBinary)
    outline: Mapped[bytes | None] = mapped_column(LargeBinary)


class ColumnMapping(Base):
    """How the columns of such a file were matched the last time one was written.

    ``fingerprint``: SHA-256 of the folded headers in their order.
    """

    __tablename__ = "column_mapping"
    __table_args__ = (UniqueConstraint("kind", "fingerprint"),)

    id: Mapped[PrimaryKey]
    kind: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[Digest]
    mapping: Mapped[Any] = mapped_column(JSON)
    constants: Mapped[Any] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(80))
    updated_at: Mapped[datetime]


class ExternalKey(Base):
    """What a row of somebody else's list became here, so that bringing it again adds nothing.

    ``digest`` is a keyed hash of what the row said: the row of a person would be guessed from a plain one.
    ``object_id`` is the row's id in the table of its kind.
    """

    __tablename__ = "external_key"
    __table_args__ = (
        UniqueConstraint("source", "kind", "external_id"),
        Index("ix_external_key_kind_object_id", "kind", "object_id"),
    )

    id: Mapped[PrimaryKey]
    source: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(200))
    object_id: Mapped[int]
    digest: Mapped[Digest]
    seen_at: Mapped[datetime]
