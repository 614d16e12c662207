"""Neighbours who volunteer for a block, in one or more fields."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, PrimaryKey, enum_type
from models.settings import notice_in_force


class Field(StrEnum):
    PEACE = "peace_wellbeing"
    HEALTH = "health"
    CIVIL_PROTECTION = "civil_protection"
    WOMEN = "women"
    YOUTH = "youth"
    CHILDREN = "children"
    OLDER_PEOPLE = "older_people"


class Liaison(Base):
    """A volunteer of a block for a term. ``name_encrypted`` opens only with the data key."""

    __tablename__ = "liaison"
    # Counts of who is in force read the index alone, past the encrypted names.
    __table_args__ = (Index("ix_liaison_unit_term", "unit_id", "starts_on", "ends_on"),)

    id: Mapped[PrimaryKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    name_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    trained_on: Mapped[date | None]
    notice_number: Mapped[int | None] = mapped_column(default=notice_in_force())

    fields: Mapped[list[LiaisonField]] = relationship(lazy="raise", cascade="all, delete-orphan")

    def in_force(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class LiaisonField(Base):
    __tablename__ = "liaison_field"

    liaison_id: Mapped[int] = mapped_column(ForeignKey("liaison.id"), primary_key=True)
    field: Mapped[Field] = mapped_column(enum_type(Field), primary_key=True)
