"""What an agreement about security or violence may tell of where it was made (DOMAIN.md 7, docs/adr/0009).

Such an agreement hangs on its territory and nothing public names its assembly: a gathering of three
blocks says as much as a block. Staff who hold the assembly still see both.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Agreement, Ancestry, Problem, TerritorialUnit, Theme
from models.assembly import Item
from models.discretion import discreet
from models.ledger import Capacity

__all__ = ["as_told", "discreet", "hides", "is_discreet"]


def is_discreet(session: Session, theme: Theme, item: Item | None) -> bool:
    """Whether an agreement of ``theme`` born from ``item`` is: by its theme, or because all that was raised
    on the item is of sensitive themes."""
    if theme.sensitive or item is None:
        return theme.sensitive
    found = session.scalars(
        select(Theme.sensitive).join(Problem, Problem.theme_id == Theme.id).where(Problem.item_id == item.id).distinct()
    ).all()
    return bool(found) and all(found)


def hides(session: Session, agreement: Agreement) -> bool:
    """Whether the agreement is discreet; one query."""
    return session.scalar(select(Agreement.id).where(Agreement.id == agreement.id, discreet())) is not None


def as_told(session: Session, capacity: Capacity, unit_id: int) -> Capacity:
    """``capacity`` as the chain may tell it about a discreet agreement of ``unit_id``: whoever acts from
    below that unit acts from the unit."""
    if capacity.unit is None:
        return capacity
    above = dict(
        session.execute(
            select(TerritorialUnit.code, Ancestry.depth).join(Ancestry, Ancestry.ancestor_id == TerritorialUnit.id)
            .where(Ancestry.unit_id == unit_id)
        ).all()
    )
    own = next((code for code, depth in above.items() if depth == 0), None)
    return capacity if capacity.unit in above else replace(capacity, unit=own)
