"""Who may hold an assembly: here, and at this moment."""

from __future__ import annotations

from dataclasses import replace

from app.core.actors import Actor
from app.core.permissions import RULES, Denied, Permission, Thing, can, capacity_for
from models.assembly import WrongMoment
from models.ledger import Capacity


def may_follow(actor: Actor | None, thing: Thing, permission: Permission = Permission.ASSEMBLY_HOLD) -> bool:
    """Whether the place is theirs, whatever the moment: enough to look at the page."""
    return any(can(actor, permission, replace(thing, state=state)) for state in RULES[permission].states or (None,))


def capacity_now(actor: Actor | None, thing: Thing, permission: Permission) -> Capacity:
    """The capacity in which it is done. Raises Denied for a place that is not theirs, and WrongMoment
    for theirs at another moment: a tap that arrives after the session ended is not a trespass."""
    capacity = capacity_for(actor, permission, thing)
    if capacity is not None:
        return capacity
    if may_follow(actor, thing, permission):
        raise WrongMoment(thing.state, permission)
    raise Denied(permission)
