"""Writes assemblies brought in from a list: held or closed, their blocks met, their minutes sealed as they came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.core import search, storage
from app.core.tabular import Context, Outcome, Row
from assemblies.meetings.minute.queries import digest_of
from assemblies.meetings.queries import Margin, as_published
from models import Assembly, AssemblyBlock, Event, Minutes, ledger
from models.assembly import AssemblyKind, AssemblyState, Mode
from models.folio import ASSEMBLY_PREFIX, folio_key, next_folios
from models.ledger import Capacity, Entry, EventKind, rfc3339
from territories.units.book import AT_ONCE, short_codes

FORMAT = 1
WRITTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF of the minutes, by its name in the companion and the SHA-256 of its content."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An assembly as a row tells it. ``blocks``: (id, code, name); ``counted`` as ``Assembly.told_headcount``."""

    unit_id: int
    unit_code: str
    unit_name: str
    kind: AssemblyKind
    mode: Mode
    title: str
    place: str
    starts_at: datetime
    hour_known: bool
    counted: dict[str, Any] | None
    blocks: tuple[tuple[int, str, str], ...]
    notes: str
    paper: Paper | None

    @property
    def state(self) -> AssemblyState:
        return AssemblyState.CLOSED if self.paper else AssemblyState.HELD

    def told(self) -> list[Any]:
        """What the row says, apart from how it is kept here."""
        return [
            self.unit_code, str(self.kind), str(self.mode), self.title, self.place, rfc3339(self.starts_at), self.counted,
            sorted(code for _id, code, _name in self.blocks), self.notes, self.paper and self.paper.sha256,
        ]


def present(session: Session, ids: Sequence[int]) -> dict[int, tuple[Assembly, set[int]]]:
    """Those assemblies with the ids of the blocks they gather; two queries per 500."""
    found: dict[int, tuple[Assembly, set[int]]] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        found |= {one.id: (one, set()) for one in session.scalars(select(Assembly).where(Assembly.id.in_(some)))}
        for assembly_id, unit_id in session.execute(
            select(AssemblyBlock.assembly_id, AssemblyBlock.unit_id).where(AssemblyBlock.assembly_id.in_(some))
        ):
            found[assembly_id][1].add(unit_id)
    return found


def bring(session: Session, rows: Sequence[Row], *, capacity: Capacity, context: Context) -> Mapping[str, int]:
    """Write new assemblies and give those that are here what came later."""
    new = [row for row in rows if row.outcome is Outcome.NEW]
    changed = [row for row in rows if row.outcome is Outcome.CHANGED]
    # Kept before anything is written: a file whose row is rolled back is found again by its content.
    for row in rows:
        if row.draft.paper:
            storage.keep(context.options.companion[row.draft.paper.name])
    pairs = _add(session, new, context) + _gain(session, changed)
    ledger.append_many(
        session, (_told(row.draft, assembly, context, changed=row.known) for row, assembly in pairs), capacity=capacity,
        occurred_at=context.moment, recorded_at=context.moment,
    )
    sealed = [(row, assembly) for row, assembly in pairs if row.draft.paper]
    _seal(session, sealed, capacity, context)
    search.refresh(session, Assembly, [assembly.id for _row, assembly in pairs])
    met = {block[0] for row in new for block in row.draft.blocks}
    return {"blocks_met": len(met), "with_minutes": len(sealed)}


def _add(session: Session, rows: Sequence[Row], context: Context) -> list[tuple[Row, Assembly]]:
    codes = short_codes(session, (row.draft.unit_id for row in rows))
    series: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        series[codes[row.draft.unit_id], row.draft.starts_at.year].append(row)
    made: list[tuple[Row, Assembly]] = []
    folios = next_folios(session, prefix=ASSEMBLY_PREFIX, wanted={key: len(same) for key, same in series.items()})
    for key, same in series.items():
        same.sort(key=lambda row: (row.draft.starts_at, row.number))
        made += [(row, _assembly(row.draft, folio, context.moment)) for row, folio in zip(same, folios[key], strict=True)]
    made.sort(key=lambda pair: pair[0].number)
    for start in range(0, len(made), WRITTEN_AT_ONCE):
        batch = made[start : start + WRITTEN_AT_ONCE]
        session.add_all(assembly for _row, assembly in batch)
        session.flush()
        gathered = []
        for row, assembly in batch:
            row.object_id = assembly.id
            gathered += [{"assembly_id": assembly.id, "unit_id": block[0]} for block in row.draft.blocks]
        if gathered:
            session.execute(insert(AssemblyBlock), gathered)
        context.progress("writing", start + len(batch), len(made))
    return made


