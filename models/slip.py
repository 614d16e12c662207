"""Slips: secret codes printed for an assembly, each a neighbour's voice without an account."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Digest, PrimaryKey
from models.territory import TerritorialUnit


class SlipBatch(Base):
    """Slips issued together. The codes stay readable, encrypted, only until they are printed.

    ``spent``: of a voided batch, how many of its slips had spoken. Their voices stay, so nobody gets others
    in their place.
    """

    __tablename__ = "slip_batch"

    id: Mapped[PrimaryKey]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), index=True)
    count: Mapped[int]
    issued_at: Mapped[datetime]
    codes_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    voided_at: Mapped[datetime | None]
    spent: Mapped[int] = mapped_column(default=0)


class Slip(Base):
    """One slip: the keyed hash of its code and the unit it serves, for a term. No name, ever."""

    __tablename__ = "slip"
    __table_args__ = (UniqueConstraint("batch_id", "serial"),)

    id: Mapped[PrimaryKey]
    batch_id: Mapped[int] = mapped_column(ForeignKey("slip_batch.id"))
    serial: Mapped[int]
    code_hash: Mapped[Digest] = mapped_column(unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"))
    valid_until: Mapped[date]

    batch: Mapped[SlipBatch] = relationship(lazy="raise")
    unit: Mapped[TerritorialUnit] = relationship(lazy="raise")
