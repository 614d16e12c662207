"""The agreements of a body: its counts, and what a working page needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from agendas.agreements import lists, share
from app.core.actors import Actor
from models import Agreement, Body, Role
from models.agreement import UNSETTLED, AgreementState


@dataclass(frozen=True)
class Counts:
    """What the body owes: how many in each state; of those owed, how many are late, due soon, disputed."""

    states: dict[AgreementState, int]
    late: int
    soon: int
    disputed: int

    @property
    def owed(self) -> int:
        return sum(times for state, times in self.states.items() if state in UNSETTLED)


def mine(query: Select, actor: Actor) -> Select:
    """Narrow to what the actor's bodies owe; administration sees every inbox."""
    if Role.ADMIN in actor.roles():
        return query
    return query.where(Agreement.owner_id.in_(actor.body_ids))


def counts(session: Session, actor: Actor, today: date) -> Counts:
    """What the actor's bodies owe, in one query."""
    def times(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    rows = session.execute(
        mine(
            select(
                Agreement.state, func.count(), times(share.is_late(today)), times(lists.is_due_soon(today)), times(lists.is_disputed())
            ), actor,
        ).group_by(Agreement.state)
    ).all()
    late, soon, disputed = (sum(int(row[place]) for row in rows) for place in (2, 3, 4))
    return Counts({row[0]: row[1] for row in rows}, late, soon, disputed)


def chosen(session: Session, actor: Actor, folios: Sequence[str]) -> list[Agreement]:
    """Those of ``folios`` that the actor's bodies owe, names loaded, by folio."""
    return list(session.scalars(mine(lists.listed(), actor).where(Agreement.folio.in_(folios)).order_by(Agreement.folio)))


def receivers(session: Session, agreement: Agreement) -> Sequence[Body]:
    """To whom it can be handed: active bodies but the two sides."""
    sides = {agreement.owner_id, agreement.counterpart_id} - {None}
    return session.scalars(
        select(Body).where(Body.active, Body.id.not_in(sides)).order_by(Body.name)
    ).all()