def _assembly(draft: Draft, folio: str, moment: datetime) -> Assembly:
    # ``convened_at`` is since when anybody may read of it: here, since it was brought in.
    return Assembly(
        folio=folio, folio_key=folio_key(folio), unit_id=draft.unit_id, kind=draft.kind, mode=draft.mode, state=draft.state,
        title=draft.title, place=draft.place, place_key=search.fold(draft.place)[:200], starts_at=draft.starts_at, held_at=draft.starts_at,
        convened_at=moment,
        notes=draft.notes, imported=True, told_headcount=draft.counted,
    )


def _gain(session: Session, rows: Sequence[Row]) -> list[tuple[Row, Assembly]]:
    """What a later list adds to assemblies that are still open: count, place, title, notes, minutes."""
    locked = {
        one.id: one for start in range(0, len(rows), AT_ONCE)
        for one in session.scalars(
            select(Assembly).where(Assembly.id.in_([row.object_id for row in rows[start : start + AT_ONCE]]))
            .order_by(Assembly.id).with_for_update().execution_options(populate_existing=True)
        )
    }
    for row in rows:
        draft, assembly = row.draft, locked[row.object_id]
        assembly.title, assembly.place, assembly.place_key = draft.title, draft.place, search.fold(draft.place)[:200]
        assembly.notes, assembly.told_headcount, assembly.state = draft.notes, draft.counted, draft.state
        assembly.version += 1
    session.flush()
    return [(row, locked[row.object_id]) for row in rows]


def _told(draft: Draft, assembly: Assembly, context: Context, *, changed: bool) -> Entry:
    return Entry(
        EventKind.ASSEMBLY_IMPORTED, assembly.object_name,
        {
            "to": str(AssemblyState.HELD), "unit": draft.unit_code, "assembly_kind": str(draft.kind), "mode": str(draft.mode),
            "blocks": [code for _id, code, _name in draft.blocks], "starts_at": rfc3339(draft.starts_at), "hour_known": draft.hour_known,
            "people": draft.counted["total"] if draft.counted else None, "origin": "import", "source": context.options.source,
            "changed": changed,
        },
        {"title": draft.title, "place": draft.place}, draft.starts_at,
    )


def _seal(session: Session, pairs: Sequence[tuple[Row, Assembly]], capacity: Capacity, context: Context) -> None:
    """Seal the minutes that came along: the PDF is the original, the content what the list told of it."""
    contents = {assembly.object_name: _content(row.draft, assembly) for row, assembly in pairs}
    digests = {name: digest_of(content) for name, content in contents.items()}
    ledger.append_many(
        session,
        (
            Entry(EventKind.MINUTES_SEALED, name, {"digest": digest, "origin": "import", "source": context.options.source})
            for name, digest in digests.items()
        ),
        capacity=capacity, occurred_at=context.moment, recorded_at=context.moment,
    )
    heads: dict[str, str] = {}
    names = list(digests)
    for start in range(0, len(names), AT_ONCE):
        for name, seq, hashed in session.execute(
            select(Event.object, Event.seq, Event.hash)
            .where(Event.object.in_(names[start : start + AT_ONCE]), Event.kind == str(EventKind.MINUTES_SEALED))
        ):
            heads[name] = f"{seq}:{hashed}"
    session.add_all(
        Minutes(
            assembly_id=assembly.id, content=contents[assembly.object_name], digest=digests[assembly.object_name],
            head=heads[assembly.object_name], pdf_sha256=row.draft.paper.sha256, sealed_at=context.moment,
        )
        for row, assembly in pairs
    )
    session.flush()


def _content(draft: Draft, assembly: Assembly) -> dict[str, Any]:
    """The same shape as minutes written here, with what a list can tell; ``file`` is the original."""
    count = as_published(draft.counted)
    return {
        "format": FORMAT, "folio": assembly.folio, "title": draft.title, "kind": str(draft.kind), "mode": str(draft.mode),
        "unit": {"code": draft.unit_code, "name": draft.unit_name},
        "blocks": [{"code": code, "name": name} for _id, code, name in draft.blocks], "place": draft.place, "conveners": [],
        "starts_at": rfc3339(draft.starts_at), "second_call_at": None, "opened_at": None, "held_at": None, "call": 0, "quorum": 0,
        "headcount": None if count is None else {
            "total": count.total, "first_timers": None, "genders": _margin(count.genders), "ages": _margin(count.ages),
        },
        "slips": 0, "items": [], "sensitive": [], "notes": draft.notes, "imported": True, "file": draft.paper.sha256,
    }  # fmt: skip


def _margin(margin: Margin) -> dict[str, Any]:
    return {"cells": [[str(key), people] for key, people in margin.cells], "rest": margin.rest}
