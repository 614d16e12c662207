"""What the tree was on a day, and which units came out of which.

A day is compared as the boundaries are dated: from a day, to the day (not included) of the next. ``valid_from`` dates a
boundary and not the unit: an office brings today boundaries of units that were always there. So before the oldest
boundary known of a unit that one is shown, and only a unit that came out of others has a day it began.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, ScalarSelect, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from models.territory import Ancestry, LineageKind, PastBoundary, PastParent, TerritorialUnit, UnitLineage


def existed_on(on: date, unit: Any = TerritorialUnit) -> ColumnElement[bool]:
    """Whether ``unit`` (the class or an alias of it) was in force on the day."""
    birth = aliased(UnitLineage)
    later = exists().where(birth.successor_id == unit.id, birth.begins, birth.on_day > on).correlate(unit)
    return and_(or_(unit.valid_to.is_(None), unit.valid_to > on), ~later)


def boundary_on(on: date, unit: Any = TerritorialUnit) -> ColumnElement:
    """The boundary ``unit`` had on the day, EPSG:4326; of one that is no more, the last it had.

    A geometry as ``TerritorialUnit.geom`` is: of a day that no boundary was changed after, it is that column's value.
    """
    return func.coalesce(_then("geom", on, unit), unit.geom, type_=TerritorialUnit.__table__.c.geom.type)


def source_on(on: date, unit: Any = TerritorialUnit) -> ColumnElement[str]:
    """Where the boundary came from that ``unit`` had on the day."""
    return func.coalesce(_then("source", on, unit), unit.source)


def _then(name: str, on: date, unit: Any) -> ScalarSelect:
    """What the boundary of the day, where it was changed since, has in the column ``name``."""
    past = aliased(PastBoundary)
    return (
        select(getattr(past, name)).where(past.unit_id == unit.id, past.valid_to > on).order_by(past.valid_to, past.id).limit(1)
        .correlate(unit).scalar_subquery()
    )


def parent_on(on: date, unit: Any = TerritorialUnit) -> ColumnElement[int]:
    """The id of the unit that ``unit`` hung on."""
    past = aliased(PastParent)
    then = (
        select(past.parent_id).where(past.unit_id == unit.id, past.valid_to > on).order_by(past.valid_to, past.id).limit(1)
        .correlate(unit).scalar_subquery()
    )
    return func.coalesce(then, unit.parent_id)


def ancestry_on(session: Session, on: date) -> FromClause:
    """What ``Ancestry`` was on the day: ``unit_id``, ``ancestor_id``, ``depth``, of the units in force then.

    ``Ancestry`` itself where nothing was moved or begun since, nor anything ever retired; else the parents of the day,
    followed up.
    """
    if on >= _last_change(session):
        return Ancestry.__table__.alias()
    then = select(TerritorialUnit.id.label("unit_id"), parent_on(on).label("parent_id")).where(existed_on(on)).cte("then")
    path = select(then.c.unit_id, then.c.unit_id.label("ancestor_id"), literal(0).label("depth")).cte("path", recursive=True)
    step = aliased(then)
    path = path.union_all(
        select(path.c.unit_id, step.c.parent_id, path.c.depth + 1).join(step, step.c.unit_id == path.c.ancestor_id)
        .where(step.c.parent_id.is_not(None))
    )
    return path.alias()


def _last_change(session: Session) -> date:
    """The day since which the tree is as it is now; the last day there is where units were ever retired. Asked once by
    whoever only reads."""
    known = session.info.get("last_change") if session.info.get("reads_only") else None
    if known is None:
        moved = select(func.max(PastParent.valid_to)).scalar_subquery()
        begun = select(func.max(UnitLineage.on_day)).where(UnitLineage.begins).scalar_subquery()
        ended = exists().where(TerritorialUnit.valid_to.is_not(None))
        *days, retired = session.execute(select(moved, begun, ended)).one()
        known = date.max if retired else max((day for day in days if day is not None), default=date.min)
        session.info["last_change"] = known
    return known


def closure_on(on: date) -> FromClause:
    """``unit_id`` and ``ancestor_id`` of the day, out of the closure of today and the units moved since.

    For statements that cannot ask first whether anything moved, and read few rows of it. :func:`ancestry_on` is exact; this
    takes a unit to have moved once since, and none above it to have moved too.
    """
    own, under, moved = aliased(Ancestry), aliased(Ancestry), aliased(PastParent)
    left = exists().where(
        under.unit_id == own.unit_id, under.depth < own.depth, moved.unit_id == under.ancestor_id, moved.valid_to > on
    )
    still = select(own.unit_id, own.ancestor_id).where(~left)
    old, below, gone = aliased(Ancestry), aliased(Ancestry), aliased(PastParent)
    before = (
        select(below.unit_id, old.ancestor_id).join(gone, gone.unit_id == below.ancestor_id)
        .join(old, old.unit_id == gone.parent_id).where(gone.valid_to > on)
    )
    return still.union_all(before).subquery("closure_then")


@dataclass(frozen=True)
class Kin:
    """A unit that another came out of, or that came out of it, and when. ``ended_on`` where it is no more."""

    id: int
    code: str
    name: str
    kind: LineageKind
    on_day: date
    ended_on: date | None


@dataclass(frozen=True)
class Lineage:
    """The units that one came out of and those that came out of it, one step each way, by day."""

    predecessors: tuple[Kin, ...] = ()
    successors: tuple[Kin, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.predecessors or self.successors)


def lineage_of(session: Session, unit_id: int) -> Lineage:
    """One step each way; one query."""
    kin = aliased(TerritorialUnit)
    rows = session.execute(
        select(UnitLineage.successor_id, kin.id, kin.code, kin.name, UnitLineage.kind, UnitLineage.on_day, kin.valid_to)
        .join(kin, or_(
            and_(UnitLineage.successor_id == unit_id, kin.id == UnitLineage.predecessor_id),
            and_(UnitLineage.predecessor_id == unit_id, kin.id == UnitLineage.successor_id),
        ))
        .order_by(UnitLineage.on_day, kin.name, kin.id)
    ).all()
    return Lineage(
        tuple(Kin(*row[1:]) for row in rows if row.successor_id == unit_id),
        tuple(Kin(*row[1:]) for row in rows if row.successor_id != unit_id),
    )


def predecessors(session: Session, unit_id: int) -> tuple[Kin, ...]:
    """The units it came out of, the earliest first."""
    return lineage_of(session, unit_id).predecessors


def successors(session: Session, unit_id: int) -> tuple[Kin, ...]:
    """The units that came out of it, the earliest first."""
    return lineage_of(session, unit_id).successors
