"""The minutes as they stand: assembled from what was recorded, so that nothing is typed twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from agendas.agreements import verification
from agendas.agreements.discretion import discreet
from app.core import clock
from assemblies.meetings import queries as meetings
from assemblies.meetings import reserved
from assemblies.meetings.hold import queries as held
from models import Addendum, Agreement, Decision, Minutes, Problem, Theme, Verification
from models.assembly import Assembly, Item, Method
from models.ledger import rfc3339
from models.settings import setting
from models.territory import TerritorialUnit
from territories.units.queries import territory_of

FORMAT = 1


def content_of(session: Session, assembly: Assembly) -> dict[str, Any]:
    """Everything the page and the PDF print, as strings and whole numbers: the thing that is sealed.

    Who came is published as the margins that hide small cells; sensitive problems are only counted, by
    territory, and agreements about them are published with their territory, not here.
    """
    items = meetings.items_of(session, assembly.id)
    return {
        "format": FORMAT,
        "folio": assembly.folio, "title": assembly.title, "kind": str(assembly.kind), "mode": str(assembly.mode),
        "unit": _unit(assembly.unit), "blocks": [_unit(block) for block in meetings.blocks_of(session, assembly.id)],
        "place": assembly.place,
        "conveners": [
            {"role": convener.role, "body": convener.body.name if convener.body else None}
            for convener in meetings.conveners_of(session, assembly.id)
        ],
        "starts_at": rfc3339(assembly.starts_at), "second_call_at": _moment(assembly.second_call_at),
        "opened_at": _moment(assembly.opened_at), "held_at": _moment(assembly.held_at),
        "call": held.call_of(session, assembly), "quorum": assembly.quorum,
        "headcount": _headcount(session, assembly), "slips": held.slips_out(session, assembly.id),
        "items": _items(session, items), "sensitive": _sensitive(session, assembly), "notes": assembly.notes,
    }


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 in hex of the RFC 8785 form of the content."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()


@dataclass(frozen=True)
class Sealed:
    """Sealed minutes with what was added since, oldest first."""

    minutes: Minutes
    addenda: list[Addendum]


def sealed_of(session: Session, assembly_id: int) -> Sealed | None:
    """The sealed minutes of an assembly, or None while there are none."""
    minutes = session.scalar(select(Minutes).filter_by(assembly_id=assembly_id).options(selectinload(Minutes.addenda)))
    return None if minutes is None else Sealed(minutes, list(minutes.addenda))


def _unit(unit: TerritorialUnit) -> dict[str, str]:
    return {"code": unit.code, "name": unit.name}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _headcount(session: Session, assembly: Assembly) -> dict[str, Any] | None:
    count = meetings.published_headcount(session, assembly.id)
    if count is None:
        return None
    return {
        "total": count.total, "first_timers": count.first_timers, "genders": _margin(count.genders), "ages": _margin(count.ages),
    }


def _margin(margin: meetings.Margin) -> dict[str, Any]:
    return {"cells": [[str(key), people] for key, people in margin.cells], "rest": margin.rest}


def _items(session: Session, items: list[Item]) -> list[dict[str, Any]]:
    ids = [item.id for item in items]
    decisions = {row.item_id: row for row in session.scalars(select(Decision).where(Decision.item_id.in_(ids)))}
    agreements = _by_item(
        session.scalars(
            select(Agreement).where(Agreement.item_id.in_(ids), ~discreet()).order_by(Agreement.id)
            .options(joinedload(Agreement.owner), joinedload(Agreement.counterpart), joinedload(Agreement.unit))
        )
    )
    problems: dict[int, list[dict[str, Any]]] = {}
    for problem, theme, unit in session.execute(
        select(Problem, Theme, TerritorialUnit).join(Theme, Theme.id == Problem.theme_id)
        .join(TerritorialUnit, TerritorialUnit.id == Problem.unit_id)
        .where(Problem.item_id.in_(ids), Theme.sensitive.is_(False)).order_by(Problem.id)
    ):
        problems.setdefault(problem.item_id, []).append(
            {"text": problem.text, "theme": _theme(theme), "unit": _unit(unit)}
        )
    verified = _verified(session, ids)
    return [
        {
            "position": item.position, "title": item.title, "type": str(item.type),
            "method": str(item.method) if item.method else None, "added_live": item.added_live,
            "opened_at": _moment(item.opened_at), "closed_at": _moment(item.closed_at), "notes": item.notes,
            "problems": problems.get(item.id, []),
            "decision": _decision(decisions[item.id]) if item.id in decisions else None,
            "agreements": [_agreement(row) for row in agreements.get(item.id, [])],
            "verified": verified.get(item.id, []),
        }
        for item in items
    ]


def _by_item(rows) -> dict[int, list]:
    found: dict[int, list] = {}
    for row in rows:
        found.setdefault(row.item_id, []).append(row)
    return found


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


def _agreement(row: Agreement) -> dict[str, Any]:
    return {
        "folio": row.folio, "text": row.text, "owner": row.owner.name,
        "counterpart": row.counterpart.name if row.counterpart else None, "due": row.first_due.isoformat(),
        "unit": _unit(row.unit), "place": row.place,
    }


def _verified(session: Session, item_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    rows = session.execute(
        select(Verification, Agreement.folio, Agreement.text).join(Agreement, Agreement.id == Verification.agreement_id)
        .where(Verification.item_id.in_(item_ids)).order_by(Verification.id)
    ).all()
    signed = verification.signatures(session, [row.id for row, _folio, _text in rows])
    needed = setting(session, "countersigners")
    found: dict[int, list[dict[str, Any]]] = {}
    for row, folio, text in rows:
        found.setdefault(row.item_id, []).append(
            {"folio": folio, "text": text, "signed": signed.get(row.id, 0), "needed": needed, "complete": row.completed_at is not None}
        )
    return found


def _sensitive(session: Session, assembly: Assembly) -> list[dict[str, Any]]:
    """Sensitive problems of the territory, whichever assembly raised them, as its last closed month left
    them: neither this assembly's count nor what it added can be read off its minutes."""
    territory = territory_of(session, assembly.unit)
    counted = reserved.published(session, clock.now(), territory_id=territory.id)
    themes = {theme.id: theme for theme in session.scalars(select(Theme).where(Theme.id.in_([one.theme_id for one in counted])))}
    return [{"theme": _theme(themes[one.theme_id]), "unit": _unit(territory), "count": one.count} for one in counted]
