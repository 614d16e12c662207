"""The figures of the whole municipality and of each unit directly below it.

Computed by the functions that the home page, the units' pages and the API use (coverage: ``territories.units.queries``,
kept and late: ``agendas.agreements.share``, liaisons: ``app.portal.units.liaisons``); what is only here is put beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, literal, select, union_all
from sqlalchemy.orm import Session

from agendas.agreements.share import Shares, shares_by_unit
from app.portal.units.liaisons import liaisons_of_children
from app.portal.units.queries import Tally, tallies_of
from models import Agreement, Ancestry, Assembly
from models.assembly import MET, AssemblyState
from models.territory import LevelRole
from territories.units.queries import Child, Coverage, children_of

MONTHS = 24
# Shown even when nothing happened yet.
LEAST_MONTHS = 12


@dataclass(frozen=True)
class Line:
    """One unit with its figures. ``liaisons`` is None where the number is not published; ``assemblies`` once convened, by state."""

    code: str
    name: str
    role: LevelRole
    coverage: Coverage
    shares: Shares
    tally: Tally
    liaisons: int | None
    assemblies: dict[AssemblyState, int]

    @property
    def held(self) -> int:
        return sum(self.assemblies.get(state, 0) for state in MET)


@dataclass(frozen=True)
class Month:
    """What happened in a calendar month of the municipality's zone."""

    first_day: date
    held: int = 0
    made: int = 0
    verified: int = 0


@dataclass(frozen=True)
class Figures:
    """``whole`` is None in an instance without a tree; the lines below it in the order of its page."""

    whole: Line | None
    lines: list[Line] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)


def figures(session: Session, today: date, zone: ZoneInfo) -> Figures:
    """Everything the page of figures tells; seven queries, whatever the size of the tree."""
    roots = children_of(session, None).children
    if not roots:
        return Figures(None)
    root = roots[0]
    under = children_of(session, root.id)
    # Blocks that hang from the root itself are in its figures and make no line of their own.
    parts = [child for child in under.children if child.role is not LevelRole.BLOCK]
    ids = [root.id, *(part.id for part in parts)]
    shares, tallies = shares_by_unit(session, ids, today), tallies_of(session, ids, today)
    liaisons, assemblies = liaisons_of_children(session, root.id, today), _assemblies(session, ids)

    def line(unit: Child, coverage: Coverage) -> Line:
        return Line(
            unit.code, unit.name, unit.role, coverage, shares[unit.id], tallies[unit.id],
            liaisons.get(unit.id) if unit.role not in (LevelRole.SECTION, LevelRole.BLOCK) else None, assemblies[unit.id],
        )

    return Figures(line(root, root.coverage), [line(part, part.coverage) for part in parts], _months(session, today, zone))


def _assemblies(session: Session, unit_ids: Sequence[int]) -> dict[int, dict[AssemblyState, int]]:
    """Assemblies that hang on each unit or below it, once convened, by state."""
    found: dict[int, dict[AssemblyState, int]] = {unit_id: {} for unit_id in unit_ids}
    rows = session.execute(
        select(Ancestry.ancestor_id, Assembly.state, func.count(Assembly.id))
        .join(Assembly, Assembly.unit_id == Ancestry.unit_id)
        .where(Ancestry.ancestor_id.in_(unit_ids), Assembly.convened_at.is_not(None))
        .group_by(Ancestry.ancestor_id, Assembly.state)
    )
    for unit_id, state, count in rows:
        found[unit_id][state] = count
    return found


def _months(session: Session, today: date, zone: ZoneInfo) -> list[Month]:
    """The last ``MONTHS``, the present one last, without those before anything happened; one query.

    A month begins at midnight of the municipality, which no database need know of: the moments are counted
    against the beginnings.
    """
    first_days = [
        date(number // 12, number % 12 + 1, 1)
        for last in (today.year * 12 + today.month - 1,) for number in range(last - MONTHS + 1, last + 1)
    ]
    starts = [datetime(day.year, day.month, 1, tzinfo=zone) for day in first_days]

    def counted(name: str, moment, *conditions):
        place = case(*[(moment < start, number) for number, start in enumerate(starts[1:])], else_=MONTHS - 1)
        inner = select(place.label("place")).where(moment >= starts[0], *conditions).subquery()
        return select(literal(name), inner.c.place, func.count()).group_by(inner.c.place)

    rows = session.execute(
        union_all(
            counted("held", Assembly.starts_at, Assembly.state.in_(MET)), counted("made", Agreement.created_at),
            counted("verified", Agreement.verified_at, Agreement.verified_at.is_not(None)),
        )
    )
    found: dict[int, dict[str, int]] = {}
    for name, place, count in rows:
        found.setdefault(place, {})[name] = count
    begun = min([*found, MONTHS - LEAST_MONTHS])
    return [Month(day, **found.get(place, {})) for place, day in enumerate(first_days)][begun:]
