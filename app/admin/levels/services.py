"""The names of the levels: their roles are fixed, what they are called is the municipality's."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import clock
from app.core.actors import Actor
from app.core.permissions import Permission, Thing, authorise
from models import Level, ledger
from models.ledger import EventKind


def rename(session: Session, *, actor: Actor, level: Level, names: tuple[str, str, str]) -> None:
    """Call a level otherwise, in Spanish, French and English. Raises Denied."""
    capacity = authorise(actor, Permission.SETTING_CHANGE, Thing(path=frozenset()))
    was = level.name_es
    level.name_es, level.name_fr, level.name_en = names
    level.version += 1
    session.flush()
    moment = clock.now()
    ledger.append(
        session, EventKind.LEVEL_RENAMED, object=f"level:{level.role}", capacity=capacity, occurred_at=moment, recorded_at=moment,
        data={"from": was, "to": level.name_es},
    )
