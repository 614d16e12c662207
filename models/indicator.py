"""Indicators: what is measured of each unit, the values brought in, and names once settled by a person."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Digest, PrimaryKey, enum_type
from models.territory import LevelRole


class Aggregation(StrEnum):
    """How the value of a unit is made of those of the units in it. ``none``: it is not made at all."""

    SUM = "sum"
    AREA_MEAN = "area_mean"
    POPULATION_MEAN = "population_mean"
    NONE = "none"


class Direction(StrEnum):
    HIGHER = "higher_better"
    LOWER = "lower_better"
    NEITHER = "neither"


class Frequency(StrEnum):
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    DAY = "day"


class Indicator(Base):
    """One thing measured of every unit of one level, and added up from there as ``aggregation`` says.

    ``weights_id``: the indicator whose values weigh a mean by population (None: the population each unit is registered
    with). ``sensitive``: it tells of security or violence, so that it never goes below the territory (DOMAIN.md 7) and
    a count under five is not shown.
    """

    __tablename__ = "indicator"
    __table_args__ = (
        CheckConstraint("NOT sensitive OR role IN ('root', 'office', 'territory')", name="sensitive_from_territory"),
        CheckConstraint("decimals BETWEEN 0 AND 6", name="few_decimals"),
        CheckConstraint("weights_id <> id", name="not_its_own_weights"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name_es: Mapped[str] = mapped_column(String(120))
    name_fr: Mapped[str] = mapped_column(String(120), default="")
    name_en: Mapped[str] = mapped_column(String(120), default="")
    definition_es: Mapped[str] = mapped_column(Text, default="")
    definition_fr: Mapped[str] = mapped_column(Text, default="")
    definition_en: Mapped[str] = mapped_column(Text, default="")
    measure_es: Mapped[str] = mapped_column(String(60), default="")
    measure_fr: Mapped[str] = mapped_column(String(60), default="")
    measure_en: Mapped[str] = mapped_column(String(60), default="")
    source: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[LevelRole] = mapped_column(enum_type(LevelRole))
    frequency: Mapped[Frequency] = mapped_column(enum_type(Frequency))
    direction: Mapped[Direction] = mapped_column(enum_type(Direction), default=Direction.NEITHER)
    aggregation: Mapped[Aggregation] = mapped_column(enum_type(Aggregation), default=Aggregation.NONE)
    weights_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id"), index=True)
    decimals: Mapped[int] = mapped_column(default=0)
    sensitive: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class IndicatorValue(Base):
    """The value of a unit in a period, both days counted. A unit without a row has no data, which is never zero.

    ``denominator`` weighs the value in a mean where the source gives one; ``origin`` is the SHA-256 of the file it came
    in, under which the record tells of the import.
    """

    __tablename__ = "indicator_value"
    __table_args__ = (
        UniqueConstraint("indicator_id", "starts_on", "unit_id"),
        CheckConstraint("ends_on >= starts_on", name="period_in_order"),
        Index("ix_indicator_value_unit_id_indicator_id", "unit_id", "indicator_id", "starts_on"),
    )

    id: Mapped[PrimaryKey]
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    value: Mapped[float]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    origin: Mapped[Digest] = mapped_column(default="")


class NameDecision(Base):
    """What a person said a name of a source stands for: a unit, or none of ours (``unit_id`` None).

    ``name`` and ``context`` (the borough the source gives, "" for none) are folded.
    """

    __tablename__ = "name_decision"
    __table_args__ = (UniqueConstraint("source", "context", "name"),)

    id: Mapped[PrimaryKey]
    source: Mapped[str] = mapped_column(String(80))
    context: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("territorial_unit.id"), index=True)
    decided_at: Mapped[datetime]
