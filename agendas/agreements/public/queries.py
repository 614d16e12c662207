"""Everything the public page of an agreement prints, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from agendas.agreements.queries import Entry, Tally, agreement_with_assembly, entries_of
from models import Agreement, Assembly, Body, Document, Doubt, Evidence, TerritorialUnit, Voice
from models.agreement import VoiceKind
from models.ledger import EventKind
from models.settings import setting
from territories.documents.queries import about

ASSEMBLY_SAID = (EventKind.AGREEMENT_VERIFICATION_DECIDED, EventKind.AGREEMENT_COUNTERSIGNED)


@dataclass(frozen=True)
class Places:
    """Names for the codes that the record carries."""

    bodies: dict[str, str]
    units: dict[str, str]


@dataclass(frozen=True)
class PublicPage:
    """``changes`` are the dates there were before the present one, oldest first."""

    agreement: Agreement
    assembly: Assembly | None
    entries: Sequence[Entry]
    tally: Tally
    doubts: int
    evidence: Sequence[Evidence]
    names: Places
    changes: Sequence[date]
    documents: Sequence[Document]

    @property
    def head(self) -> str:
        """The last entry about this agreement, as the verifier takes it: ``SEQ:HASH``."""
        last = self.entries[-1].event
        return f"{last.seq}:{last.hash}"

    @property
    def signatures(self) -> tuple[int, int] | None:
        """(signed, needed) by neighbours of the assembly that took the present report for done; None when none has."""
        for entry in reversed(self.entries):
            data = entry.event.data
            if entry.event.kind in ASSEMBLY_SAID and data["round"] == self.agreement.round:
                return data.get("signatures", 0), data["needed"]
        return None

    def reason_for(self, file: Evidence) -> EventKind | None:
        """What a file stands behind: a report, an objection."""
        return next((EventKind(entry.event.kind) for entry in self.entries if entry.event.seq == file.event_seq), None)


def public_page(session: Session, folio: str) -> PublicPage | None:
    """The page of the agreement whose folio was typed any way; seven queries."""
    found = agreement_with_assembly(session, folio)
    if found is None:
        return None
    agreement, assembly = found
    entries = entries_of(session, agreement)
    counted = _counts(session, agreement)
    tally = Tally(
        counted.get(str(VoiceKind.CONFIRM), 0), counted.get(str(VoiceKind.OBJECT), 0),
        setting(session, "voices_to_verify"),
    )
    files = session.scalars(
        select(Evidence).where(Evidence.agreement_id == agreement.id).order_by(Evidence.id)
    ).all()
    changes = [
        date.fromisoformat(entry.event.data["due_before"]) for entry in entries
        if entry.event.kind == EventKind.AGREEMENT_PLANNED
    ]
    return PublicPage(
        agreement, assembly, entries, tally, counted.get("doubt", 0), files, _names(session, entries), changes,
        about(session, agreement),
    )


def _counts(session: Session, agreement: Agreement) -> dict[str, int]:
    voices = (
        select(Voice.kind.label("what"), func.count().label("times"))
        .where(Voice.agreement_id == agreement.id, Voice.round == agreement.round)
        .group_by(Voice.kind)
    )
    doubts = select(literal("doubt").label("what"), func.count().label("times")).where(
        Doubt.agreement_id == agreement.id, Doubt.round == agreement.round
    )
    return {str(what): times for what, times in session.execute(union_all(doubts, voices))}


def _names(session: Session, entries: Sequence[Entry]) -> Places:
    bodies, units = set(), set()
    for entry in entries:
        for source in (entry.event.capacity, entry.event.data):
            bodies |= {source[key] for key in ("body", "owner", "owner_before", "counterpart") if source.get(key)}
            units |= {source["unit"]} if source.get("unit") else set()
    rows = session.execute(
        union_all(
            select(literal("body").label("kind"), Body.code, Body.name).where(Body.code.in_(bodies)),
            select(literal("unit"), TerritorialUnit.code, TerritorialUnit.name).where(TerritorialUnit.code.in_(units)),
        )
    ).all()
    return Places(
        {code: name for kind, code, name in rows if kind == "body"},
        {code: name for kind, code, name in rows if kind == "unit"},
    )
