"""The agreement: a commitment with an owner and a date that only neighbours can close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models import ledger
from models.assembly import WrongMoment
from models.base import Base, Digest, LongText, PrimaryKey, enum_type
from models.body import Body
from models.ledger import Capacity, Event, EventKind
from models.territory import TerritorialUnit
from models.theme import Theme


class AgreementState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    REPORTED_DONE = "reported_done"
    VERIFIED = "verified"
    ON_HOLD = "on_hold"
    DECLINED = "declined"
    CANCELLED = "cancelled"


S = AgreementState
OPEN = frozenset({S.PROPOSED, S.ACCEPTED, S.IN_PROGRESS, S.REPORTED_DONE})
WORKABLE = frozenset({S.PROPOSED, S.ACCEPTED, S.IN_PROGRESS})
# Nothing is owed any more: never late, never due again.
ENDED = frozenset({S.VERIFIED, S.DECLINED, S.CANCELLED})
UNSETTLED = OPEN | {S.ON_HOLD}


class Origin(StrEnum):
    ASSEMBLY = "assembly"
    IMPORT = "import"


class Move(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    PLAN = "plan"
    PROGRESS = "progress"
    REPORT_DONE = "report_done"
    HAND_OVER = "hand_over"
    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"
    OBJECT = "object"
    DISPUTE = "dispute"
    VERIFY = "verify"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Step:
    """A row of the life of an agreement: from which states, to which (None: it stays, or returns
    to where it was), what it needs."""

    origins: frozenset[AgreementState]
    target: AgreementState | None
    event: EventKind
    needs: frozenset[str] = frozenset()


STEPS: Mapping[Move, Step] = {
    Move.ACCEPT: Step(frozenset({S.PROPOSED}), S.ACCEPTED, EventKind.AGREEMENT_ACCEPTED),
    Move.DECLINE: Step(frozenset({S.PROPOSED}), S.DECLINED, EventKind.AGREEMENT_DECLINED, frozenset({"reason"})),
    Move.PLAN: Step(
        frozenset({S.ACCEPTED, S.IN_PROGRESS}), None, EventKind.AGREEMENT_PLANNED, frozenset({"reason", "due"})
    ),
    Move.PROGRESS: Step(
        frozenset({S.ACCEPTED, S.IN_PROGRESS}), S.IN_PROGRESS, EventKind.AGREEMENT_PROGRESS, frozenset({"reason"})
    ),
    Move.REPORT_DONE: Step(
        frozenset({S.ACCEPTED, S.IN_PROGRESS}), S.REPORTED_DONE, EventKind.AGREEMENT_REPORTED_DONE,
        frozenset({"reason"}),
    ),
    Move.HAND_OVER: Step(
        frozenset({S.PROPOSED, S.ACCEPTED, S.IN_PROGRESS, S.ON_HOLD}), S.PROPOSED, EventKind.AGREEMENT_HANDED_OVER,
        frozenset({"reason", "owner"}),
    ),
    Move.HOLD: Step(
        frozenset({S.PROPOSED, S.ACCEPTED, S.IN_PROGRESS}), S.ON_HOLD, EventKind.AGREEMENT_HELD,
        frozenset({"reason", "review_on"}),
    ),
    Move.RESUME: Step(frozenset({S.ON_HOLD}), None, EventKind.AGREEMENT_RESUMED, frozenset({"reason"})),
    Move.CANCEL: Step(
        WORKABLE | {S.ON_HOLD, S.REPORTED_DONE}, S.CANCELLED, EventKind.AGREEMENT_CANCELLED,
        frozenset({"reason", "ground"}),
    ),
    # One objection may not be enough (a setting): OBJECT is the word that counts, DISPUTE the one that tips.
    Move.OBJECT: Step(frozenset({S.REPORTED_DONE}), None, EventKind.AGREEMENT_DISPUTED, frozenset({"reason"})),
    Move.DISPUTE: Step(frozenset({S.REPORTED_DONE}), S.IN_PROGRESS, EventKind.AGREEMENT_DISPUTED, frozenset({"reason"})),
    Move.VERIFY: Step(frozenset({S.REPORTED_DONE, S.IN_PROGRESS}), S.VERIFIED, EventKind.AGREEMENT_VERIFIED),
    Move.REOPEN: Step(
        frozenset({S.VERIFIED}), S.IN_PROGRESS, EventKind.AGREEMENT_REOPENED, frozenset({"reason", "assembly"})
    ),
}


class MissingFact(ValueError):
    """A move lacks what it cannot go without; ``name`` is the missing fact."""

    def __init__(self, name: str):
        super().__init__(f"this move needs {name}")
        self.name = name


class Agreement(Base):
    """State changes only through :meth:`advance`. Late is computed, never stored."""

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("owner_id <> counterpart_id", name="two_sides"),
        CheckConstraint("(state = 'on_hold') = (review_on IS NOT NULL)", name="hold_has_review"),
        CheckConstraint("(state = 'on_hold') = (held_from IS NOT NULL)", name="hold_has_origin"),
        CheckConstraint("(state IN ('reported_done', 'verified')) <= (reported_on IS NOT NULL)", name="done_has_date"),
        Index("ix_agreement_unit_state_due", "unit_id", "state", "due"),
        Index("ix_agreement_owner_state_due", "owner_id", "state", "due"),
    )

    id: Mapped[PrimaryKey]
    folio: Mapped[str] = mapped_column(String(24), unique=True)
    folio_key: Mapped[str] = mapped_column(String(24), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"))
    assembly_id: Mapped[int | None] = mapped_column(ForeignKey("assembly.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    counterpart_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    origin: Mapped[Origin] = mapped_column(enum_type(Origin), default=Origin.ASSEMBLY)
    text: Mapped[LongText]
    place: Mapped[str] = mapped_column(String(200), default="")
    search_text: Mapped[LongText] = mapped_column(default="")
    state: Mapped[AgreementState] = mapped_column(enum_type(AgreementState), default=S.PROPOSED)
    first_due: Mapped[date]
    due: Mapped[date]
    review_on: Mapped[date | None]
    held_from: Mapped[AgreementState | None] = mapped_column(enum_type(AgreementState, name="held_from"))
    accepted_at: Mapped[datetime | None]
    round: Mapped[int] = mapped_column(default=0)
    reported_on: Mapped[date | None]
    disputed: Mapped[bool] = mapped_column(default=False)
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[TerritorialUnit] = relationship(lazy="raise")
    theme: Mapped[Theme] = relationship(lazy="raise")
    owner: Mapped[Body] = relationship(foreign_keys=[owner_id], lazy="raise")
    counterpart: Mapped[Body | None] = relationship(foreign_keys=[counterpart_id], lazy="raise")
    spot: Mapped[Any] = relationship("Spot", uselist=False, viewonly=True, lazy="raise")

    @property
    def object_name(self) -> str:
        return f"agreement:{self.folio}"

    def advance(
        self,
        session: Session,
        move: Move,
        *,
        capacity: Capacity,
        occurred_at: datetime,
        recorded_at: datetime,
        on: date | None = None,
        reason: str = "",
        due: date | None = None,
        review_on: date | None = None,
        owner: Body | None = None,
        ground: str | None = None,
        assembly: str | None = None,
        data: Mapping[str, Any] | None = None,
        held_text: bool = False,
    ) -> Event:
        """The one door: change state, append the event, return it.

        ``on`` is the municipality's day of a report of done. A hand-over leaves the agreement proposed
        to the new owner, its dates untouched. ``ground`` of a cancellation is an assembly's folio or
        ``duplicate of FOLIO``. Raises WrongMoment from a state without this
        move, MissingFact for a missing fact, ValueError for a fact that cannot be.
        """
        step = STEPS[move]
        if self.state not in step.origins:
            raise WrongMoment(self.state, move)
        # Overriding an objection is the only verification that does not follow a standing report.
        if move is Move.VERIFY and self.state is S.IN_PROGRESS and not (self.disputed and assembly):
            raise WrongMoment(self.state, move)
        facts = {
            "reason": reason.strip(), "due": due, "review_on": review_on,
            "owner": owner, "ground": ground, "assembly": assembly,
        }
        for name in sorted(step.needs):
            if not facts[name]:
                raise MissingFact(name)
        # Once somebody had accepted it, declining would be cancelling without an assembly: hand it over instead.
        if move is Move.DECLINE and self.accepted_at is not None:
            raise WrongMoment(self.state, move)
        if owner is not None and owner.id in (self.owner_id, self.counterpart_id):
            raise ValueError("an agreement is handed to a third body")

        before = self.state
        target = self.held_from if move is Move.RESUME else step.target
        if target is not None:
            self.state = S(target)
        public: dict[str, Any] = {"from": str(before), "to": str(self.state), **(data or {})}
        self.held_from = before if move is Move.HOLD else None
        self.review_on = review_on if move is Move.HOLD else None
        if move is Move.ACCEPT:
            self.accepted_at = recorded_at
        if review_on is not None:
            public["review_on"] = review_on.isoformat()
        if due is not None:
            public["due_before"], public["due"] = self.due.isoformat(), due.isoformat()
            self.due = due
        if owner is not None:
            public["owner"] = owner.code
            self.owner_id = owner.id
        if move is Move.REPORT_DONE:
            self.round += 1
            self.disputed = False
            self.reported_on = on or occurred_at.date()
            public["round"] = self.round
            public["reported_on"] = self.reported_on.isoformat()
        elif move is Move.DISPUTE:
            # reported_on stays: an assembly may still override the objection and verify this report.
            self.disputed = True
            public["round"] = self.round
        elif move is Move.VERIFY:
            self.verified_at = recorded_at
            public["round"] = self.round
        elif move is Move.REOPEN:
            self.verified_at = None
            self.disputed = False
            self.reported_on = None
        if ground:
            public["ground"] = ground
        if assembly:
            public["assembly"] = assembly
        self.version += 1
        return ledger.append(
            session, step.event, object=self.object_name, capacity=capacity, occurred_at=occurred_at,
            recorded_at=recorded_at, data=public, texts={"reason": reason.strip()}, held=held_text,
        )

    def days_late(self, today: date) -> int:
        """Days past ``due`` (0 when not late): a standing report of done stops the clock on its day,
        a dispute starts it again as if it had never stopped; on hold keeps counting (DOMAIN.md 2)."""
        return self._days_past(self.due, today)

    def days_past_first(self, today: date) -> int:
        """The same clock measured from ``first_due``, the date the assembly gave."""
        return self._days_past(self.first_due, today)

    def _days_past(self, promised: date, today: date) -> int:
        if self.state in ENDED:
            return 0
        end = self.reported_on if self.state is S.REPORTED_DONE and self.reported_on else today
        return max(0, (end - promised).days)


class VoiceKind(StrEnum):
    CONFIRM = "confirm"
    OBJECT = "object"


class Voice(Base):
    """One neighbour's word on one report. ``voice_key`` is a keyed hash of slip (or liaison) and
    agreement: the constraint keeps one voice a round and the row leads back to nobody."""

    __tablename__ = "voice"
    __table_args__ = (UniqueConstraint("agreement_id", "round", "voice_key"),)

    id: Mapped[PrimaryKey]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    round: Mapped[int]
    kind: Mapped[VoiceKind] = mapped_column(enum_type(VoiceKind))
    voice_key: Mapped[Digest]
    given_at: Mapped[datetime]


class Doubt(Base):
    """A resident without a slip who doubts: a count, nothing else."""

    __tablename__ = "doubt"

    id: Mapped[PrimaryKey]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), index=True)
    round: Mapped[int]
    given_at: Mapped[datetime]


class Verification(Base):
    """An assembly's decision that an agreement is done, waiting for its countersignatures."""

    __tablename__ = "verification"
    __table_args__ = (UniqueConstraint("agreement_id", "assembly_id", "round"),)

    id: Mapped[PrimaryKey]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    round: Mapped[int]
    decided_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]


class Countersignature(Base):
    __tablename__ = "countersignature"
    __table_args__ = (UniqueConstraint("verification_id", "voice_key"),)

    id: Mapped[PrimaryKey]
    verification_id: Mapped[int] = mapped_column(ForeignKey("verification.id"))
    voice_key: Mapped[Digest]
    signed_at: Mapped[datetime]
