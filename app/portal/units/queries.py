"""What a unit's page tells: its assemblies and its agreements, rows ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from agendas.agreements.share import is_late
from app.core.pagination import Page, keyset
from models import Agreement, Ancestry, Assembly, AssemblyBlock, Body, TerritorialUnit, Theme
from models.agreement import UNSETTLED, AgreementState
from models.assembly import MET, AssemblyState

UPCOMING = (AssemblyState.CONVENED, AssemblyState.IN_SESSION)
# An assembly that began this long ago and was not opened is no longer announced.
STILL_EXPECTED = timedelta(hours=6)


def below(unit_id: int) -> Select:
    """Ids of a unit and of all below it."""
    return select(Ancestry.unit_id).where(Ancestry.ancestor_id == unit_id)


def gathering(unit_id: int) -> ColumnElement[bool]:
    """Assemblies that hang on the unit or below it, or that gather a block of it, once convened."""
    listed = select(AssemblyBlock.assembly_id).where(AssemblyBlock.unit_id.in_(below(unit_id)))
    return and_(Assembly.convened_at.is_not(None), or_(Assembly.unit_id.in_(below(unit_id)), Assembly.id.in_(listed)))


@dataclass(frozen=True)
class Notice:
    """An assembly as a card shows it."""

    assembly: Assembly
    unit: TerritorialUnit


@dataclass(frozen=True)
class Calendar:
    upcoming: list[Notice]
    past: list[Notice]


def calendar_of(session: Session, unit_id: int | None, now: datetime, *, upcoming: int = 3, past: int = 5) -> Calendar:
    """The next assemblies of a unit (None: everywhere) and the last ones held, in one query."""
    here = gathering(unit_id) if unit_id is not None else Assembly.convened_at.is_not(None)
    coming = (
        select(Assembly.id, literal(1).label("ahead"))
        .where(here, Assembly.state.in_(UPCOMING), Assembly.starts_at >= now - STILL_EXPECTED)
        .order_by(Assembly.starts_at, Assembly.id).limit(upcoming).subquery()
    )
    gone = (
        select(Assembly.id, literal(0).label("ahead"))
        .where(here, Assembly.state.in_(MET))
        .order_by(Assembly.starts_at.desc(), Assembly.id.desc()).limit(past).subquery()
    )
    both = union_all(select(coming.c.id, coming.c.ahead), select(gone.c.id, gone.c.ahead)).subquery()
    rows = session.execute(
        select(Assembly, TerritorialUnit, both.c.ahead)
        .join(both, both.c.id == Assembly.id)
        .join(TerritorialUnit, TerritorialUnit.id == Assembly.unit_id)
        .order_by(Assembly.starts_at, Assembly.id)
    ).all()
    return Calendar(
        [Notice(assembly, unit) for assembly, unit, ahead in rows if ahead],
        [Notice(assembly, unit) for assembly, unit, ahead in reversed(rows) if not ahead],
    )


@dataclass(frozen=True)
class Tally:
    """Agreements counted by state, and how many of those owed are late."""

    by_state: dict[AgreementState, int]
    late: int

    @property
    def all(self) -> int:
        return sum(self.by_state.values())

    @property
    def owed(self) -> int:
        """Open or on hold: what late is counted among."""
        return sum(self.by_state.get(state, 0) for state in UNSETTLED)


def tally_of(session: Session, unit_id: int | None, today: date) -> Tally:
    """Agreements of a unit and all below it (None: everywhere), counted in one query."""
    if unit_id is not None:
        return tallies_of(session, [unit_id], today)[unit_id]
    rows = session.execute(select(Agreement.state, *_counted(today)).group_by(Agreement.state)).all()
    return _tally(rows)


def tallies_of(session: Session, unit_ids: Sequence[int], today: date) -> dict[int, Tally]:
    """The tallies of several units, each with all below it: one query for all of them."""
    rows = session.execute(
        select(Ancestry.ancestor_id, Agreement.state, *_counted(today))
        .join(Agreement, Agreement.unit_id == Ancestry.unit_id)
        .where(Ancestry.ancestor_id.in_(unit_ids)).group_by(Ancestry.ancestor_id, Agreement.state)
    ).all()
    return {unit_id: _tally([row[1:] for row in rows if row[0] == unit_id]) for unit_id in unit_ids}


def _counted(today: date) -> tuple[ColumnElement[int], ColumnElement[int]]:
    return func.count(Agreement.id), func.sum(case((is_late(today), 1), else_=0))


def _tally(rows: Sequence) -> Tally:
    return Tally({state: count for state, count, _late in rows}, sum(late or 0 for _s, _c, late in rows))


@dataclass(frozen=True)
class Filters:
    """What a list of agreements is narrowed to; None does not narrow."""

    state: AgreementState | None = None
    late: bool | None = None
    theme: str | None = None
    owner: str | None = None


def agreements_of(
    session: Session, unit_id: int | None, today: date, *, filters: Filters | None = None, owed_first: bool = True,
    within: Select | None = None, cursor: str | None = None, size: int = 10,
) -> Page:
    """A page of agreements, the late first and the oldest due date first; rows (Agreement, unit, owner).

    ``within`` are the ids of the units it is about, where these are not those of ``unit_id`` and below it.

    Raises BadCursor.
    """
    late = case((is_late(today), 1), else_=0)
    rank = case((is_late(today), 2), (Agreement.state.in_(UNSETTLED), 1), else_=0) if owed_first else late
    query = (
        select(Agreement, TerritorialUnit, Body)
        .join(TerritorialUnit, TerritorialUnit.id == Agreement.unit_id)
        .join(Body, Body.id == Agreement.owner_id)
    )
    if within is not None or unit_id is not None:
        query = query.where(Agreement.unit_id.in_(below(unit_id) if within is None else within))
    if filters is not None:
        query = narrowed(query, filters, today)
    page = keyset(session, query, [(rank, True, int), (Agreement.due, False, date), (Agreement.id, False, int)], cursor=cursor, size=size)
    return Page([tuple(row)[:3] for row in page.items], page.next)


def narrowed(query: Select, filters: Filters, today: date) -> Select:
    """``query`` (joined to Body as owner) with the conditions of ``filters``."""
    if filters.state is not None:
        query = query.where(Agreement.state == filters.state)
    if filters.late is not None:
        query = query.where(is_late(today) if filters.late else ~is_late(today))
    if filters.theme is not None:
        query = query.where(Agreement.theme_id.in_(select(Theme.id).where(Theme.code == filters.theme)))
    if filters.owner is not None:
        query = query.where(Body.code == filters.owner)
    return query
