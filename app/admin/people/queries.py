"""Accounts with what they hold, and territories nobody leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.core.search import fold
from models import Body, Level, Role, Term, TerritorialUnit, User
from models.body import BodyKind
from models.territory import LevelRole

SUGGESTED = 20


def in_force(day: date) -> ColumnElement[bool]:
    """Terms that hold on ``day``, both ends included."""
    return and_(Term.starts_on <= day, or_(Term.ends_on.is_(None), Term.ends_on >= day))


def without_lead(day: date) -> Select:
    """Ids of the territories in force that nobody leads on ``day`` (001-45): an alarm, wherever it is shown.

    Narrow it by TerritorialUnit.id to the units of somebody's reach.
    """
    led = exists().where(Term.unit_id == TerritorialUnit.id, Term.role == Role.LEAD, in_force(day))
    return (
        select(TerritorialUnit.id).join(Level, Level.id == TerritorialUnit.level_id)
        .where(Level.role == LevelRole.TERRITORY, TerritorialUnit.valid_to.is_(None), ~led)
    )


def leads(day: date) -> Select:
    """Every territory in force with its lead on ``day``: rows ``id, code, name, search_name, person, starts_on, ends_on,
    user_id, next_on`` (the day a lead already named takes over)."""
    coming = aliased(Term)
    next_on = (
        select(func.min(coming.starts_on))
        .where(coming.unit_id == TerritorialUnit.id, coming.role == Role.LEAD, coming.starts_on > day)
        .correlate(TerritorialUnit).scalar_subquery()
    )
    return (
        select(
            TerritorialUnit.id, TerritorialUnit.code, TerritorialUnit.name, TerritorialUnit.search_name,
            User.name.label("person"), Term.starts_on, Term.ends_on, User.id.label("user_id"), next_on.label("next_on"),
        )
        .join(Level, Level.id == TerritorialUnit.level_id)
        .outerjoin(Term, and_(Term.unit_id == TerritorialUnit.id, Term.role == Role.LEAD, in_force(day)))
        .outerjoin(User, User.id == Term.user_id)
        .where(Level.role == LevelRole.TERRITORY, TerritorialUnit.valid_to.is_(None))
    )


@dataclass(frozen=True)
class Person:
    """A row of the list: the account and what it holds today, ``role · place`` in order."""

    user: User
    held: list[tuple[Role, str, bool]]


def people() -> Select:
    """Every account; rows User."""
    return select(User)


def with_roles(session: Session, rows: Sequence, day: date) -> list[Person]:
    """The rows of one page with what each holds on ``day``; one query."""
    users = [row[0] for row in rows]
    held: dict[int, list[tuple[Role, str, bool]]] = {}
    for user_id, role, focal, unit, body in session.execute(
        select(Term.user_id, Term.role, Term.focal_point, TerritorialUnit.name, Body.name)
        .outerjoin(TerritorialUnit, TerritorialUnit.id == Term.unit_id).outerjoin(Body, Body.id == Term.body_id)
        .where(Term.user_id.in_([user.id for user in users]), in_force(day)).order_by(Term.id)
    ):
        held.setdefault(user_id, []).append((role, unit or body, focal))
    return [Person(user, held.get(user.id, [])) for user in users]


@dataclass(frozen=True)
class Holding:
    """A term of an account with the place it is held on, ready to print."""

    term: Term
    place: str
    unit_code: str | None
    body_code: str | None

    def moment(self, today: date) -> str:
        """``now``, ``coming`` or ``over``."""
        if self.term.starts_on > today:
            return "coming"
        return "now" if self.term.in_force(today) else "over"


def terms_of(session: Session, user_id: int) -> list[Holding]:
    """Everything an account holds, will hold and held, the latest first."""
    rows = session.execute(
        select(Term, TerritorialUnit.name, TerritorialUnit.code, Body.name, Body.code)
        .outerjoin(TerritorialUnit, TerritorialUnit.id == Term.unit_id).outerjoin(Body, Body.id == Term.body_id)
        .where(Term.user_id == user_id)
        .order_by(case((Term.ends_on.is_(None), 0), else_=1), Term.ends_on.desc(), Term.starts_on.desc(), Term.id.desc())
    )
    return [Holding(term, unit or body, unit_code, body_code) for term, unit, unit_code, body, body_code in rows]


def areas(session: Session) -> list[Body]:
    """The areas of government in force: where an official may come from."""
    return list(session.scalars(select(Body).where(Body.active, Body.kind == BodyKind.AREA).order_by(Body.name)))


def bodies(session: Session) -> list[Body]:
    """Every body in force, by name."""
    return list(session.scalars(select(Body).where(Body.active).order_by(Body.name)))


def unit_called(session: Session, text: str) -> TerritorialUnit | None:
    """The one unit that ``text`` names: by its code, else by its whole name when only one has it."""
    said = text.strip()
    found = session.scalar(select(TerritorialUnit).where(TerritorialUnit.code_key == said.lower()))
    if found is not None or not said:
        return found
    words = fold(said).split()
    if not words:
        return None
    like = select(TerritorialUnit).where(TerritorialUnit.valid_to.is_(None), TerritorialUnit.search_name.like(f"{' '.join(words)} %"))
    named = [unit for unit in session.scalars(like.limit(SUGGESTED)) if fold(unit.name) == " ".join(words)]
    return named[0] if len(named) == 1 else None
