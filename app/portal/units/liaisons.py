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


def liaisons_of(session: Session, place: Place, day: date) -> int | None:
    """Liaisons in force on ``day`` in a unit and below, or None where the count is not published; one query."""
    if place.is_small:
        return None
    path = [*place.above, place]
    sibling = aliased(TerritorialUnit)
    in_force = and_(
        Liaison.unit_id == Ancestry.unit_id, Liaison.starts_on <= day, (Liaison.ends_on.is_(None)) | (Liaison.ends_on >= day)
    )
    rows = session.execute(
        select(sibling.id, sibling.parent_id, func.count(Liaison.id))
        .join(Ancestry, Ancestry.ancestor_id == sibling.id)
        .outerjoin(Liaison, in_force)
        .where((sibling.id == path[0].unit.id) | sibling.parent_id.in_([step.unit.id for step in place.above]))
        .group_by(sibling.id, sibling.parent_id)
        .order_by(sibling.id)
    ).all()
    families: dict[int | None, list[tuple[int, int]]] = {}
    for unit_id, parent_id, count in rows:
        families.setdefault(parent_id, []).append((unit_id, count))
    return published([(step.unit.id, families[step.unit.parent_id]) for step in path])
