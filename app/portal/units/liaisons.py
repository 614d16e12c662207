"""How many liaisons a unit may show without pointing at anybody (DOMAIN.md 7).

Counts are published from the territory up, by the same rule as headcounts, the siblings of a unit
being the cells. Below a unit whose count is hidden everything is hidden: its parts would add up to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from assemblies.meetings.queries import suppressed
from models import Ancestry, Level, Liaison, TerritorialUnit
from models.territory import LevelRole
from territories.units.queries import Place


def published(families: Sequence[tuple[int, Sequence[tuple[int, int]]]]) -> int | None:
    """The count of the last unit of a path, or None when it is hidden.

    ``families`` holds, from the root down, a unit's id and the (id, count) of every child of its parent
    in an order that does not depend on the counts.
    """
    count = None
    for unit_id, family in families:
        margin = suppressed([one for one, _people in family], [people for _one, people in family])
        count = dict(margin.cells).get(unit_id)
        if count is None:
            return None
    return count


def liaisons_of_children(session: Session, root_id: int, day: date) -> dict[int, int | None]:
    """The counts of the tree's root and of each unit directly below it, as their own pages give them; one query."""
    rows = _counts(session, [root_id], root_id, day)
    above = [(unit_id, count) for unit_id, parent_id, count, _role in rows if unit_id == root_id]
    family = [(unit_id, count) for unit_id, parent_id, count, _role in rows if parent_id == root_id]
    found = {root_id: published([(root_id, above)])}
    return found | {unit_id: published([(root_id, above), (unit_id, family)]) for unit_id, _count in family}


def liaisons_of_territories(session: Session, day: date) -> dict[int, int]:
    """The counts of all territories that may show theirs, as their own pages give them; one query."""
    unit = TerritorialUnit
    upper = select(unit.id).join(Level, Level.id == unit.level_id).where(Level.role.in_((LevelRole.ROOT, LevelRole.OFFICE)))
    rows = _counts(session, upper, None, day)
    families: dict[int | None, list[tuple[int, int]]] = {}
    for unit_id, parent_id, count, _role in rows:
        families.setdefault(parent_id, []).append((unit_id, count))
    parents = {unit_id: parent_id for unit_id, parent_id, _count, _role in rows}
    found = {}
    for territory_id in [unit_id for unit_id, _parent, _count, role in rows if role is LevelRole.TERRITORY]:
        path, step = [], territory_id
        while step is not None:
            path.append((step, families[parents[step]]))
            step = parents[step]
        count = published(path[::-1])
        if count is not None:
            found[territory_id] = count
    return found


def liaisons_of(session: Session, place: Place, day: date) -> int | None:
    """Liaisons in force on ``day`` in a unit and below, or None where the count is not published; one query."""
    if place.is_small:
        return None
    path = [*place.above, place]
    rows = _counts(session, [step.unit.id for step in place.above], path[0].unit.id, day)
    families: dict[int | None, list[tuple[int, int]]] = {}
    for unit_id, parent_id, count, _role in rows:
        families.setdefault(parent_id, []).append((unit_id, count))
    return published([(step.unit.id, families[step.unit.parent_id]) for step in path])


def _counts(session: Session, parent_ids: Sequence[int] | Select, root_id: int | None, day: date) -> Sequence:
    """(id, parent, liaisons in force, role) of the root (None: of every root) and of every child of the parents, by id."""
    sibling = aliased(TerritorialUnit)
    in_force = and_(
        Liaison.unit_id == Ancestry.unit_id, Liaison.starts_on <= day, (Liaison.ends_on.is_(None)) | (Liaison.ends_on >= day)
    )
    root = sibling.parent_id.is_(None) if root_id is None else sibling.id == root_id
    return session.execute(
        select(sibling.id, sibling.parent_id, func.count(Liaison.id), Level.role)
        .join(Ancestry, Ancestry.ancestor_id == sibling.id)
        .join(Level, Level.id == sibling.level_id)
        .outerjoin(Liaison, in_force)
        .where(root | sibling.parent_id.in_(parent_ids))
        .group_by(sibling.id, sibling.parent_id, Level.role)
        .order_by(sibling.id)
    ).all()
