"""Splitting, merging, redrawing and retiring units: whole or nothing, dated, told, with the lineage kept.

What was made on a unit that ends stays there: assemblies, agreements, documents, bodies. Roles of the government end with
it, since nobody gave them on what comes after; slips and liaisons of neighbours go on, and reach what came out of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from shapely import MultiPolygon
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.core import clock, search
from app.core.actors import Actor
from app.core.errors import Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from models import Level, Role, Term, TerritorialUnit, UnitLineage, ledger
from models.ledger import Capacity, EventKind
from models.settings import setting
from models.territory import LevelRole, LineageKind
from territories.imports.equal_area import area_m2
from territories.layers import shapes
from territories.units import services as units
from territories.units.reshape import queries
from territories.units.reshape.plan import Act, Below, Consequences, Draft, Part

DAY = timedelta(days=1)
KINDS = {Act.SPLIT: LineageKind.SPLIT, Act.MERGE: LineageKind.MERGE}


class Outdated(Exception):
    """What was shown and confirmed is no longer what would happen: show ``now`` and ask again."""

    def __init__(self, now: Consequences):
        super().__init__("outdated")
        self.now = now


def redraw(
    session: Session, *, actor: Actor, unit: TerritorialUnit, shape: MultiPolygon, valid_from: date, reason: str, source: str = "",
    give_way: bool = False, seen: str | None = None,
) -> Consequences:
    """Give ``unit`` another boundary from a day on; what no longer lies in it hangs on the neighbour where it lies.

    ``seen``: the digest of the consequences that were confirmed. Raises Denied, Refused, Outdated.
    """
    capacity = _begin(session, actor)
    draft = queries.redraw_draft(session, unit, shape, on=valid_from, give_way=give_way)
    return _do(session, draft, capacity, reason=reason, source=source, seen=seen)


def split(
    session: Session, *, actor: Actor, unit: TerritorialUnit, parts: Sequence[Part], on: date, reason: str, source: str = "",
    chosen: Mapping[int, int] | None = None, seen: str | None = None,
) -> Consequences:
    """Make several units of one. Its children go where they lie, or (``chosen``, by id) to the part they were put in.

    Raises Denied, Refused, Outdated.
    """
    capacity = _begin(session, actor)
    draft = queries.split_draft(session, unit, parts, on=on, chosen=chosen)
    return _do(session, draft, capacity, reason=reason, source=source, seen=seen)


def merge(
    session: Session, *, actor: Actor, among: Sequence[TerritorialUnit], code: str, name: str, on: date, reason: str,
    seen: str | None = None,
) -> Consequences:
    """Make one unit of several of one level: the one of ``code`` where it is among them, else a new one.

    Raises Denied, Refused, Outdated.
    """
    capacity = _begin(session, actor)
    if len({unit.level_id for unit in among}) > 1:
        raise Refused(_("Solo se unen unidades del mismo nivel."))
    draft = queries.merge_draft(session, among, code=code, name=name, on=on)
    return _do(session, draft, capacity, reason=reason, source="", seen=seen)


def retire(
    session: Session, *, actor: Actor, unit: TerritorialUnit, on: date, below: Below, reason: str, seen: str | None = None
) -> Consequences:
    """End a unit with nothing in its place; what it holds hangs on the unit above or ends with it.

    Raises Denied, Refused, Outdated.
    """
    capacity = _begin(session, actor)
    return _do(session, queries.retire_draft(session, unit, on=on, below=below), capacity, reason=reason, source="", seen=seen)


def _begin(session: Session, actor: Actor) -> Capacity:
    capacity = authorise(actor, Permission.UNITS_RESHAPE, Thing(path=frozenset()))
    # Imports and other changes of the tree wait for one another here.
    session.execute(select(Level.id).order_by(Level.id).with_for_update()).all()
    return capacity


def _do(session: Session, draft: Draft, capacity: Capacity, *, reason: str, source: str, seen: str | None) -> Consequences:
    if draft.role is LevelRole.ROOT and draft.act is not Act.REDRAW:
        raise Refused(_("La unidad de hasta arriba no se divide, no se une y no se retira."))
    if not reason.strip():
        raise Refused(_("Diga por qué se hace el cambio."))
    today = clock.today(setting(session, "time_zone"))
    coming = queries.consequences_of(session, draft, today)
    if seen is not None and seen != coming.digest:
        raise Outdated(coming)
    if coming.problems:
        raise Refused(coming.problems[0])
    _refuse_orphaned_administration(session, coming, today)
    ids = _write_parts(session, coming, capacity, reason=reason, source=source)
    by_code = {one.code: one.id for one in coming.around.siblings} | ids
    if coming.around.parent:
        by_code[coming.around.parent.code] = coming.around.parent.id
    units.change_units(
        session, [units.UnitChange(move.child.id, parent_id=by_code[move.to]) for move in coming.moves], capacity=capacity, source="",
        valid_from=draft.on, reason=reason,
    )
    _end(session, coming)
    _relate(session, draft, ids)
    _tell(session, coming, capacity, reason)
    _end_terms(session, coming, capacity, today)
    search.refresh_units(session, [*ids.values(), *(one.id for one in coming.ended)])
    session.expire_all()
    return coming


def _write_parts(session: Session, coming: Consequences, capacity: Capacity, *, reason: str, source: str) -> dict[str, int]:
    """Units made and boundaries changed; their ids by code."""
    draft, ids = coming.draft, {}
    level = session.scalars(select(Level).where(Level.role == draft.role)).one()
    parent = session.get(TerritorialUnit, coming.around.parent.id) if coming.around.parent else None
    first = session.get(TerritorialUnit, draft.sources[0].id)
    # A colonia split in two is two colonias until somebody says otherwise; a district merged from several is nobody's kind.
    kinds = {session.get(TerritorialUnit, one.id).kind for one in draft.sources}
    source = source or first.source
    for part in draft.parts:
        if part.unit_id is None:
            made = units.add_unit(
                session, code=part.code, name=part.name.strip(), level=level, parent=parent, shape=part.shape, capacity=capacity,
                kind=kinds.copy().pop() if len(kinds) == 1 else None, area_m2=float(area_m2(part.shape)), source=source,
                valid_from=draft.on, streets=(),
            )
            ids[part.code] = made.id
        else:
            ids[part.code] = part.unit_id
    changes = [
        units.UnitChange(part.unit_id, shape=part.shape, area_m2=float(area_m2(part.shape))) for part in draft.parts if part.unit_id
    ]
    units.change_units(session, changes, capacity=capacity, source=source, valid_from=draft.on, reason=reason)
    return ids


def _end(session: Session, coming: Consequences) -> None:
    ended = [one.id for one in coming.ended]
    for start in range(0, len(ended), units.BATCH):
        session.execute(
            update(TerritorialUnit).where(TerritorialUnit.id.in_(ended[start : start + units.BATCH]))
            .values(valid_to=coming.draft.on, version=TerritorialUnit.version + 1),
            execution_options={"synchronize_session": False},
        )
    shapes.refresh(session, ended)


def _relate(session: Session, draft: Draft, ids: Mapping[str, int]) -> None:
    kind = KINDS.get(draft.act)
    if kind is None:
        return
    rows = [
        {"predecessor_id": one.id, "successor_id": ids[part.code], "kind": kind, "on_day": draft.on, "begins": part.unit_id is None}
        for one in draft.sources for part in draft.parts if one.id != ids[part.code]
    ]
    session.execute(insert(UnitLineage), rows)


def _tell(session: Session, coming: Consequences, capacity: Capacity, reason: str) -> None:
    """One event on each unit that ended or was split. A new boundary alone was told by its own."""
    draft, moment = coming.draft, clock.now()
    if draft.act is Act.REDRAW:
        return
    into, moved = [part.code for part in draft.parts], len(coming.moves)
    facts = {"on": draft.on.isoformat()}
    if draft.act is Act.SPLIT:
        told = [(EventKind.UNIT_SPLIT, one.code, {**facts, "into": into, "moved": moved}) for one in draft.sources]
    elif draft.act is Act.MERGE:
        told = [(EventKind.UNIT_MERGED, one.code, {**facts, "into": into[0]}) for one in draft.ended]
    else:
        told = [(EventKind.UNIT_RETIRED, draft.ended[0].code, {**facts, "below": str(draft.below), "moved": moved})]
        told += [(EventKind.UNIT_RETIRED, one.code, {**facts, "with": draft.ended[0].code}) for one in coming.ended[1:]]
    ledger.append_many(
        session, [ledger.Entry(kind, f"unit:{code}", data, {"reason": reason}) for kind, code, data in told], capacity=capacity,
        occurred_at=moment, recorded_at=moment,
    )


def _end_terms(session: Session, coming: Consequences, capacity: Capacity, today: date) -> None:
    """Roles of the government on what ended: their last day is the eve. One still to begin is taken back."""
    codes = {one.id: one.code for one in coming.ended}
    terms = session.scalars(select(Term).where(*queries.ending_terms(list(codes), today)).with_for_update()).all() if codes else []
    entries = []
    for term in terms:
        begun = term.starts_on <= today
        if begun:
            term.ends_on = max(term.starts_on, today - DAY)
            term.version += 1
        else:
            session.delete(term)
        data = {
            "role": str(term.role), "unit": codes[term.unit_id], "focal_point": term.focal_point, "from": term.starts_on.isoformat(),
            "to": term.ends_on.isoformat() if term.ends_on else None, **({} if begun else {"withdrawn": True}),
        }
        entries.append(ledger.Entry(EventKind.ROLE_ENDED, f"unit:{codes[term.unit_id]}", data))
    moment = clock.now()
    session.flush()
    ledger.append_many(session, entries, capacity=capacity, occurred_at=moment, recorded_at=moment)


def _refuse_orphaned_administration(session: Session, coming: Consequences, today: date) -> None:
    ended = [one.id for one in coming.ended]
    held = select(Term.id).where(*queries.ending_terms(ended, today), Term.role == Role.ADMIN).limit(1)
    if ended and session.scalar(held) is not None:
        raise Refused(_("Alguien administra el sistema con cargo en esta unidad. Dele antes su cargo en otra: nadie debe quedarse fuera."))
