"""Requests with their clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from app.core import crypto
from models import DataRequest, User
from models.privacy import OPEN, working_days_left
from models.settings import setting


def holidays(session: Session) -> list[date]:
    return [date.fromisoformat(day) for day in setting(session, "holidays")]


@dataclass(frozen=True)
class Row:
    """A request and the working days left to answer it (None once it is answered)."""

    request: DataRequest
    left: int | None


def requests() -> Select:
    return select(DataRequest)


def late(today: date) -> ColumnElement[bool]:
    return and_(DataRequest.state.in_(OPEN), DataRequest.due_on < today)


def clocked(session: Session, found: Sequence[DataRequest], today: date) -> list[Row]:
    off = holidays(session)
    return [Row(one, working_days_left(today, one.due_on, off) if one.is_open else None) for one in found]


@dataclass(frozen=True)
class Opened:
    """What of a request is encrypted, readable; None where it was never written or is erased."""

    who: str | None
    reach: str | None
    about: str | None
    reply: str | None
    reason: str | None


def opened(request: DataRequest) -> Opened:
    columns = ("who_encrypted", "reach_encrypted", "about_encrypted", "reply_encrypted", "reason_encrypted")
    return Opened(*(_read(getattr(request, column)) for column in columns))


def _read(sealed: bytes | None) -> str | None:
    plain = crypto.decrypt(sealed) if sealed is not None else None
    return plain.decode() if plain is not None else None


def by_folio(session: Session, folio: str) -> DataRequest | None:
    return session.scalar(select(DataRequest).where(DataRequest.folio == folio))


def account_of(session: Session, request: DataRequest) -> User | None:
    return session.get(User, request.user_id) if request.user_id else None
