"""Bodies with who answers for them and what they owe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from app.admin.people.queries import in_force
from models import Agreement, Body, Term, TerritorialUnit, User
from models.agreement import UNSETTLED


def bodies(day: date) -> Select:
    """Every body: rows ``Body, unit, owed, people, focal``: the name of its unit, what it owes, who answers today."""
    held = select(func.count(Term.id)).where(Term.body_id == Body.id, in_force(day))
    return (
        select(
            Body, TerritorialUnit.name.label("unit"), _owed().label("owed"),
            held.where(Term.focal_point.is_(False)).correlate(Body).scalar_subquery().label("people"),
            held.where(Term.focal_point).correlate(Body).scalar_subquery().label("focal"),
        )
        .outerjoin(TerritorialUnit, TerritorialUnit.id == Body.unit_id)
    )


def unanswered(query: Select, day: date) -> Select:
    """Those in force that nobody answers for."""
    return query.where(Body.active, ~exists().where(Term.body_id == Body.id, in_force(day)))


def owed_by(session: Session, body_id: int) -> int:
    """How many agreements a body has still to keep."""
    return session.scalar(select(func.count(Agreement.id)).where(Agreement.owner_id == body_id, Agreement.state.in_(UNSETTLED)))


@dataclass(frozen=True)
class Answering:
    """Somebody who answers for a body today."""

    user: User
    term: Term


def answering(session: Session, body_id: int, day: date) -> list[Answering]:
    """Who answers for a body today, its own people first."""
    rows = session.execute(
        select(User, Term).join(Term, Term.user_id == User.id).where(Term.body_id == body_id, in_force(day))
        .order_by(Term.focal_point, User.name, User.id)
    )
    return [Answering(user, term) for user, term in rows]


def _owed():
    return (
        select(func.count(Agreement.id)).where(Agreement.owner_id == Body.id, Agreement.state.in_(UNSETTLED))
        .correlate(Body).scalar_subquery()
    )
