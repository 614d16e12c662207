"""What keeps writes safe: answers already given, jobs to run, attempts counted, forms set aside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, PrimaryKey


class IdempotencyKey(Base):
    """The answer given to a write, kept 30 days, unique per (actor or slip, key)."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("actor_key", "key"),)

    id: Mapped[PrimaryKey]
    actor_key: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(36))
    body_digest: Mapped[Digest]
    status: Mapped[int]
    answer: Mapped[Any] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(index=True)


class OutboxJob(Base):
    """Work to do after the commit, written inside it. A lease that runs out frees the job."""

    __tablename__ = "outbox_job"
    __table_args__ = (Index("ix_outbox_job_due", "done_at", "run_after"),)

    id: Mapped[PrimaryKey]
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[Any] = mapped_column(JSON)
    created_at: Mapped[datetime]
    run_after: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(500), default="")


class DataVersion(Base):
    """One row, counted up by every transaction that may change what people read: two pages made at the
    same number from the same address are the same page."""

    __tablename__ = "data_version"

    id: Mapped[PrimaryKey]
    number: Mapped[int]


class RateWindow(Base):
    """How often something was tried in a window, shared by all workers."""

    __tablename__ = "rate_window"

    bucket: Mapped[str] = mapped_column(String(120), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class Stash(Base):
    """A form somebody sent after the session had ended, encrypted, until it is sent again.

    ``owner`` is the keyed hash of the account whose session had ended or, where none is known, of
    a nonce in that browser's cookie: nobody else gets it back.
    """

    __tablename__ = "stash"

    id: Mapped[PrimaryKey]
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    owner: Mapped[Digest]
    path: Mapped[str] = mapped_column(String(300))
    data_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(index=True)
