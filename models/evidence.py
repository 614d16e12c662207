"""Photos and documents behind a report or an objection."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, PrimaryKey, Title, enum_type


class Moderation(StrEnum):
    """``held`` waits for a look, ``visible`` is shown, ``hidden`` shows its reason instead."""

    HELD = "held"
    VISIBLE = "visible"
    HIDDEN = "hidden"


class Evidence(Base):
    """A file kept by content hash outside the web root, tied to the event it supports."""

    __tablename__ = "evidence"

    id: Mapped[PrimaryKey]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), index=True)
    event_seq: Mapped[int | None] = mapped_column(ForeignKey("event.seq"), index=True)
    sha256: Mapped[Digest] = mapped_column(index=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    title: Mapped[Title]
    moderation: Mapped[Moderation] = mapped_column(enum_type(Moderation), default=Moderation.VISIBLE)
    hidden_reason: Mapped[str | None] = mapped_column(String(300))
    hidden_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    added_at: Mapped[datetime]
