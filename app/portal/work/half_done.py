"""Forms that were set aside when a session ended and have not been sent since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import g
from sqlalchemy.orm import Session

from app.core import stash
from app.core.actors import Actor
from app.core.addresses import with_query


@dataclass(frozen=True)
class HalfDone:
    """``url`` opens the page with what was typed, until ``until``."""

    url: str
    until: datetime


def forms_of(session: Session, actor: Actor) -> list[HalfDone]:
    """The actor's own, the latest first; at most two queries."""
    return [
        HalfDone(g.url_prefix + with_query(one.path, stash=one.reference), one.until)
        for one in stash.waiting(session, user_id=actor.user_id, actor_key=actor.key)
    ]
