"""The assembly as a public act: convened, held, minuted. Never a name of who attended."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models import ledger
from models.base import Base, LongText, PrimaryKey, Title, enum_type
from models.body import Body
from models.ledger import Capacity, EventKind
from models.territory import TerritorialUnit


class AssemblyKind(StrEnum):
    BLOCK = "block"
    TERRITORY = "territory"
    WORKSHOP = "planning_workshop"
    SECURITY = "security_dialogue"
    ITINERANT = "itinerant"
    FOLLOW_UP = "follow_up"


class Mode(StrEnum):
    IN_PERSON = "in_person"
    ONLINE = "online"
    BOTH = "both"


class AssemblyState(StrEnum):
    DRAFT = "draft"
    CONVENED = "convened"
    IN_SESSION = "in_session"
    HELD = "held"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    NOT_HELD = "not_held"


# A block has met when it is listed on an assembly in one of these (DOMAIN.md 1).
MET = (AssemblyState.HELD, AssemblyState.CLOSED)


class Gathered(StrEnum):
    """How a block stands towards its assemblies on a day, from least to most."""

    NEVER = "never"
    LONG_AGO = "long_ago"
    CONVENED = "convened"
    MET = "met"


class ItemType(StrEnum):
    INFORMATION = "information"
    PROBLEMS = "problems"
    DECISION = "decision"
    FOLLOW_UP = "follow_up"
    ELECTION = "election"


class ItemState(StrEnum):
    PENDING = "pending"
    OPEN = "open"
    CLOSED = "closed"


class Method(StrEnum):
    CONSENSUS = "consensus"
    CONSENT = "consent"
    VOTE = "vote"


class Outcome(StrEnum):
    ADOPTED = "adopted"
    REJECTED = "rejected"
    POSTPONED = "postponed"


class Gender(StrEnum):
    WOMEN = "women"
    MEN = "men"
    OTHER = "other"


class AgeBand(StrEnum):
    CHILDREN = "under_12"
    TEENAGERS = "12_17"
    YOUNG = "18_29"
    ADULTS = "30_59"
    OLDER = "60_plus"


class WrongMoment(Exception):
    """The move does not exist from this state; ``state`` says where the thing stands."""

    def __init__(self, state: StrEnum, move: str):
        super().__init__(f"{move} is not possible while {state}")
        self.state = state
        self.move = move


class Assembly(Base):
    """``imported``: held before Cuadra was here, told by a list. Of who came such a list knows a total and perhaps
    margins, never cells: ``told_headcount`` is ``{"total": n, "genders": {…}, "ages": {…}}``, the last two optional.
    """

    __tablename__ = "assembly"
    __table_args__ = (
        CheckConstraint("second_call_at IS NULL OR second_call_at > starts_at", name="second_call_later"),
        Index("ix_assembly_unit_id_starts_at", "unit_id", "starts_at"),
    )

    id: Mapped[PrimaryKey]
    folio: Mapped[str] = mapped_column(String(24), unique=True)
    folio_key: Mapped[str] = mapped_column(String(24), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"))
    kind: Mapped[AssemblyKind] = mapped_column(enum_type(AssemblyKind))
    mode: Mapped[Mode] = mapped_column(enum_type(Mode))
    state: Mapped[AssemblyState] = mapped_column(enum_type(AssemblyState), default=AssemblyState.DRAFT)
    title: Mapped[Title]
    place: Mapped[Title]
    place_key: Mapped[str] = mapped_column(String(200), index=True)
    online_url: Mapped[str] = mapped_column(String(300), default="")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    second_call_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    quorum: Mapped[int] = mapped_column(default=0)
    convened_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    notes: Mapped[LongText] = mapped_column(default="")
    imported: Mapped[bool] = mapped_column(default=False, server_default=false())
    told_headcount: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[TerritorialUnit] = relationship(lazy="raise")
    items: Mapped[list[Item]] = relationship(back_populates="assembly", order_by="Item.position", lazy="raise")

    @property
    def object_name(self) -> str:
        return f"assembly:{self.folio}"

    def move(
        self,
        session: Session,
        to: AssemblyState,
        *,
        capacity: Capacity,
        occurred_at: datetime,
        recorded_at: datetime,
        data: dict[str, Any] | None = None,
        texts: dict[str, str] | None = None,
    ) -> ledger.Event:
        """The one door through which an assembly changes state; appends the event of the move.

        Raises WrongMoment when ``to`` cannot follow the present state (DOMAIN.md 6).
        """
        kind = _MOVES.get((self.state, to))
        if kind is None:
            raise WrongMoment(self.state, to)
        self.state = to
        if to is AssemblyState.CONVENED:
            self.convened_at = recorded_at
        elif to is AssemblyState.IN_SESSION:
            self.opened_at = occurred_at
        elif to is AssemblyState.HELD:
            self.held_at = occurred_at
        self.version += 1
        return ledger.append(
            session, kind, object=self.object_name, capacity=capacity,
            occurred_at=occurred_at, recorded_at=recorded_at, data=data, texts=texts,
        )


_S = AssemblyState
_MOVES: dict[tuple[AssemblyState, AssemblyState], EventKind] = {
    (_S.DRAFT, _S.CONVENED): EventKind.ASSEMBLY_CONVENED,
    (_S.DRAFT, _S.CANCELLED): EventKind.ASSEMBLY_CANCELLED,
    (_S.CONVENED, _S.CANCELLED): EventKind.ASSEMBLY_CANCELLED,
    (_S.CONVENED, _S.IN_SESSION): EventKind.ASSEMBLY_OPENED,
    (_S.CONVENED, _S.NOT_HELD): EventKind.ASSEMBLY_NOT_HELD,
    (_S.IN_SESSION, _S.NOT_HELD): EventKind.ASSEMBLY_NOT_HELD,
    (_S.IN_SESSION, _S.HELD): EventKind.ASSEMBLY_HELD,
    (_S.HELD, _S.CLOSED): EventKind.MINUTES_SEALED,
}


class AssemblyBlock(Base):
    """A block that an assembly gathers."""

    __tablename__ = "assembly_block"
    __table_args__ = (Index("ix_assembly_block_unit", "unit_id", "assembly_id"),)

    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), primary_key=True)


class Convener(Base):
    """Who convenes: a capacity (role on a unit, or a body). The account is kept to find clashes."""

    __tablename__ = "convener"

    id: Mapped[PrimaryKey]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    role: Mapped[str] = mapped_column(String(32))

    body: Mapped[Body | None] = relationship(lazy="raise")


class Item(Base):
    """What the assembly takes up. The method is fixed before the item opens (DOMAIN.md 6)."""

    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("assembly_id", "position"),)

    id: Mapped[PrimaryKey]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"))
    position: Mapped[int]
    title: Mapped[Title]
    type: Mapped[ItemType] = mapped_column(enum_type(ItemType))
    method: Mapped[Method | None] = mapped_column(enum_type(Method))
    state: Mapped[ItemState] = mapped_column(enum_type(ItemState), default=ItemState.PENDING)
    added_live: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    notes: Mapped[LongText] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    assembly: Mapped[Assembly] = relationship(back_populates="items", lazy="raise")


class HeadcountCell(Base):
    """People counted in one gender and age band; ``first_timers`` of them came for the first time.

    Published only through ``assemblies.meetings.queries`` which hides small cells (DOMAIN.md 7).
    """

    __tablename__ = "headcount_cell"
    __table_args__ = (
        CheckConstraint("people >= 0 AND first_timers >= 0", name="not_negative"),
        CheckConstraint("first_timers <= people", name="first_timers_among_people"),
    )

    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), primary_key=True)
    gender: Mapped[Gender] = mapped_column(enum_type(Gender), primary_key=True)
    age_band: Mapped[AgeBand] = mapped_column(enum_type(AgeBand), primary_key=True)
    people: Mapped[int] = mapped_column(default=0)
    first_timers: Mapped[int] = mapped_column(default=0)


class Problem(Base):
    """What neighbours raise. A sensitive theme stores the territory and no point."""

    __tablename__ = "problem"

    id: Mapped[PrimaryKey]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), index=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"))
    text: Mapped[LongText]
    raised_at: Mapped[datetime]


class Decision(Base):
    """The outcome of an item by the method chosen before it; quorum and tally are kept as counted."""

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("in_favour >= 0 AND against >= 0 AND abstaining >= 0 AND present >= 0", name="not_negative"),
    )

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), unique=True)
    method: Mapped[Method] = mapped_column(enum_type(Method))
    outcome: Mapped[Outcome] = mapped_column(enum_type(Outcome))
    text: Mapped[LongText]
    in_favour: Mapped[int] = mapped_column(default=0)
    against: Mapped[int] = mapped_column(default=0)
    abstaining: Mapped[int] = mapped_column(default=0)
    present: Mapped[int] = mapped_column(default=0)
    quorum: Mapped[int] = mapped_column(default=0)
    objections: Mapped[LongText] = mapped_column(default="")
    taken_at: Mapped[datetime]
