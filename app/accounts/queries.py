"""What the account pages show, ready to print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, crypto
from models import Body, Role, Term, TerritorialUnit, User
from models.people import AccountSession, AccountToken, TokenPurpose

# In the order that matters: Edge and Opera also say Chrome, Chrome also says Safari.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)


@dataclass(frozen=True)
class HeldRole:
    """A role in force: held on a unit (``unit_code``) or by a body, of this name, from a day to a day."""

    role: Role
    place: str
    unit_code: str | None
    starts_on: date
    ends_on: date | None
    focal_point: bool


@dataclass(frozen=True)
class OpenSession:
    """A signed-in browser; ``current`` is the one that asks."""

    id: int
    device: str
    created_at: datetime
    current: bool


def roles_of(session: Session, user_id: int, day: date) -> list[HeldRole]:
    """The roles in force on ``day``, the oldest first."""
    rows = session.execute(
        select(Term, TerritorialUnit.name, TerritorialUnit.code, Body.name)
        .outerjoin(TerritorialUnit, Term.unit_id == TerritorialUnit.id)
        .outerjoin(Body, Term.body_id == Body.id)
        .where(Term.user_id == user_id, Term.starts_on <= day, (Term.ends_on.is_(None)) | (Term.ends_on >= day))
        .order_by(Term.starts_on, Term.id)
    )
    return [
        HeldRole(term.role, unit_name or body_name, unit_code, term.starts_on, term.ends_on, term.focal_point)
        for term, unit_name, unit_code, body_name in rows
    ]


def open_sessions(session: Session, user_id: int, token: str) -> list[OpenSession]:
    """The signed-in browsers of an account, the present one first, then the latest."""
    rows = session.scalars(
        select(AccountSession)
        .where(AccountSession.user_id == user_id, AccountSession.ended_at.is_(None), AccountSession.expires_at > clock.now())
        .order_by(AccountSession.created_at.desc(), AccountSession.id.desc())
    )
    mine = crypto.token_hash(token)
    found = [OpenSession(row.id, row.device, row.created_at, row.token_hash == mine) for row in rows]
    return sorted(found, key=lambda one: not one.current)


def device_name(user_agent: str) -> str:
    """«Firefox · Android»: enough to recognise one's own telephone, too little to follow it."""
    names = [
        next((name for sign, name in signs if re.search(re.escape(sign), user_agent)), "") for signs in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(name for name in names if name)


def user_by_email(session: Session, email: str) -> User | None:
    """The account of an e-mail, however it was typed."""
    return session.scalar(select(User).where(User.email == normal_email(email)))


def normal_email(email: str) -> str:
    return email.strip().lower()


def holder(session: Session, purpose: TokenPurpose, token: str) -> User | None:
    """Whose one-time link this is, or None when it is unknown, used, expired or of a disabled account."""
    return session.scalar(
        select(User)
        .join(AccountToken, AccountToken.user_id == User.id)
        .where(AccountToken.token_hash == crypto.token_hash(token), AccountToken.purpose == purpose)
        .where(AccountToken.used_at.is_(None), AccountToken.expires_at > clock.now(), User.active)
    )
