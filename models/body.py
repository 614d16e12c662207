"""Whoever can owe or answer for something: areas of three governments, and community bodies."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, PrimaryKey, enum_type


class GovernmentLevel(StrEnum):
    BOROUGH = "borough"
    CITY = "city"
    FEDERAL = "federal"
    COMMUNITY = "community"


class BodyKind(StrEnum):
    AREA = "area"
    COLLECTIVE = "collective"
    COMMISSION = "commission"
    TABLE = "table"


class Body(Base):
    """An area of government, a collective, a commission or a working table (Popolo Organization)."""

    __tablename__ = "body"

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(160))
    level: Mapped[GovernmentLevel] = mapped_column(enum_type(GovernmentLevel))
    kind: Mapped[BodyKind] = mapped_column(enum_type(BodyKind))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("territorial_unit.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def is_community(self) -> bool:
        return self.level is GovernmentLevel.COMMUNITY
