"""Who is acting: an account and what it holds today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import current_app, g
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.formatters import zone
from app.core.transaction import read_session
from models import Ancestry, Body, Level, Role, Term, TerritorialUnit, User
from models.ledger import Capacity
from models.people import STAFF
from models.territory import LevelRole, kin_of


@dataclass(frozen=True)
class Holding:
    """One role in force. ``serves`` (liaisons only): the unit itself and those above up to the territory.

    A liaison acts in public in the name of the territory: so few volunteer on a block that its code
    would say who it was (DOMAIN.md 7).
    """

    role: Role
    unit_id: int | None = None
    unit_code: str | None = None
    body_id: int | None = None
    body_code: str | None = None
    focal_point: bool = False
    serves: frozenset[int] = frozenset()
    territory_code: str | None = None

    @property
    def capacity(self) -> Capacity:
        role = "focal_point" if self.focal_point else str(self.role)
        unit = self.territory_code if self.role is Role.LIAISON else self.unit_code
        return Capacity(role, unit=unit, body=self.body_code)


@dataclass(frozen=True)
class Actor:
    user_id: int
    name: str
    holdings: tuple[Holding, ...] = ()
    lacks_second_factor: bool = False

    @property
    def is_staff(self) -> bool:
        return any(holding.role in STAFF for holding in self.holdings)

    @property
    def body_ids(self) -> frozenset[int]:
        return frozenset(holding.body_id for holding in self.holdings if holding.body_id is not None)

    def roles(self) -> frozenset[Role]:
        return frozenset(holding.role for holding in self.holdings)

    @property
    def key(self) -> str:
        """Under which this actor's idempotency keys are kept."""
        return f"user:{self.user_id}"


def load_actor(session: Session, user: User, day: date, *, second_factor_required: bool = False) -> Actor:
    """The actor with the terms in force on ``day``; at most two queries, and a few more for a liaison."""
    rows = session.execute(
        select(Term, TerritorialUnit.code, Body.code)
        .outerjoin(TerritorialUnit, Term.unit_id == TerritorialUnit.id)
        .outerjoin(Body, Term.body_id == Body.id)
        .where(Term.user_id == user.id, Term.starts_on <= day)
        .where((Term.ends_on.is_(None)) | (Term.ends_on >= day))
        .order_by(Term.id)
    ).all()
    served = _served(session, [term.unit_id for term, _u, _b in rows if term.role is Role.LIAISON])
    holdings = tuple(
        Holding(
            term.role, term.unit_id, unit_code, term.body_id, body_code, term.focal_point,
            *served.get(term.unit_id, (frozenset(), None)),
        )
        for term, unit_code, body_code in rows
    )
    lacks = second_factor_required and not user.tf_primary_method and any(h.role in STAFF for h in holdings)
    return Actor(user.id, user.name, holdings, lacks)


def _served(session: Session, unit_ids: list[int]) -> dict[int, tuple[frozenset[int], str | None]]:
    """Per unit of a liaison: the units served at and above it, and the code of its territory.

    A unit that came out of that of the liaison is served like it; of one that is no more, what was agreed there still is.
    """
    found = {}
    for unit_id in unit_ids:
        here = {unit_id, *kin_of(session, [unit_id], heirs=True, ended=False)}
        rows = session.execute(
            select(Ancestry.unit_id, Ancestry.ancestor_id, TerritorialUnit.code, Level.role)
            .join(TerritorialUnit, TerritorialUnit.id == Ancestry.ancestor_id)
            .join(Level, Level.id == TerritorialUnit.level_id)
            .where(Ancestry.unit_id.in_(here), Level.role.in_((LevelRole.TERRITORY, LevelRole.SECTION, LevelRole.BLOCK)))
        ).all()
        above = frozenset(row.ancestor_id for row in rows)
        own = [row.code for row in rows if row.unit_id == unit_id and row.role is LevelRole.TERRITORY]
        found[unit_id] = (above | kin_of(session, above, heirs=False), own[0] if own else None)
    return found


def current_actor() -> Actor | None:
    """The signed-in actor of this request, or None. Public views must not call it."""
    if "actor" not in g:
        if current_user.is_authenticated:
            session = read_session()
            g.actor = load_actor(
                session, current_user, clock.today(zone().key),
                second_factor_required=current_app.extensions["config"].requires_second_factor,
            )
        else:
            g.actor = None
    return g.actor
