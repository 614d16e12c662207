"""What anybody may read about an assembly, in a number of queries that does not grow with its blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload

from agendas.agreements.discretion import discreet
from assemblies.meetings.queries import Entry, Headcount, conveners_of, entries_of, published_headcount
from models.agreement import Agreement
from models.assembly import MET, Assembly, AssemblyBlock, AssemblyState, Convener, Decision, Item
from models.ledger import EventKind
from models.territory import TerritorialUnit

# Past this many a list of blocks is a wall of codes: then their sections are named with a count.
BLOCKS_NAMED = 60


@dataclass(frozen=True)
class Spot:
    """A block or an area as a list names it."""

    code: str
    name: str
    streets: str = ""


@dataclass(frozen=True)
class Gathered:
    """The blocks an assembly gathers: each of them, or, when they are many, ``areas`` with how many of each."""

    count: int
    blocks: tuple[Spot, ...]
    areas: tuple[tuple[Spot, int], ...]


@dataclass(frozen=True)
class Change:
    """One change of day or place: the entry, what was said before, what is said now. A place that may no
    longer be read is empty."""

    entry: Entry
    before: dict
    after: dict

    @classmethod
    def of(cls, entry: Entry) -> Change:
        sides = (entry.event.data[side] | {"place": entry.texts.get(f"place_{side}", "")} for side in ("before", "after"))
        return cls(entry, *sides)


@dataclass(frozen=True)
class Public:
    """Everything the public page prints."""

    assembly: Assembly
    items: tuple[tuple[Item, Decision | None], ...]
    gathered: Gathered
    conveners: Sequence[Convener]
    entries: Sequence[Entry]
    headcount: Headcount | None
    agreements: Sequence[Agreement]

    @property
    def changes(self) -> list[Change]:
        return [
            Change.of(entry) for entry in self.entries if entry.event.kind == EventKind.ASSEMBLY_RESCHEDULED
        ]

    def entry(self, kind: EventKind) -> Entry | None:
        return next((entry for entry in reversed(self.entries) if entry.event.kind == kind), None)

    @property
    def met(self) -> bool:
        return self.assembly.state in MET

    @property
    def head(self) -> str:
        """The last entry about this assembly, as paper prints it and the verifier takes it: ``SEQ:HASH``."""
        last = self.entries[-1].event
        return f"{last.seq}:{last.hash}"


def public_page(session: Session, assembly: Assembly) -> Public:
    """The page of a published assembly (its unit loaded); six queries at most."""
    took_place = assembly.state in (AssemblyState.IN_SESSION, *MET)
    return Public(
        assembly, _items(session, assembly.id), gathered_blocks(session, assembly.id),
        conveners_of(session, assembly.id), entries_of(session, assembly),
        published_headcount(session, assembly.id) if assembly.state in MET else None,
        born_at(session, assembly.id) if took_place else [],
    )


def _items(session: Session, assembly_id: int) -> tuple[tuple[Item, Decision | None], ...]:
    rows = session.execute(
        select(Item, Decision).outerjoin(Decision, Decision.item_id == Item.id)
        .where(Item.assembly_id == assembly_id).order_by(Item.position)
    )
    return tuple((item, decision) for item, decision in rows)


def gathered_blocks(session: Session, assembly_id: int) -> Gathered:
    """The blocks of an assembly; one query of a few columns, since a borough's assembly gathers thousands."""
    parent = aliased(TerritorialUnit)
    rows = session.execute(
        select(TerritorialUnit.code, TerritorialUnit.name, TerritorialUnit.streets, parent.code, parent.name)
        .join(AssemblyBlock, AssemblyBlock.unit_id == TerritorialUnit.id)
        .outerjoin(parent, parent.id == TerritorialUnit.parent_id)
        .where(AssemblyBlock.assembly_id == assembly_id)
        .order_by(TerritorialUnit.code_key)
    ).all()
    if len(rows) <= BLOCKS_NAMED:
        return Gathered(len(rows), tuple(Spot(code, name, streets) for code, name, streets, _c, _n in rows), ())
    areas = Counter(Spot(above or code, above_name or name) for code, name, _s, above, above_name in rows)
    named = sorted(areas.items(), key=lambda area: area[0].code.lower())[:BLOCKS_NAMED]
    return Gathered(len(rows), (), tuple(named))


def born_at(session: Session, assembly_id: int) -> list[Agreement]:
    """The agreements made at the assembly that may be told of it, with their owners; one query."""
    return list(
        session.scalars(
            select(Agreement).where(Agreement.assembly_id == assembly_id, ~discreet())
            .options(joinedload(Agreement.owner, innerjoin=True), joinedload(Agreement.unit, innerjoin=True))
            .order_by(Agreement.id)
        )
    )
