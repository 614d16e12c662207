"""What a change of units rests on, read: the units themselves, what lies around, what hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from shapely import MultiPolygon
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.core import clock
from app.core.spatial.boxes import near
from app.core.spatial.shapes import wkb_of
from models import (
    Agreement,
    Ancestry,
    Assembly,
    Body,
    Document,
    Level,
    Liaison,
    PastBoundary,
    PhaseUnit,
    ProcessStep,
    Role,
    Slip,
    SlipBatch,
    Term,
    TerritorialUnit,
    User,
)
from models.agreement import UNSETTLED
from models.assembly import MET, AssemblyState
from models.people import STAFF
from models.settings import setting
from models.territory import LevelRole
from territories.imports.choosing import join
from territories.units.reshape.plan import Act, Around, Below, Consequences, Draft, Ground, Part, foresee

AHEAD = (AssemblyState.DRAFT, AssemblyState.CONVENED, AssemblyState.IN_SESSION)
AT_ONCE = 500
# Degrees: about 20 m, the width of a street between two blocks.
NEARLY = 0.0002


class NotThere(LookupError):
    """No unit in force has that code; ``str(error)`` is the code."""


def grounds(session: Session, *conditions: ColumnElement[bool]) -> tuple[Ground, ...]:
    """Units in force with their shapes, by name."""
    unit = TerritorialUnit
    rows = session.execute(
        select(unit.id, unit.code, unit.name, unit.version, unit.parent_id, unit.valid_from, wkb_of(unit.geom))
        .where(unit.valid_to.is_(None), *conditions).order_by(unit.name, unit.id)
    )
    return tuple(Ground(*row[:6], shapely.from_wkb(bytes(row[6])) if row[6] is not None else None) for row in rows)


def in_force(session: Session, code: str) -> tuple[TerritorialUnit, LevelRole] | None:
    """The unit with that code, whatever its case, and the role of its level; None unless it is in force."""
    row = session.execute(
        select(TerritorialUnit, Level.role).join(Level, Level.id == TerritorialUnit.level_id)
        .where(TerritorialUnit.code_key == code.strip().lower(), TerritorialUnit.valid_to.is_(None))
    ).one_or_none()
    return (row[0], row[1]) if row else None


def neighbours_of(session: Session, unit: TerritorialUnit, own: Ground) -> list[Ground]:
    """Units of its level whose border touches or nearly touches its own, by name."""
    if own.shape is None:
        return []
    near_ones = _siblings(session, unit.level_id, [unit.id], own.shape.buffer(NEARLY).bounds)
    return [one for one in near_ones if one.shape is not None and shapely.dwithin(one.shape, own.shape, NEARLY)]


def levels(session: Session) -> list[Level]:
    return list(session.scalars(select(Level)))


def outline(session: Session, unit_id: int) -> bytes | None:
    """The boundary of a unit for a drawn map."""
    return session.scalar(select(TerritorialUnit.outline).where(TerritorialUnit.id == unit_id))


def boundaries(session: Session, unit_id: int) -> list[tuple[date, date, str]]:
    """The boundaries a unit had before: from when, until when, from where; the latest first."""
    past = PastBoundary
    rows = session.execute(
        select(past.valid_from, past.valid_to, past.source).where(past.unit_id == unit_id).order_by(past.valid_to.desc(), past.id.desc())
    )
    return [tuple(row) for row in rows]


def units_to_reshape() -> Select:
    """Rows (TerritorialUnit, Level, name of the unit above) of every unit, for a list."""
    parent = aliased(TerritorialUnit)
    return (
        select(TerritorialUnit, Level, parent.name.label("above"))
        .join(Level, Level.id == TerritorialUnit.level_id).outerjoin(parent, parent.id == TerritorialUnit.parent_id)
    )


def redraw_draft(session: Session, unit: TerritorialUnit, shape: MultiPolygon, *, on: date, give_way: bool = False) -> Draft:
    """``unit`` with another boundary. With ``give_way`` its neighbours leave it the ground that it takes."""
    role = session.scalar(select(Level.role).where(Level.id == unit.level_id))
    (own,) = grounds(session, TerritorialUnit.id == unit.id)
    sources, parts = [own], [Part(own.code, own.name, shape, own.id)]
    if give_way:
        for one in _siblings(session, unit.level_id, [own.id], shape.bounds):
            if one.shape is None or shapely.area(shapely.intersection(one.shape, shape)) <= 0:
                continue
            left = shapely.difference(one.shape, shape)
            kept = [piece for piece in shapely.get_parts(left) if piece.geom_type == "Polygon"]
            if kept and shapely.area(left) < shapely.area(one.shape):
                sources.append(one)
                parts.append(Part(one.code, one.name, join(kept), one.id))
    return Draft(Act.REDRAW, role, tuple(sources), tuple(parts), (), on)


def split_draft(
    session: Session, unit: TerritorialUnit, parts: Sequence[Part], *, on: date, chosen: Mapping[int, int] | None = None
) -> Draft:
    """``unit`` in several. A part with its code goes on being it; the others are new, and without such a part it ends."""
    role = session.scalar(select(Level.role).where(Level.id == unit.level_id))
    (own,) = grounds(session, TerritorialUnit.id == unit.id)
    named = tuple(
        Part(own.code, own.name, part.shape, own.id) if part.code.casefold() == own.code.casefold() else part for part in parts
    )
    ended = () if any(part.unit_id == own.id for part in named) else (own,)
    return Draft(Act.SPLIT, role, (own,), named, ended, on, dict(chosen or {}))


def merge_draft(session: Session, units: Sequence[TerritorialUnit], *, code: str, name: str, on: date) -> Draft:
    """``units`` as one. With the code of one of them, that one takes the others in; else a new one is made."""
    role = session.scalar(select(Level.role).where(Level.id == units[0].level_id))
    found = grounds(session, TerritorialUnit.id.in_([unit.id for unit in units]))
    shapes = [one.shape for one in found if one.shape is not None]
    if not shapes:
        raise NotThere(units[0].code)
    kept = next((one for one in found if one.code.casefold() == code.casefold()), None)
    part = Part(kept.code if kept else code, kept.name if kept else name, join(shapes), kept.id if kept else None)
    return Draft(Act.MERGE, role, found, (part,), tuple(one for one in found if one is not kept), on)


def retire_draft(session: Session, unit: TerritorialUnit, *, on: date, below: Below) -> Draft:
    """``unit`` no more, with nothing in its place."""
    role = session.scalar(select(Level.role).where(Level.id == unit.level_id))
    own = grounds(session, TerritorialUnit.id == unit.id)
    return Draft(Act.RETIRE, role, own, (), own, on, below=below)


def consequences(
    session: Session, unit: TerritorialUnit, shape: MultiPolygon, *, on: date | None = None, give_way: bool = False
) -> Consequences:
    """What giving ``unit`` this boundary from a day on (None: today) would do; nothing is written."""
    today = clock.today(setting(session, "time_zone"))
    return consequences_of(session, redraw_draft(session, unit, shape, on=on or today, give_way=give_way), today)


def consequences_of(session: Session, draft: Draft, today: date) -> Consequences:
    """What ``draft`` would do; nothing is written."""
    return foresee(draft, _around(session, draft), today)


def _around(session: Session, draft: Draft) -> Around:
    ids = [ground.id for ground in draft.sources]
    level_id = session.scalar(select(TerritorialUnit.level_id).where(TerritorialUnit.id == ids[0]))
    parents = [ground.parent_id for ground in draft.sources if ground.parent_id is not None]
    # Units of several places merged hang where the largest of them did.
    largest = max(draft.sources, key=lambda one: shapely.area(one.shape) if one.shape is not None else 0)
    above = grounds(session, TerritorialUnit.id == largest.parent_id) if parents else ()
    shapes = [part.shape for part in draft.parts]
    siblings = _siblings(session, level_id, ids, shapely.total_bounds(shapes)) if shapes else ()
    children = grounds(session, TerritorialUnit.parent_id.in_(ids))
    codes = {part.code.lower() for part in draft.parts if part.unit_id is None}
    taken = session.scalars(select(TerritorialUnit.code_key).where(TerritorialUnit.code_key.in_(codes))).all() if codes else ()
    deeper = ()
    if draft.below is Below.RETIRE:
        under = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(ids), Ancestry.depth > 1)
        deeper = grounds(session, TerritorialUnit.id.in_(under))
    return Around(above[0] if above else None, siblings, children, frozenset(taken), deeper)


def _siblings(session: Session, level_id: int, ids: Sequence[int], bounds) -> tuple[Ground, ...]:
    unit = TerritorialUnit
    return grounds(session, unit.level_id == level_id, unit.id.not_in(ids), near(session, unit.geom, tuple(float(side) for side in bounds)))


@dataclass(frozen=True)
class Holder:
    """Somebody with a role on a unit that would end."""

    role: Role
    name: str
    unit: str


@dataclass(frozen=True)
class Hanging:
    """What hangs on units that would end: how many of each, and the roles, by name, that end with them."""

    assemblies: int = 0
    ahead: int = 0
    agreements: int = 0
    open: int = 0
    liaisons: int = 0
    slips: int = 0
    bodies: int = 0
    documents: int = 0
    steps: int = 0
    phases: int = 0
    holders: tuple[Holder, ...] = ()

    def __bool__(self) -> bool:
        return any(vars(self).values())


def hanging_on(session: Session, unit_ids: Iterable[int], today: date) -> Hanging:
    """What hangs on these units themselves; two queries for each 500."""
    ids, counted, holders = sorted(unit_ids), [0] * 10, []
    for start in range(0, len(ids), AT_ONCE):
        here = ids[start : start + AT_ONCE]
        row = session.execute(select(*_counts(here, today))).one()
        counted = [have + more for have, more in zip(counted, row, strict=True)]
        holders += session.execute(
            select(Term.role, User.name, TerritorialUnit.code)
            .join(User, User.id == Term.user_id).join(TerritorialUnit, TerritorialUnit.id == Term.unit_id)
            .where(*ending_terms(here, today)).order_by(Term.role, User.name)
        ).all()
    return Hanging(*counted, tuple(Holder(*row) for row in holders))


def ending_terms(unit_ids: Sequence[int], today: date) -> tuple[ColumnElement[bool], ...]:
    """Roles of the government held on these units, in force or still to begin. Neighbours keep theirs."""
    return (Term.unit_id.in_(unit_ids), Term.role.in_(STAFF), or_(Term.ends_on.is_(None), Term.ends_on >= today))


def _counts(ids: Sequence[int], today: date) -> list[ColumnElement[int]]:
    void = exists().where(SlipBatch.id == Slip.batch_id, SlipBatch.voided_at.is_not(None))
    asked = (
        (Assembly, Assembly.state.in_(MET)), (Assembly, Assembly.state.in_(AHEAD)), (Agreement, True),
        (Agreement, Agreement.state.in_(UNSETTLED)),
        (Liaison, and_(Liaison.starts_on <= today, or_(Liaison.ends_on.is_(None), Liaison.ends_on >= today))),
        (Slip, and_(Slip.valid_until >= today, ~void)), (Body, Body.active), (Document, Document.withdrawn_at.is_(None)),
        (ProcessStep, True), (PhaseUnit, True),
    )  # fmt: skip
    return [
        select(func.count()).select_from(model).where(model.unit_id.in_(ids), condition).scalar_subquery() for model, condition in asked
    ]
