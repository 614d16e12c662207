"""Agreements as readers need them: rows ready to print, and the one JSON shape of INTERFACES.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from agendas.agreements import share
from agendas.agreements.discretion import discreet
from app.core import clock
from app.core.streams import STREAMED
from models import Agreement, Ancestry, Assembly, Body, Doubt, Event, EventText, Level, Spot, TerritorialUnit, Voice
from models.agreement import UNSETTLED, VoiceKind
from models.folio import folio_key
from models.settings import setting
from models.territory import LevelRole, kin_of, path_with_heirs

# Where a voice or a verification reaches upwards, and no further.
NEIGHBOURHOOD = (LevelRole.TERRITORY, LevelRole.SECTION, LevelRole.BLOCK)
READY = (joinedload(Agreement.unit), joinedload(Agreement.owner), joinedload(Agreement.theme), joinedload(Agreement.counterpart))


def local_day(session: Session, moment: datetime) -> date:
    """The municipality's day at ``moment``."""
    return moment.astimezone(ZoneInfo(setting(session, "time_zone"))).date()


def this_day(session: Session) -> date:
    """The municipality's day now."""
    return local_day(session, clock.now())


def decides_for(session: Session, assembly: Assembly, agreement: Agreement) -> bool:
    """Whether the assembly is of the agreement's unit or above it, up to the territory, or of what came out of those."""
    level = session.scalars(
        select(Level.role).join(TerritorialUnit, TerritorialUnit.level_id == Level.id)
        .where(TerritorialUnit.id == assembly.unit_id)
    ).one()
    return level in NEIGHBOURHOOD and assembly.unit_id in path_with_heirs(session, agreement.unit_id)


def with_names(query: Select) -> Select:
    """``query`` over Agreement with what every row prints: unit, owner, counterpart, theme."""
    return query.options(*READY)


def agreement_by_folio(session: Session, text: str) -> Agreement | None:
    """The agreement whose folio was typed in any case, with or without hyphens; its names loaded."""
    return session.scalar(with_names(select(Agreement).where(Agreement.folio_key == folio_key(text))))


def agreement_with_assembly(session: Session, text: str) -> tuple[Agreement, Assembly | None] | None:
    """Like :func:`agreement_by_folio`, with its point and the assembly that made it if they may be told, in one query."""
    row = session.execute(
        with_names(select(Agreement, Assembly))
        .outerjoin(Assembly, and_(Assembly.id == Agreement.assembly_id, ~discreet()))
        .outerjoin(Spot, and_(Spot.agreement_id == Agreement.id, ~discreet())).options(contains_eager(Agreement.spot))
        .where(Agreement.folio_key == folio_key(text))
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def open_agreements_for(session: Session, unit_id: int, *, limit: int = 200) -> list[Agreement]:
    """What is still owed (on hold included) on the unit, below it, and above it up to the territory; also on units
    that are no more, out of which these came.

    Late first, then by due date; names loaded; at most ``limit``.
    """
    today = this_day(session)
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id == unit_id)
    above = session.scalars(
        select(Ancestry.ancestor_id)
        .join(TerritorialUnit, TerritorialUnit.id == Ancestry.ancestor_id)
        .join(Level, Level.id == TerritorialUnit.level_id)
        .where(Ancestry.unit_id == unit_id, Level.role.in_(NEIGHBOURHOOD))
    ).all()
    reached = {*above, *kin_of(session, {*above, unit_id}, heirs=False)}
    return list(
        session.scalars(
            with_names(select(Agreement))
            .where(Agreement.state.in_(UNSETTLED))
            .where(or_(Agreement.unit_id.in_(below), Agreement.unit_id.in_(reached)))
            .order_by(share.is_late(today).desc(), Agreement.due, Agreement.id)
            .limit(limit)
        )
    )


