"""What waits for a look, oldest first: the words and the photos of one event together."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from agendas.agreements.queries import with_names
from app.core.pagination import Page, keyset
from models import Agreement, Event, EventText, Evidence
from models.evidence import Moderation

OBJECT = "agreement:"
PAGE = 10


@dataclass(frozen=True)
class Waiting:
    """One event with what of it is held; ``agreement`` with its names loaded."""

    event: Event
    agreement: Agreement
    texts: list[EventText]
    files: list[Evidence]


def queue(session: Session, *, cursor: str | None) -> Page:
    """Events with something held, as :class:`Waiting`. Raises BadCursor."""
    texts = select(EventText.event_seq).where(EventText.held, EventText.hidden_reason.is_(None), EventText.text.is_not(None))
    files = select(Evidence.event_seq).where(Evidence.moderation == Moderation.HELD, Evidence.event_seq.is_not(None))
    query = select(Event).where(or_(Event.seq.in_(texts), Event.seq.in_(files)), Event.object.startswith(OBJECT))
    found = keyset(session, query, [(Event.seq, False, int)], cursor=cursor, size=PAGE)
    events = [row[0] for row in found.items]
    seqs = [event.seq for event in events]
    agreements = {
        agreement.object_name: agreement
        for agreement in session.scalars(
            with_names(select(Agreement)).where(Agreement.folio.in_([event.object.removeprefix(OBJECT) for event in events]))
        )
    }
    words = session.scalars(
        select(EventText).where(EventText.event_seq.in_(seqs), EventText.held, EventText.hidden_reason.is_(None))
    ).all()
    held = session.scalars(
        select(Evidence).where(Evidence.event_seq.in_(seqs), Evidence.moderation == Moderation.HELD)
    ).all()
    return Page(
        [
            Waiting(
                event, agreements[event.object], [text for text in words if text.event_seq == event.seq],
                [file for file in held if file.event_seq == event.seq],
            )
            for event in events
        ],
        found.next,
    )
