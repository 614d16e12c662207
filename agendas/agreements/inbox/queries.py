"""The agreements of a body, late first: pages, counts, and what a working page needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from agendas.agreements import share
from agendas.agreements.queries import with_names
from app.core.actors import Actor
from app.core.pagination import Page, keyset
from models import Agreement, Body, Role, Theme
from models.agreement import UNSETTLED, AgreementState


@dataclass(frozen=True)
class Filters:
    """An allow-list: ``state`` None is everything still owed; ``theme`` is a code."""

    state: AgreementState | None = None
    late: bool = False
    theme: str | None = None


@dataclass(frozen=True)
class Counts:
    """What the body owes: how many in each state, how many of them late."""

    states: dict[AgreementState, int]
    late: int

    @property
    def owed(self) -> int:
        return sum(times for state, times in self.states.items() if state in UNSETTLED)


def _mine(query: Select, actor: Actor) -> Select:
    """Narrow to what the actor's bodies owe; administration sees every inbox."""
    if Role.ADMIN in actor.roles():
        return query
    return query.where(Agreement.owner_id.in_(actor.body_ids))


def page_of_inbox(session: Session, actor: Actor, filters: Filters, today: date, *, cursor: str | None) -> Page:
    """Rows whose first member is the agreement, names loaded. Raises BadCursor."""
    query = _mine(with_names(select(Agreement)), actor)
    query = query.where(
        Agreement.state.in_(UNSETTLED) if filters.state is None else Agreement.state == filters.state
    )
    if filters.late:
        query = query.where(share.is_late(today))
    if filters.theme is not None:
        query = query.where(Agreement.theme_id == select(Theme.id).where(Theme.code == filters.theme).scalar_subquery())
    first = case((share.is_late(today), 1), else_=0)
    return keyset(
        session, query, [(first, True, int), (Agreement.due, False, date), (Agreement.id, False, int)], cursor=cursor
    )


def counts(session: Session, actor: Actor, today: date) -> Counts:
    rows = session.execute(
        _mine(
            select(Agreement.state, func.count(), func.sum(case((share.is_late(today), 1), else_=0))), actor
        ).group_by(Agreement.state)
    ).all()
    return Counts({state: times for state, times, _late in rows}, sum(int(late) for _s, _t, late in rows))


def themes(session: Session) -> Sequence[Theme]:
    return session.scalars(select(Theme).where(Theme.merged_into_id.is_(None)).order_by(Theme.name_es)).all()


def receivers(session: Session, agreement: Agreement) -> Sequence[Body]:
    """To whom it can be handed: active bodies but the two sides."""
    sides = {agreement.owner_id, agreement.counterpart_id} - {None}
    return session.scalars(
        select(Body).where(Body.active, Body.id.not_in(sides)).order_by(Body.name)
    ).all()
