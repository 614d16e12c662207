"""Where each territory's process stands, how it came there, and the phases it was chosen for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, String, Subquery, case, cast, func, select
from sqlalchemy.orm import Session

from models import Level, Phase, PhaseUnit, ProcessStep, TerritorialUnit
from models.process import STAGE_ORDER, ProcessStage
from models.territory import LevelRole

_RANK = case({stage: rank for rank, stage in enumerate(STAGE_ORDER, 1)}, value=ProcessStep.stage)


@dataclass(frozen=True)
class Standing:
    """A stage a territory has reached and since when; ``rank`` is 1 to 8."""

    stage: ProcessStage
    rank: int
    since: date


def standings() -> Subquery:
    """For each territory with a recorded stage: ``unit_id``, ``stage``, ``rank`` (1 to 8), ``since``. One row each.

    Outer join it to list, filter or sort territories by where their process stands.
    """
    place = func.row_number().over(partition_by=ProcessStep.unit_id, order_by=_RANK.desc())
    steps = select(
        ProcessStep.unit_id, ProcessStep.stage, _RANK.label("rank"), ProcessStep.reached_on.label("since"), place.label("place")
    ).subquery()
    return select(steps.c.unit_id, steps.c.stage, steps.c.rank, steps.c.since).where(steps.c.place == 1).subquery("standing")


def standing_of(session: Session, unit_ids: Iterable[int]) -> dict[int, Standing]:
    """Where the processes of these territories stand, by unit id, in one query; those not begun are absent."""
    found = standings()
    rows = session.execute(select(found).where(found.c.unit_id.in_(list(unit_ids))))
    return {unit_id: Standing(stage, rank, since) for unit_id, stage, rank, since in rows}


def reached_text(unit_id: ColumnElement[int]) -> ColumnElement[str | None]:
    """The stages a unit has reached as one text, for :func:`reached`: a page that reads its unit anyway asks for
    nothing more."""
    step = cast(ProcessStep.stage, String) + "@" + cast(ProcessStep.reached_on, String)
    return select(func.aggregate_strings(step, " ")).where(ProcessStep.unit_id == unit_id).scalar_subquery()


def reached(text: str | None) -> tuple[Standing, ...]:
    """What :func:`reached_text` told, in the order of the process."""
    told = (one.split("@") for one in (text or "").split())
    steps = [(ProcessStage(stage), date.fromisoformat(day)) for stage, day in told]
    return tuple(sorted((Standing(stage, STAGE_ORDER.index(stage) + 1, day) for stage, day in steps), key=lambda one: one.rank))


def steps_of(session: Session, unit_id: int) -> list[ProcessStep]:
    """The stages a territory has reached, in the order of the process."""
    return list(session.scalars(select(ProcessStep).where(ProcessStep.unit_id == unit_id).order_by(_RANK)))


def phases(session: Session) -> list[tuple[Phase, int]]:
    """Every phase with how many territories were chosen for it, the earliest first."""
    chosen = select(PhaseUnit.phase_id, func.count().label("units")).group_by(PhaseUnit.phase_id).subquery()
    rows = session.execute(
        select(Phase, func.coalesce(chosen.c.units, 0))
        .outerjoin(chosen, chosen.c.phase_id == Phase.id).order_by(Phase.starts_on, Phase.id)
    )
    return [(phase, units) for phase, units in rows]


def phases_of(session: Session, unit_id: int) -> list[Phase]:
    """The phases a territory was chosen for, the earliest first."""
    chosen = select(PhaseUnit.phase_id).where(PhaseUnit.unit_id == unit_id)
    return list(session.scalars(select(Phase).where(Phase.id.in_(chosen)).order_by(Phase.starts_on, Phase.id)))


def stage_counts(session: Session) -> dict[ProcessStage | None, int]:
    """How many territories stand at each stage; None counts those whose process has not begun."""
    found = standings()
    rows = session.execute(
        select(found.c.stage, func.count(TerritorialUnit.id))
        .select_from(TerritorialUnit)
        .join(Level, Level.id == TerritorialUnit.level_id)
        .outerjoin(found, found.c.unit_id == TerritorialUnit.id)
        .where(Level.role == LevelRole.TERRITORY, TerritorialUnit.valid_to.is_(None))
        .group_by(found.c.stage)
    )
    return {stage: count for stage, count in rows}
