"""What every page about an assembly reads: the assembly itself, its items, its people as counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

from app.core.permissions import Thing
from models.assembly import AgeBand, Assembly, AssemblyBlock, Convener, Gender, HeadcountCell, Item
from models.folio import folio_key
from models.ledger import Event, EventText
from models.territory import TerritorialUnit, path_of

Key = TypeVar("Key")
SMALLEST_CELL = 5


def assembly_by_folio(session: Session, folio_text: str, *, lock: bool = False) -> Assembly | None:
    """The assembly under a folio typed any way (``as-abc-2026-0042``, ``ASABC20260042``), its unit, level and
    number of documents loaded; None when there is none. ``lock`` keeps its row until the transaction ends."""
    query = select(Assembly).where(Assembly.folio_key == folio_key(folio_text)).options(
        joinedload(Assembly.unit, innerjoin=True).joinedload(TerritorialUnit.level, innerjoin=True), undefer(Assembly.documents)
    )
    if lock:
        query = query.with_for_update(of=Assembly).execution_options(populate_existing=True)
    return session.scalar(query)


def thing_of(session: Session, assembly: Assembly) -> Thing:
    """What the policy is asked about: where the assembly hangs and in what state it is."""
    return Thing(path=path_of(session, assembly.unit_id), unit_id=assembly.unit_id, state=assembly.state)


def items_of(session: Session, assembly_id: int) -> list[Item]:
    """The items in their order."""
    return list(session.scalars(select(Item).filter_by(assembly_id=assembly_id).order_by(Item.position)))


def blocks_of(session: Session, assembly_id: int) -> list[TerritorialUnit]:
    """The blocks gathered, by code."""
    return list(
        session.scalars(
            select(TerritorialUnit)
            .join(AssemblyBlock, AssemblyBlock.unit_id == TerritorialUnit.id)
            .where(AssemblyBlock.assembly_id == assembly_id)
            .order_by(TerritorialUnit.code)
        )
    )


def conveners_of(session: Session, assembly_id: int) -> list[Convener]:
    """Who convenes, as capacities: the body is loaded, the account is not."""
    return list(
        session.scalars(
            select(Convener).filter_by(assembly_id=assembly_id).options(joinedload(Convener.body)).order_by(Convener.id)
        )
    )


@dataclass(frozen=True)
class Entry:
    """An event with the texts a reader may see; ``withheld`` when one was erased or hidden."""

    event: Event
    texts: Mapping[str, str]
    withheld: bool


def entries_of(session: Session, assembly: Assembly) -> list[Entry]:
    """The ledger's entries about the assembly, oldest first; one query."""
    rows = session.execute(
        select(Event, EventText)
        .outerjoin(EventText, EventText.event_seq == Event.seq)
        .where(Event.object == assembly.object_name)
        .order_by(Event.seq, EventText.id)
    )
    texts: dict[Event, list[EventText]] = {}
    for event, text in rows:
        texts.setdefault(event, []).extend([text] if text is not None else [])
    found = []
    for event, beside in texts.items():
        shown = {one.field: one.text for one in beside if one.text and not one.held and one.hidden_reason is None}
        found.append(Entry(event, shown, len(shown) < len(beside)))
    return found


@dataclass(frozen=True)
class Margin(Generic[Key]):
    """People by one trait, in the order of its members. Hidden cells are None; ``rest`` is how many
    people all hidden cells hold together, None when none is hidden."""

    cells: tuple[tuple[Key, int | None], ...]
    rest: int | None

    @property
    def hidden(self) -> tuple[Key, ...]:
        return tuple(key for key, people in self.cells if people is None)

    @property
    def shown(self) -> tuple[tuple[Key, int], ...]:
        return tuple((key, people) for key, people in self.cells if people is not None)


@dataclass(frozen=True)
class Headcount:
    """What is published of who came. ``first_timers`` is None where telling it would single people out."""

    total: int
    first_timers: int | None
    genders: Margin[Gender]
    ages: Margin[AgeBand]


def published_headcount(session: Session, assembly_id: int) -> Headcount | None:
    """Totals and one-way margins with small cells hidden (DOMAIN.md 7); None when nobody was counted."""
    counted = published(session.scalars(select(HeadcountCell).filter_by(assembly_id=assembly_id)).all())
    return counted or as_published(session.scalar(select(Assembly.told_headcount).where(Assembly.id == assembly_id)))


def published(cells: Sequence[HeadcountCell]) -> Headcount | None:
    """What is published of these cells of one assembly; None when nobody was counted. Pure."""
    total = sum(cell.people for cell in cells)
    if not total:
        return None
    first = sum(cell.first_timers for cell in cells)
    return Headcount(
        total,
        suppressed(("first", "again"), (first, total - first)).cells[0][1],
        suppressed(tuple(Gender), [sum(c.people for c in cells if c.gender is one) for one in Gender]),
        suppressed(tuple(AgeBand), [sum(c.people for c in cells if c.age_band is one) for one in AgeBand]),
    )


def as_published(told: Mapping[str, Any] | None) -> Headcount | None:
    """What a list told of who came (``Assembly.told_headcount``), with small cells hidden all the same. A margin
    the list did not give has no cells."""
    if not told:
        return None
    margins = []
    for name, kind in (("genders", Gender), ("ages", AgeBand)):
        cells = told.get(name) or {}
        keys = tuple(one for one in kind if str(one) in cells)
        margins.append(suppressed(keys, [cells[str(one)] for one in keys]))
    return Headcount(told["total"], None, *margins)


def suppressed(keys: Sequence[Key], people: Sequence[int]) -> Margin[Key]:
    """Hide each cell under 5, then neighbours of hidden cells until at least two are hidden and hold five
    people between them, so that subtracting from the total finds nobody.

    The neighbour is chosen by its place, never by its size: a choice by size would itself say
    how big the hidden cell is (the minimality attack, Wong et al. 2007). Several small cells that
    are all as large as a small cell can be would be given away by their sum: then all are hidden.
    """
    everywhere = range(len(people))
    hidden = {place for place in everywhere if people[place] < SMALLEST_CELL}
    if len(hidden) > 1 and all(people[place] == SMALLEST_CELL - 1 for place in hidden):
        hidden = set(everywhere)
    while 0 < len(hidden) < len(people):
        if len(hidden) > 1 and sum(people[place] for place in hidden) >= SMALLEST_CELL:
            break
        shown = [place for place in everywhere if place not in hidden]
        hidden.add(min(shown, key=lambda place: (min(abs(place - other) for other in hidden), place)))
    rest = sum(people[place] for place in hidden) if hidden else None
    return Margin(tuple((key, None if place in hidden else people[place]) for place, key in enumerate(keys)), rest)
