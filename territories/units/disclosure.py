"""How many liaisons a unit may show without pointing at anybody (DOMAIN.md 7).

Counts are published from the territory up. A count under 5 is hidden, and enough of its siblings with
it that subtracting from the parent's count tells nothing; below a hidden unit everything is hidden,
because its parts would add up to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from models import Ancestry, Liaison, TerritorialUnit
from territories.units.queries import Place

SMALLEST_SHOWN = 5


def hidden_siblings(counts: Mapping[int, int]) -> frozenset[int]:
    """Which of the children of one published unit hide their count: those from 1 to 4 and, while what is
    hidden adds up to too little or to a single unit, the next smallest ones."""
    hidden = {unit for unit, count in counts.items() if 0 < count < SMALLEST_SHOWN}
    shown = sorted((count, unit) for unit, count in counts.items() if count >= SMALLEST_SHOWN)
    while hidden and shown and (len(hidden) < 2 or sum(counts[unit] for unit in hidden) < 2 * SMALLEST_SHOWN):
        hidden.add(shown.pop(0)[1])
    return frozenset(hidden)


def published(levels: Sequence[tuple[int, Mapping[int, int]]]) -> int | None:
    """The count of the last unit of a path, or None when it is hidden.

    ``levels`` holds, from the root down, the unit's id and the counts of all children of its parent.
    """
    count = None
    for unit_id, counts in levels:
        if unit_id in hidden_siblings(counts):
            return None
        count = counts.get(unit_id, 0)
    return count


def liaisons_of(session: Session, place: Place, day) -> int | None:
    """Liaisons in force on ``day`` in a unit, or None where the count is not published; one query."""
    if place.is_small:
        return None
    path = [*place.above, place]
    sibling = aliased(TerritorialUnit)
    rows = session.execute(
        select(sibling.id, sibling.parent_id, func.count(Liaison.id))
        .join(Ancestry, Ancestry.ancestor_id == sibling.id)
        .join(Liaison, Liaison.unit_id == Ancestry.unit_id)
        .where(
            (sibling.id == path[0].unit.id) | sibling.parent_id.in_([step.unit.id for step in place.above]),
            Liaison.starts_on <= day, (Liaison.ends_on.is_(None)) | (Liaison.ends_on >= day),
        )
        .group_by(sibling.id, sibling.parent_id)
    ).all()
    families: dict[int | None, dict[int, int]] = {}
    for unit_id, parent_id, count in rows:
        families.setdefault(parent_id, {})[unit_id] = count
    return published([(step.unit.id, families.get(step.unit.parent_id, {})) for step in path])
