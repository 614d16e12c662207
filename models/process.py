"""The planning process of each territory, stage by stage, and the phases in which territories were taken in."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, LongText, PrimaryKey, enum_type


class ProcessStage(StrEnum):
    """How far a territory's process has come (001-12), in order; a process may skip some (001-10)."""

    FIRST_CONTACT = "first_contact"
    GENERAL_DIAGNOSTIC = "general_diagnostic"
    PARTICIPATORY_DIAGNOSTIC = "participatory_diagnostic"
    PROPOSALS = "proposals"
    PRELIMINARY_AGENDA = "preliminary_agenda"
    APPROVED = "approved"
    FOLLOW_UP = "follow_up"
    EVALUATION = "evaluation"


STAGE_ORDER = tuple(ProcessStage)


class ProcessStep(Base):
    """A territory reached a stage on a day. The furthest one recorded is where its process stands."""

    __tablename__ = "process_step"
    __table_args__ = (UniqueConstraint("unit_id", "stage"),)

    id: Mapped[PrimaryKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"))
    stage: Mapped[ProcessStage] = mapped_column(enum_type(ProcessStage), index=True)
    reached_on: Mapped[date]
    recorded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Phase(Base):
    """A time-bounded part of the whole programme and why its territories were chosen (001-03, 001-41).

    ``selection_id``: the saved selection they were taken from, where there is one.
    """

    __tablename__ = "phase"
    __table_args__ = (CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),)

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name_es: Mapped[str] = mapped_column(String(80))
    name_fr: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    criteria: Mapped[LongText] = mapped_column(default="")
    selection_id: Mapped[int | None] = mapped_column(ForeignKey("priority_selection.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)


class PhaseUnit(Base):
    """A territory chosen for a phase."""

    __tablename__ = "phase_unit"

    phase_id: Mapped[int] = mapped_column(ForeignKey("phase.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), primary_key=True, index=True)
