"""The levels of the tree with how many units each has."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Level, TerritorialUnit


def levels(session: Session) -> list[tuple[Level, int]]:
    """Every level from the root down, with its units in force; one query."""
    units = (
        select(func.count(TerritorialUnit.id)).where(TerritorialUnit.level_id == Level.id, TerritorialUnit.valid_to.is_(None))
        .correlate(Level).scalar_subquery()
    )
    rows = session.execute(select(Level, units)).all()
    return sorted(((level, count) for level, count in rows), key=lambda row: row[0].depth)
