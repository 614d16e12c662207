"""What sealed minutes say, written out of what was recorded. Pure: no query, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assemblies.meetings import queries as meetings
from models.agreement import Agreement
from models.assembly import Assembly, Decision, HeadcountCell, Item, Method, Problem
from models.ledger import canonical, rfc3339
from models.territory import TerritorialUnit
from models.theme import Theme

FORMAT = 1


@dataclass(frozen=True)
class Promise:
    """An agreement with the names its line prints, as they are when the minutes are sealed."""

    agreement: Agreement
    owner: str
    counterpart: str | None
    unit: TerritorialUnit


@dataclass(frozen=True)
class Checked:
    """An agreement that the assembly took for done, and how many of those needed had signed."""

    folio: str
    text: str
    signed: int
    needed: int
    complete: bool


@dataclass(frozen=True)
class Yield:
    """What one item left, but for what is sensitive: problems with theme and place, its decision, agreements, verifications."""

    problems: Sequence[tuple[Problem, Theme, TerritorialUnit]] = ()
    decision: Decision | None = None
    agreements: Sequence[Promise] = ()
    checked: Sequence[Checked] = ()


@dataclass(frozen=True)
class Record:
    """All that was recorded of an assembly. ``conveners`` are (role, name of the body); ``yields`` by item id;
    ``sensitive`` counts problems of the territory by theme, as last told."""

    assembly: Assembly
    unit: TerritorialUnit
    territory: TerritorialUnit
    blocks: Sequence[TerritorialUnit]
    conveners: Sequence[tuple[str, str | None]]
    call: int
    cells: Sequence[HeadcountCell]
    slips: int
    items: Sequence[Item]
    yields: Mapping[int, Yield] = field(default_factory=dict)
    sensitive: Sequence[tuple[Theme, int]] = ()


def written(record: Record) -> dict[str, Any]:
    """Everything the page and the PDF print, as strings and whole numbers: the thing that is sealed."""
    assembly = record.assembly
    return {
        "format": FORMAT,
        "folio": assembly.folio, "title": assembly.title, "kind": str(assembly.kind), "mode": str(assembly.mode),
        "unit": _unit(record.unit), "blocks": [_unit(block) for block in record.blocks],
        "place": assembly.place,
        "conveners": [{"role": role, "body": body} for role, body in record.conveners],
        "starts_at": rfc3339(assembly.starts_at), "second_call_at": _moment(assembly.second_call_at),
        "opened_at": _moment(assembly.opened_at), "held_at": _moment(assembly.held_at),
        "call": record.call, "quorum": assembly.quorum,
        "headcount": _headcount(record), "slips": record.slips,
        "items": [_item(item, record.yields.get(item.id, Yield())) for item in record.items],
        "sensitive": [
            {"theme": _theme(theme), "unit": _unit(record.territory), "count": count} for theme, count in record.sensitive
        ],
        "notes": assembly.notes,
    }


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 in hex of the RFC 8785 form of the content."""
    return hashlib.sha256(canonical(content)).hexdigest()


def _unit(unit: TerritorialUnit) -> dict[str, str]:
    return {"code": unit.code, "name": unit.name}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _headcount(record: Record) -> dict[str, Any] | None:
    count = meetings.published(record.cells) or meetings.as_published(record.assembly.told_headcount)
    if count is None:
        return None
    return {
        "total": count.total, "first_timers": count.first_timers, "genders": _margin(count.genders), "ages": _margin(count.ages),
    }


def _margin(margin: meetings.Margin) -> dict[str, Any]:
    return {"cells": [[str(key), people] for key, people in margin.cells], "rest": margin.rest}


def _item(item: Item, left: Yield) -> dict[str, Any]:
    return {
        "position": item.position, "title": item.title, "type": str(item.type),
        "method": str(item.method) if item.method else None, "added_live": item.added_live,
        "opened_at": _moment(item.opened_at), "closed_at": _moment(item.closed_at), "notes": item.notes,
        "problems": [{"text": problem.text, "theme": _theme(theme), "unit": _unit(unit)} for problem, theme, unit in left.problems],
        "decision": _decision(left.decision) if left.decision is not None else None,
        "agreements": [_promise(promise) for promise in left.agreements],
        "verified": [
            {"folio": one.folio, "text": one.text, "signed": one.signed, "needed": one.needed, "complete": one.complete}
            for one in left.checked
        ],
    }


def _theme(theme: Theme) -> dict[str, str]:
    return {"code": theme.code, "name_es": theme.name_es, "name_fr": theme.name_fr, "name_en": theme.name_en}


def _decision(row: Decision) -> dict[str, Any]:
    tally = None
    if row.method is Method.VOTE:
        tally = {"in_favour": row.in_favour, "against": row.against, "abstaining": row.abstaining}
    return {
        "method": str(row.method), "outcome": str(row.outcome), "text": row.text, "present": row.present, "quorum": row.quorum,
        "tally": tally, "objections": row.objections,
    }


def _promise(promise: Promise) -> dict[str, Any]:
    row = promise.agreement
    return {
        "folio": row.folio, "text": row.text, "owner": promise.owner, "counterpart": promise.counterpart,
        "due": row.first_due.isoformat(), "unit": _unit(promise.unit), "place": row.place,
    }
