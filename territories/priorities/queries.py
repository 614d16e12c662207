"""The units that a selection ranks, and the selections that were saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from models import Indicator, Level, Phase, PriorityMember, PrioritySelection, TerritorialUnit
from models.priority import Place
from models.territory import LEVEL_ORDER, LevelRole
from territories.indicators.periods import Period
from territories.indicators.queries import indicators, period_at, roles_of, values_of
from territories.priorities.ranking import Unit

# Beyond this a page of one request is no way to choose.
MOST_UNITS = 3_000
# Of what a source measures, these digits are kept: the same data come out alike from either database.
KEPT_DIGITS = 6


@dataclass(frozen=True)
class Measured:
    """An indicator as it stands at a level on a day: its ``period``, and of how many units it ``covers`` ``of`` them."""

    indicator: Indicator
    period: Period | None
    covered: int
    of: int


@dataclass(frozen=True)
class Data:
    """The units of a level with their values on a day, and what these are."""

    units: list[Unit]
    measured: list[Measured]


def levels(session: Session) -> list[Level]:
    """The levels that some indicator reaches, from the root down, without the root: it is alone there."""
    reached = {role for indicator in indicators(session) for role in roles_of(indicator)} - {LevelRole.ROOT}
    found = {level.role: level for level in session.scalars(select(Level).where(Level.role.in_(reached)))}
    return [found[role] for role in LEVEL_ORDER if role in found]


def data_of(session: Session, role: LevelRole, on: date, wanted: Iterable[Indicator]) -> Data:
    """Three queries for each indicator and one for the units."""
    level = select(Level.id).where(Level.role == role).scalar_subquery()
    rows = session.execute(
        select(TerritorialUnit.id, TerritorialUnit.code, TerritorialUnit.name)
        .where(TerritorialUnit.level_id == level, TerritorialUnit.valid_to.is_(None)).order_by(TerritorialUnit.code).limit(MOST_UNITS)
    ).all()
    values: dict[int, dict[str, float | None]] = {row.id: {} for row in rows}
    measured = []
    for indicator in wanted:
        found = values_of(session, indicator, role, on)
        for unit_id, value in found.items():
            if unit_id in values and value.value is not None:
                values[unit_id][indicator.code] = round(value.value, KEPT_DIGITS)
        covered = sum(indicator.code in known for known in values.values())
        measured.append(Measured(indicator, period_at(session, indicator, on), covered, len(rows)))
    return Data([Unit(row.id, row.code, row.name, values[row.id]) for row in rows], measured)


def outlines_of(session: Session, unit_ids: Sequence[int]) -> dict[int, bytes]:
    rows = session.execute(
        select(TerritorialUnit.id, TerritorialUnit.outline).where(TerritorialUnit.id.in_(unit_ids), TerritorialUnit.outline.is_not(None))
    )
    return {unit_id: outline for unit_id, outline in rows}


def selections() -> Select:
    """Every selection with how many it ranked and how many units there were: rows ``PrioritySelection, chosen, ranked, units``."""
    counted = (
        select(
            PriorityMember.selection_id, func.count().label("units"), func.count(PriorityMember.rank).label("ranked"),
            func.sum(case((PriorityMember.place == Place.CHOSEN, 1), else_=0)).label("chosen"),
        ).group_by(PriorityMember.selection_id).subquery()
    )
    return select(PrioritySelection, counted.c.chosen, counted.c.ranked, counted.c.units).join(
        counted, counted.c.selection_id == PrioritySelection.id
    )


def find(session: Session, slug: str) -> PrioritySelection | None:
    return session.scalar(select(PrioritySelection).where(PrioritySelection.slug == slug))


def usable(session: Session, role: LevelRole) -> list[PrioritySelection]:
    """Selections of a level that were not retired, the last first: what a phase may be made of."""
    return list(
        session.scalars(
            select(PrioritySelection).where(PrioritySelection.role == role, PrioritySelection.retired_on.is_(None))
            .order_by(PrioritySelection.saved_at.desc(), PrioritySelection.id.desc())
        )
    )


def chosen_ids(session: Session, selection_id: int) -> list[int]:
    """The units that a selection chose, by rank."""
    return list(
        session.scalars(
            select(PriorityMember.unit_id).where(PriorityMember.selection_id == selection_id, PriorityMember.place == Place.CHOSEN)
            .order_by(PriorityMember.rank)
        )
    )


_ORDER = case({Place.CHOSEN: 0, Place.BEHIND: 1, Place.NO_DATA: 2, Place.OUTSIDE: 3}, value=PriorityMember.place)


@dataclass(frozen=True)
class Member:
    """A row of a selection: what was kept, and the code and boundary the unit has now."""

    kept: PriorityMember
    code: str
    outline: bytes | None


def members_of(session: Session, selection_id: int) -> list[Member]:
    """All of a selection's units: those ranked by their rank, then those without data, then those outside; one query."""
    rows = session.execute(
        select(PriorityMember, TerritorialUnit.code, TerritorialUnit.outline)
        .join(TerritorialUnit, TerritorialUnit.id == PriorityMember.unit_id)
        .where(PriorityMember.selection_id == selection_id)
        .order_by(_ORDER, PriorityMember.rank, TerritorialUnit.code)
    )
    return [Member(*row) for row in rows]


def selections_of(session: Session, phases: Iterable[Phase]) -> dict[int, PrioritySelection]:
    """The selections that phases were made of, by their id; no query where there are none."""
    wanted = {phase.selection_id for phase in phases} - {None}
    if not wanted:
        return {}
    return {one.id: one for one in session.scalars(select(PrioritySelection).where(PrioritySelection.id.in_(wanted)))}


def phases_of(session: Session, selection_id: int) -> list[Phase]:
    """The phases of the programme whose territories came from a selection."""
    return list(session.scalars(select(Phase).where(Phase.selection_id == selection_id).order_by(Phase.starts_on, Phase.id)))
