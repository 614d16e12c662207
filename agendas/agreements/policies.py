"""Which moves whoever is signed in may make on one agreement."""

from __future__ import annotations

from app.core.actors import Actor
from app.core.permissions import Permission, Thing, can
from models import Agreement
from models.agreement import STEPS, Move

# In the order they are offered: first what leads onwards.
PERMISSIONS = {
    Move.ACCEPT: Permission.AGREEMENT_ACCEPT,
    Move.PROGRESS: Permission.AGREEMENT_PROGRESS,
    Move.REPORT_DONE: Permission.AGREEMENT_REPORT,
    Move.PLAN: Permission.AGREEMENT_PLAN,
    Move.RESUME: Permission.AGREEMENT_RESUME,
    Move.HOLD: Permission.AGREEMENT_HOLD,
    Move.HAND_OVER: Permission.AGREEMENT_HAND_OVER,
    Move.DECLINE: Permission.AGREEMENT_DECLINE,
    Move.CANCEL: Permission.AGREEMENT_CANCEL,
}


def thing_of(agreement: Agreement, path: frozenset[int], *, state: str | None = None) -> Thing:
    """The agreement as the table of permissions asks about it; ``path`` is its unit's."""
    return Thing(
        path=path, unit_id=agreement.unit_id, owner_id=agreement.owner_id, state=state or str(agreement.state)
    )


def moves_for(actor: Actor | None, agreement: Agreement, path: frozenset[int]) -> list[Move]:
    """What the actor may do now, most useful first."""
    thing = thing_of(agreement, path)
    return [
        move for move, permission in PERMISSIONS.items()
        if can(actor, permission, thing) and not (move is Move.DECLINE and agreement.accepted_at is not None)
    ]


def may_ever(actor: Actor | None, agreement: Agreement, path: frozenset[int]) -> bool:
    """Whether some move at some moment is the actor's: then its working page is too."""
    return any(
        can(actor, permission, thing_of(agreement, path, state=str(state)))
        for move, permission in PERMISSIONS.items() for state in STEPS[move].origins
    )
