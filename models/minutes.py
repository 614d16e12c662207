"""The sealed record of an assembly and what was added to it afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Digest, LongText, PrimaryKey


class Minutes(Base):
    """``content`` is everything the page and the PDF print, frozen when sealed; ``digest`` is the SHA-256
    of its RFC 8785 form; ``head`` is the sealing entry itself (``SEQ:HASH``), printed on the PDF: a head
    before it would let the sealing be rewritten without contradicting the paper."""

    __tablename__ = "minutes"

    id: Mapped[PrimaryKey]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), unique=True)
    content: Mapped[Any] = mapped_column(JSON)
    digest: Mapped[Digest]
    head: Mapped[str] = mapped_column(String(90))
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    sealed_at: Mapped[datetime]

    addenda: Mapped[list[Addendum]] = relationship(order_by="Addendum.id", lazy="raise")


class Addendum(Base):
    __tablename__ = "addendum"

    id: Mapped[PrimaryKey]
    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id"), index=True)
    text: Mapped[LongText]
    added_at: Mapped[datetime]
    event_seq: Mapped[int] = mapped_column(ForeignKey("event.seq"))