@dataclass(frozen=True)
class Words:
    """A free text of an event as readers may see it. ``status``: shown, held, hidden or withheld."""

    field: str
    status: str
    text: str | None = None
    reason: str | None = None

    def as_json(self) -> dict[str, str | None]:
        return {"status": self.status, "text": self.text, "reason": self.reason}


@dataclass(frozen=True)
class Entry:
    """One event with its texts by field."""

    event: Event
    words: dict[str, Words]

    def as_json(self) -> dict[str, Any]:
        """Public fields of the event; ``texts`` say what a reader may read and why not otherwise."""
        public = self.event.public()
        kept = ("seq", "kind", "capacity", "occurred_at", "recorded_at", "data", "hash")
        return {name: public[name] for name in kept} | {
            "texts": {field: words.as_json() for field, words in self.words.items()}
        }


def entries_of(session: Session, agreement: Agreement) -> list[Entry]:
    """The life of an agreement, oldest first: its ledger events with their texts. One query."""
    return _entries(session, [agreement.object_name]).get(agreement.object_name, [])


def _entries(session: Session, objects: Sequence[str]) -> dict[str, list[Entry]]:
    rows = session.execute(
        select(Event, EventText)
        .outerjoin(EventText, EventText.event_seq == Event.seq)
        .where(Event.object.in_(objects))
        .order_by(Event.seq, EventText.id)
    ).all()
    events = {event.seq: event for event, _kept in rows}
    texts: dict[int, dict[str, EventText]] = {seq: {} for seq in events}
    for event, kept in rows:
        if kept is not None:
            texts[event.seq][kept.field] = kept
    found: dict[str, list[Entry]] = {}
    for seq, event in events.items():
        said = {field: _words(field, texts[seq].get(field)) for field in event.data.get("texts", {})}
        found.setdefault(event.object, []).append(Entry(event, said))
    return found


def _words(field: str, row: EventText | None) -> Words:
    if row is not None and row.hidden_reason is not None:
        return Words(field, "hidden", reason=row.hidden_reason)
    if row is None or row.text is None:
        return Words(field, "withheld")
    if row.held:
        return Words(field, "held")
    return Words(field, "shown", text=row.text)


@dataclass(frozen=True)
class Tally:
    """Voices of one report. ``needed`` is the setting; ``missing`` falls to 0 at the threshold."""

    confirmations: int
    objections: int
    needed: int

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.confirmations)


def tally(session: Session, agreement: Agreement) -> Tally:
    """The voices on the present report (all zero before the first)."""
    counted = dict(
        session.execute(
            select(Voice.kind, func.count())
            .where(Voice.agreement_id == agreement.id, Voice.round == agreement.round)
            .group_by(Voice.kind)
        ).all()
    )
    return Tally(
        counted.get(VoiceKind.CONFIRM, 0), counted.get(VoiceKind.OBJECT, 0), setting(session, "voices_to_verify")
    )


def doubts_of(session: Session, agreement: Agreement) -> int:
    """Doubts left since the last report (or since the beginning, before the first)."""
    return session.scalar(
        select(func.count()).select_from(Doubt).filter_by(agreement_id=agreement.id, round=agreement.round)
    )


def agreement_json(session: Session, agreement: Agreement, *, url: str) -> dict[str, Any]:
    """The agreement of INTERFACES.md; ``url`` is its public page. ``agreement`` comes with its names loaded."""
    assembly = session.scalar(
        select(Assembly.folio).join(Agreement, Agreement.assembly_id == Assembly.id).where(Agreement.id == agreement.id, ~discreet())
    )
    voices = tally(session, agreement)
    return _as_json(
        agreement, this_day(session), url=url, assembly=assembly, entries=entries_of(session, agreement), voices=voices,
        doubts=doubts_of(session, agreement),
    )


