"""Where to begin: units ranked by weighed indicators, and the first of them chosen. Saved once and never changed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Digest, LongText, PrimaryKey, enum_type
from models.territory import LevelRole


class Scale(StrEnum):
    """How the values of an indicator are made comparable with those of another."""

    RANK = "rank"
    RANGE = "range"
    DEVIATION = "deviation"


class WhenMissing(StrEnum):
    """What becomes of a unit without one of the values. It never counts as zero."""

    LEAVE_OUT = "leave_out"
    SHARE_OUT = "share_out"


class Place(StrEnum):
    """Where a unit ended: among the first, behind them, outside the conditions, or without the data to be ranked."""

    CHOSEN = "chosen"
    BEHIND = "behind"
    OUTSIDE = "outside"
    NO_DATA = "no_data"


class PrioritySelection(Base):
    """A named, dated selection. ``recipe`` says what was asked and of which data, ``sensitivity`` what moves when a weight
    does, ``digest`` is the SHA-256 of all of it with its members, as the record tells it.

    A correction is another selection; this one is only ever retired.
    """

    __tablename__ = "priority_selection"
    __table_args__ = (CheckConstraint("wanted > 0", name="wants_some"),)

    id: Mapped[PrimaryKey]
    slug: Mapped[Code] = mapped_column(unique=True)
    name_es: Mapped[str] = mapped_column(String(120))
    name_fr: Mapped[str] = mapped_column(String(120), default="")
    name_en: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[LongText] = mapped_column(default="")
    role: Mapped[LevelRole] = mapped_column(enum_type(LevelRole))
    values_on: Mapped[date]
    scale: Mapped[Scale] = mapped_column(enum_type(Scale))
    missing: Mapped[WhenMissing] = mapped_column(enum_type(WhenMissing))
    wanted: Mapped[int]
    recipe: Mapped[dict[str, Any]] = mapped_column(JSON)
    sensitivity: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    digest: Mapped[Digest]
    saved_at: Mapped[datetime]
    retired_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)


class PriorityMember(Base):
    """A unit of a selection under the name it had. ``score`` from 0 to 100 (of deviations, around 0); ``parts`` one for
    each criterion: its value, where it stands on the scale, the points it gave."""

    __tablename__ = "priority_member"
    __table_args__ = (Index("ix_priority_member_selection_id_rank", "selection_id", "rank"),)

    selection_id: Mapped[int] = mapped_column(ForeignKey("priority_selection.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(160))
    place: Mapped[Place] = mapped_column(enum_type(Place))
    rank: Mapped[int | None]
    score: Mapped[float | None]
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
