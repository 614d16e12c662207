"""What people ask of their own data: to see it, correct it, have it erased, or object to its use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, PrimaryKey, enum_type

FOLIO_PREFIX = "DP"


class RequestKind(StrEnum):
    ACCESS = "access"
    RECTIFICATION = "rectification"
    CANCELLATION = "cancellation"
    OPPOSITION = "opposition"


class RequestState(StrEnum):
    RECEIVED = "received"
    IDENTITY_CHECKED = "identity_checked"
    EXTENDED = "extended"
    ANSWERED = "answered"
    CLOSED = "closed"


class Channel(StrEnum):
    OFFICE = "office"
    EMAIL = "email"
    FORM = "form"


class IdentityProof(StrEnum):
    """How it was made sure that whoever asks is who the data is about, or speaks for that person."""

    DOCUMENT = "document"
    ACCOUNT = "account"
    REPRESENTATIVE = "representative"


class ReplyOutcome(StrEnum):
    GRANTED = "granted"
    PARTLY = "partly"
    DENIED = "denied"


S = RequestState
MOVES: dict[RequestState, frozenset[RequestState]] = {
    S.RECEIVED: frozenset({S.IDENTITY_CHECKED, S.CLOSED}),
    S.IDENTITY_CHECKED: frozenset({S.EXTENDED, S.ANSWERED, S.CLOSED}),
    S.EXTENDED: frozenset({S.ANSWERED, S.CLOSED}),
    S.ANSWERED: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
}
OPEN = frozenset({S.RECEIVED, S.IDENTITY_CHECKED, S.EXTENDED})


class WrongMove(ValueError):
    """The request is not where that can be done."""


class DataRequest(Base):
    """One request. Who asks, what about and what was replied are encrypted, and erased some time after it is closed.

    ``due_on`` counts working days from ``received_on``; it is put off once at most.
    """

    __tablename__ = "data_request"
    __table_args__ = (CheckConstraint("due_on >= received_on", name="due_after_received"),)

    id: Mapped[PrimaryKey]
    folio: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[RequestKind] = mapped_column(enum_type(RequestKind))
    state: Mapped[RequestState] = mapped_column(enum_type(RequestState), default=RequestState.RECEIVED)
    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    received_on: Mapped[date]
    due_on: Mapped[date] = mapped_column(index=True)
    extended_on: Mapped[date | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    who_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    reach_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    about_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    identity_proof: Mapped[IdentityProof | None] = mapped_column(enum_type(IdentityProof))
    outcome: Mapped[ReplyOutcome | None] = mapped_column(enum_type(ReplyOutcome))
    reply_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    closed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    notice_number: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def object_name(self) -> str:
        return f"request:{self.folio}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def advance(self, to: RequestState) -> None:
        """The one door of its state. Raises WrongMove."""
        if to not in MOVES[self.state]:
            raise WrongMove(f"a request that is {self.state} does not become {to}")
        self.state, self.version = to, self.version + 1


def add_working_days(start: date, days: int, holidays: Iterable[date] = ()) -> date:
    """The day that is ``days`` working days after ``start``: Saturdays, Sundays and ``holidays`` do not count."""
    off, day = frozenset(holidays), start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in off:
            days -= 1
    return day


def working_days_left(today: date, due: date, holidays: Iterable[date] = ()) -> int:
    """Working days from ``today`` (not counted) to ``due`` (counted); negative when it has passed."""
    off = frozenset(holidays)
    first, last, sign = (today, due, 1) if due >= today else (due, today, -1)
    span = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sign * sum(1 for day in span if day.weekday() < 5 and day not in off)