def agreements_json(session: Session, agreements: Sequence[Agreement], url_of: Callable[[str], str], today: date) -> list[dict[str, Any]]:
    """Several agreements as :func:`agreement_json` gives one, in a number of queries that does not grow.

    ``url_of`` takes a folio. Each agreement comes with its names loaded.
    """
    ids = [agreement.id for agreement in agreements]
    folios = dict(
        session.execute(
            select(Agreement.id, Assembly.folio).join(Assembly, Assembly.id == Agreement.assembly_id)
            .where(Agreement.id.in_(ids), ~discreet())
        ).all()
    )
    entries = _entries(session, [agreement.object_name for agreement in agreements])
    voices = {
        (agreement_id, kind): count
        for agreement_id, kind, count in session.execute(
            select(Voice.agreement_id, Voice.kind, func.count())
            .join(Agreement, (Agreement.id == Voice.agreement_id) & (Agreement.round == Voice.round))
            .where(Agreement.id.in_(ids)).group_by(Voice.agreement_id, Voice.kind)
        )
    }
    doubts = dict(
        session.execute(
            select(Doubt.agreement_id, func.count())
            .join(Agreement, (Agreement.id == Doubt.agreement_id) & (Agreement.round == Doubt.round))
            .where(Agreement.id.in_(ids)).group_by(Doubt.agreement_id)
        ).all()
    )
    return [
        _as_json(
            one, today, url=url_of(one.folio), assembly=folios.get(one.id), entries=entries.get(one.object_name, []),
            voices=Tally(voices.get((one.id, VoiceKind.CONFIRM), 0), voices.get((one.id, VoiceKind.OBJECT), 0), 0),
            doubts=doubts.get(one.id, 0),
        )
        for one in agreements
    ]


def each_agreement(session: Session, url_of: Callable[[str], str], today: date) -> Iterator[dict[str, Any]]:
    """Every agreement as :func:`agreement_json` gives it but for ``events``, which is empty; the oldest first.

    One query, read as it is asked for: however many there are, few are in memory.
    """
    def said(kind: VoiceKind):
        return (
            select(func.count()).select_from(Voice)
            .where(Voice.agreement_id == Agreement.id, Voice.round == Agreement.round, Voice.kind == kind).scalar_subquery()
        )

    doubts = (
        select(func.count()).select_from(Doubt)
        .where(Doubt.agreement_id == Agreement.id, Doubt.round == Agreement.round).scalar_subquery()
    )
    rows = session.execute(
        with_names(select(Agreement, Assembly.folio, said(VoiceKind.CONFIRM), said(VoiceKind.OBJECT), doubts))
        .outerjoin(Assembly, and_(Assembly.id == Agreement.assembly_id, ~discreet()))
        .order_by(Agreement.id).execution_options(yield_per=STREAMED)
    )
    for one, folio, confirmations, objections, doubted in rows:
        yield _as_json(
            one, today, url=url_of(one.folio), assembly=folio, entries=[], voices=Tally(confirmations, objections, 0), doubts=doubted
        )


def _as_json(
    agreement: Agreement, today: date, *, url: str, assembly: str | None, entries: list[Entry], voices: Tally, doubts: int
) -> dict[str, Any]:
    days = agreement.days_late(today)
    return {
        "folio": agreement.folio,
        "text": agreement.text,
        "theme": agreement.theme.code,
        "state": str(agreement.state),
        "late": days > 0,
        "days_late": days,
        "first_due": agreement.first_due.isoformat(),
        "due": agreement.due.isoformat(),
        "owner": body_json(agreement.owner),
        "counterpart": body_json(agreement.counterpart) if agreement.counterpart is not None else None,
        "unit": {"code": agreement.unit.code, "name": agreement.unit.name},
        "assembly": assembly,
        "events": [entry.as_json() for entry in entries],
        "confirmations": voices.confirmations,
        "objections": voices.objections,
        "doubts": doubts,
        "version": agreement.version,
        "url": url,
    }


def body_json(body: Body) -> dict[str, str]:
    return {"code": body.code, "name": body.name, "level": str(body.level)}
