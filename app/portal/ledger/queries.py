"""The record as files and pages read it: in order, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.pagination import Page, keyset
from models import Event, EventText, LedgerHead
from models.ledger import GENESIS

BATCH = 1000


@dataclass(frozen=True)
class Head:
    """Where the chain ends."""

    seq: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def head_of(session: Session) -> Head:
    """The chain's head; number 0 and 64 zeros before the first event."""
    kept = session.scalar(select(LedgerHead))
    return Head(kept.seq, kept.hash) if kept is not None else Head()


def latest(session: Session, *, cursor: str | None, size: int = 25) -> Page:
    """Events, the newest first. Raises BadCursor."""
    page = keyset(session, select(Event), [(Event.seq, True, int)], cursor=cursor, size=size)
    return Page([row[0] for row in page.items], page.next)


def chain_lines(open_session: Callable[[], Session], last: int) -> Iterator[bytes]:
    """Lines of ``chain.jsonl`` up to ``last``, in RFC 8785 form.

    Each batch has its own short transaction: nothing already written can change, and a slow reader
    must not hold a snapshot open for an hour.
    """
    seq = 0
    while seq < last:
        with open_session() as session:
            events = session.scalars(
                select(Event).where(Event.seq > seq, Event.seq <= last).order_by(Event.seq).limit(BATCH)
            ).all()
            lines = b"".join(rfc8785.dumps(event.public()) + b"\n" for event in events)
        if not events:
            return
        seq = events[-1].seq
        yield lines


def text_lines(open_session: Callable[[], Session]) -> Iterator[bytes]:
    """Lines of ``texts.jsonl``: texts that anybody may read. What is held, hidden or erased is absent."""
    after = 0
    while True:
        with open_session() as session:
            texts = session.scalars(
                select(EventText)
                .where(
                    EventText.id > after, EventText.held.is_(False), EventText.hidden_reason.is_(None),
                    EventText.text.is_not(None), EventText.salt.is_not(None),
                )
                .order_by(EventText.id).limit(BATCH)
            ).all()
            lines = b"".join(
                rfc8785.dumps({"seq": one.event_seq, "field": one.field, "salt": one.salt, "text": one.text}) + b"\n"
                for one in texts
            )
        if not texts:
            return
        after = texts[-1].id
        yield lines
