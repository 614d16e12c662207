"""How many liaisons a unit may show without pointing at anybody (DOMAIN.md 7).

Counts are published from the territory up, by the same rule as headcounts, the siblings of a unit
being the cells. Below a unit whose count is hidden everything is hidden: its parts would add up to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from assemblies.meetings.queries import suppressed
from models import Ancestry, Liaison, TerritorialUnit
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
    above = [(unit_id, count) for unit_id, parent_id, count in rows if unit_id == root_id]
    family = [(unit_id, count) for unit_id, parent_id, count in rows if parent_id == root_id]
    found = {root_id: published([(root_id, above)])}
    return found | {unit_id: published([(root_id, above), (unit_id, family)]) for unit_id, _count in family}


def liaisons_of(session: Session, place: Place, day: date) -> int | None:
    """Liaisons in force on ``day`` in a unit and below, or None where the count is not published; one query."""
    if place.is_small:
        return None
    path = [*place.above, place]
    rows = _counts(session, [step.unit.id for step in place.above], path[0].unit.id, day)
    families: dict[int | None, list[tuple[int, int]]] = {}
    for unit_id, parent_id, count in rows:
        families.setdefault(parent_id, []).append((unit_id, count))
    return published([(step.unit.id, families[step.unit.parent_id]) for step in path])


def _counts(session: Session, parent_ids: Sequence[int], root_id: int, day: date) -> Sequence:
    """(id, parent, liaisons in force) of the root and of every child of the parents, by id."""
    sibling = aliased(TerritorialUnit)
    in_force = and_(
        Liaison.unit_id == Ancestry.unit_id, Liaison.starts_on <= day, (Liaison.ends_on.is_(None)) | (Liaison.ends_on >= day)
    )
    return session.execute(
        select(sibling.id, sibling.parent_id, func.count(Liaison.id))
        .join(Ancestry, Ancestry.ancestor_id == sibling.id)
        .outerjoin(Liaison, in_force)
        .where((sibling.id == root_id) | sibling.parent_id.in_(parent_ids))
        .group_by(sibling.id, sibling.parent_id)
        .order_by(sibling.id)
    ).all()
