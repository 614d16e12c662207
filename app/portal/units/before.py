"""What a unit has from those it came out of: it stays where it was made and is found from here, marked so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.portal.units.queries import Notice, agreements_of
from models import Ancestry, Assembly, TerritorialUnit
from models.assembly import AssemblyState
from models.territory import kin_of
from territories.units.history import Lineage, lineage_of
from territories.units.queries import Place

SHOWN = 5
TOLD = (AssemblyState.CONVENED, AssemblyState.IN_SESSION, AssemblyState.HELD, AssemblyState.CLOSED)


@dataclass(frozen=True)
class Before:
    """The next of kin, and what was made on those that are no more: the first of each. ``agreements`` are rows
    (Agreement, unit, owner)."""

    lineage: Lineage = Lineage()
    agreements: tuple = ()
    more: bool = False
    assemblies: tuple[Notice, ...] = ()


def forebears(session: Session, place: Place) -> frozenset[int]:
    """The ids of the units that are no more out of which this one came, however long ago; none without a query."""
    return kin_of(session, [place.unit.id], heirs=False) if place.has_kin else frozenset()


def within(place: Place, before: frozenset[int]) -> Select:
    """Ids of a unit, of those it came out of, and of all below them."""
    return select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_([place.unit.id, *before]))


def before_of(session: Session, place: Place, today: date) -> Before:
    """No query for a unit without kin, five for one that came out of others."""
    if not place.has_kin:
        return Before()
    lineage, old = lineage_of(session, place.unit.id), forebears(session, place)
    if not old:
        return Before(lineage)
    there = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(old))
    page = agreements_of(session, None, today, within=there, size=SHOWN)
    return Before(lineage, tuple(page.items), page.next is not None, _assemblies(session, there))


def _assemblies(session: Session, there: Select) -> tuple[Notice, ...]:
    rows = session.execute(
        select(Assembly, TerritorialUnit).join(TerritorialUnit, TerritorialUnit.id == Assembly.unit_id)
        .where(Assembly.unit_id.in_(there), Assembly.state.in_(TOLD)).order_by(Assembly.starts_at.desc(), Assembly.id.desc()).limit(SHOWN)
    )
    return tuple(Notice(*row) for row in rows)
