"""What the phone shows while an assembly is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from models import Agreement, Body, Decision, Problem, SlipBatch, Theme, Verification
from models.assembly import AgeBand, Assembly, AssemblyBlock, Gender, HeadcountCell, Item
from models.body import BodyKind, GovernmentLevel
from models.ledger import Event, EventKind
from models.territory import TerritorialUnit


@dataclass(frozen=True)
class Count:
    """People counted so far, for the people who count them; readers get ``published_headcount``."""

    people: int
    first_timers: int
    cells: Mapping[tuple[Gender, AgeBand], tuple[int, int]]

    def of(self, gender: Gender, age_band: AgeBand) -> tuple[int, int]:
        """(people, first-timers) of one cell."""
        return self.cells.get((gender, age_band), (0, 0))

    def in_band(self, age_band: AgeBand) -> int:
        return sum(people for (_gender, band), (people, _first) in self.cells.items() if band is age_band)


def count_of(session: Session, assembly_id: int) -> Count:
    """The headcount of an assembly as it is now; one query."""
    rows = session.execute(
        select(HeadcountCell.gender, HeadcountCell.age_band, HeadcountCell.people, HeadcountCell.first_timers)
        .where(HeadcountCell.assembly_id == assembly_id)
    ).all()
    return Count(
        sum(people for _g, _a, people, _f in rows), sum(first for *_key, first in rows),
        {(gender, band): (people, first) for gender, band, people, first in rows},
    )


def slips_out(session: Session, assembly_id: int) -> int:
    """Slips that spoke or still can: those issued, and of the voided ones those that had been used."""
    held = case((SlipBatch.voided_at.is_(None), SlipBatch.count), else_=SlipBatch.spent)
    return session.scalar(select(func.coalesce(func.sum(held), 0)).where(SlipBatch.assembly_id == assembly_id))


def call_of(session: Session, assembly: Assembly) -> int:
    """The call that opened it, as the ledger has it; 0 before."""
    opened = session.scalar(
        select(Event).where(Event.object == assembly.object_name, Event.kind == str(EventKind.ASSEMBLY_OPENED))
    )
    return opened.data.get("call", 1) if opened else 0


def quorum_in_force(session: Session, assembly: Assembly) -> int:
    """People a decision needs: the quorum of the first call, none in the second."""
    return 0 if call_of(session, assembly) == 2 else assembly.quorum


def item_at(session: Session, assembly_id: int, position: int) -> Item | None:
    """The item of a number, or None."""
    return session.scalar(select(Item).filter_by(assembly_id=assembly_id, position=position))


def decision_of(session: Session, item_id: int) -> Decision | None:
    """What the assembly decided on an item."""
    return session.scalar(select(Decision).filter_by(item_id=item_id))


def has_decided(session: Session, assembly_id: int) -> bool:
    """Whether the assembly decided on an item, or took an agreement for done."""
    on_item = exists().where(Decision.item_id == Item.id, Item.assembly_id == assembly_id)
    done = exists().where(Verification.assembly_id == assembly_id)
    return session.scalar(select(or_(on_item, done)))


@dataclass(frozen=True)
class Raised:
    problem: Problem
    theme: Theme
    unit: TerritorialUnit


def problems_of(session: Session, item_id: int) -> list[Raised]:
    """Problems raised on an item, newest first, sensitive ones included: for those who hold the assembly only."""
    rows = session.execute(
        select(Problem, Theme, TerritorialUnit).join(Theme, Theme.id == Problem.theme_id)
        .join(TerritorialUnit, TerritorialUnit.id == Problem.unit_id)
        .where(Problem.item_id == item_id).order_by(Problem.id.desc())
    )
    return [Raised(*row) for row in rows]


def agreements_of(session: Session, item_id: int) -> list[Agreement]:
    """Agreements born from an item, owner loaded, oldest first."""
    return list(
        session.scalars(
            select(Agreement).where(Agreement.item_id == item_id)
            .options(joinedload(Agreement.owner), joinedload(Agreement.counterpart)).order_by(Agreement.id)
        )
    )


def themes(session: Session) -> Sequence[Theme]:
    """The themes in use, by Spanish name."""
    return session.scalars(select(Theme).where(Theme.merged_into_id.is_(None)).order_by(Theme.name_es)).all()


def places(session: Session, assembly: Assembly) -> list[TerritorialUnit]:
    """Where something raised here may lie: the blocks gathered, and the assembly's own unit first."""
    blocks = session.scalars(
        select(TerritorialUnit).join(AssemblyBlock, AssemblyBlock.unit_id == TerritorialUnit.id)
        .where(AssemblyBlock.assembly_id == assembly.id, TerritorialUnit.id != assembly.unit_id)
        .order_by(TerritorialUnit.code)
    ).all()
    return [assembly.unit, *blocks]


def bodies(session: Session) -> Sequence[Body]:
    """Whoever can owe or answer: by level of government, then by name."""
    found = session.scalars(select(Body).where(Body.active)).all()
    return sorted(found, key=lambda body: (list(GovernmentLevel).index(body.level), body.name))


def collective_of(session: Session, territory: TerritorialUnit) -> Body | None:
    """The planning collective of a territory: who usually answers for the neighbours."""
    return session.scalar(
        select(Body).where(Body.active, Body.kind == BodyKind.COLLECTIVE, Body.unit_id == territory.id).order_by(Body.id).limit(1)
    )
