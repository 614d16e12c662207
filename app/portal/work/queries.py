"""What waits for a person today, in each of the capacities held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from agendas.agreements import share
from agendas.agreements.inbox.queries import Counts, counts
from agendas.agreements.queries import with_names
from app.core.actors import Actor
from app.core.permissions import Permission, may_somewhere
from assemblies.meetings.convene.queries import Shelf, assemblies_of, reach_of
from models import Agreement, Ancestry, Assembly
from models.agreement import AgreementState
from models.people import Role

SHOWN = 5


@dataclass(frozen=True)
class Pile:
    """The first assemblies of a shelf; ``more`` when the shelf holds others."""

    shelf: Shelf
    assemblies: list[Assembly]
    more: bool


@dataclass(frozen=True)
class Day:
    """``inbox`` is None for whoever answers for no body; lists are empty where the role has none."""

    piles: list[Pile]
    inbox: Counts | None
    late: list[Agreement]
    to_confirm: list[Agreement]


def day_of(session: Session, actor: Actor, today: date) -> Day:
    """Everything the page prints; at most six queries."""
    piles = []
    if may_somewhere(actor, Permission.ASSEMBLY_CONVENE):
        for shelf in (Shelf.TODAY, Shelf.CLOSE, Shelf.PREPARE):
            found = [row.Assembly for row in assemblies_of(session, actor, shelf, cursor=None).items]
            piles.append(Pile(shelf, found[:SHOWN], len(found) > SHOWN))
    owes = actor.roles() & {Role.AREA, Role.COLLECTIVE}
    return Day(
        piles,
        counts(session, actor, today) if owes else None,
        _late(session, actor, today) if piles else [],
        _to_confirm(session, actor) if Role.LIAISON in actor.roles() else [],
    )


def _late(session: Session, actor: Actor, today: date) -> list[Agreement]:
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(reach_of(actor)))
    return list(
        session.scalars(
            with_names(select(Agreement)).where(Agreement.unit_id.in_(below), share.is_late(today))
            .order_by(Agreement.due, Agreement.id).limit(SHOWN)
        )
    )


def _to_confirm(session: Session, actor: Actor) -> list[Agreement]:
    """Reported done in what the liaison serves: on the block and below, and above up to the territory."""
    held_on = {holding.unit_id for holding in actor.holdings if holding.role is Role.LIAISON}
    above = {unit for holding in actor.holdings for unit in holding.serves}
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(held_on))
    return list(
        session.scalars(
            with_names(select(Agreement)).options(joinedload(Agreement.unit))
            .where(Agreement.state == AgreementState.REPORTED_DONE)
            .where(or_(Agreement.unit_id.in_(below), Agreement.unit_id.in_(above)))
            .order_by(Agreement.reported_on, Agreement.id).limit(SHOWN * 2)
        )
    )
