"""What is new in a unit, as Atom (RFC 4287): one entry per public act on its assemblies and agreements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from app.portal.units.queries import below
from models import Agreement, Assembly, Event
from models.ledger import EventKind, rfc3339

ATOM = "http://www.w3.org/2005/Atom"
ENTRIES = 40
TOLD = (
    EventKind.ASSEMBLY_CONVENED, EventKind.ASSEMBLY_RESCHEDULED, EventKind.ASSEMBLY_CANCELLED,
    EventKind.ASSEMBLY_NOT_HELD, EventKind.ASSEMBLY_HELD, EventKind.MINUTES_SEALED,
    EventKind.AGREEMENT_PROPOSED, EventKind.AGREEMENT_ACCEPTED, EventKind.AGREEMENT_DECLINED,
    EventKind.AGREEMENT_PLANNED, EventKind.AGREEMENT_PROGRESS, EventKind.AGREEMENT_REPORTED_DONE,
    EventKind.AGREEMENT_HANDED_OVER, EventKind.AGREEMENT_HELD, EventKind.AGREEMENT_RESUMED,
    EventKind.AGREEMENT_CANCELLED, EventKind.AGREEMENT_DISPUTED, EventKind.AGREEMENT_VERIFIED,
    EventKind.AGREEMENT_REOPENED,
)


@dataclass(frozen=True)
class News:
    """An event of the chain with the words of the thing it is about: an agreement's text, an assembly's title."""

    event: Event
    folio: str
    words: str
    is_agreement: bool


def news_of(session: Session, unit_id: int, *, limit: int = ENTRIES) -> list[News]:
    """The latest public acts in a unit and below it, newest first; one query."""
    things = union_all(
        select(
            (literal("agreement:") + Agreement.folio).label("object"), Agreement.folio.label("folio"),
            Agreement.text.label("words"), literal(1).label("is_agreement"),
        ).where(Agreement.unit_id.in_(below(unit_id))),
        select(
            (literal("assembly:") + Assembly.folio).label("object"), Assembly.folio.label("folio"),
            Assembly.title.label("words"), literal(0).label("is_agreement"),
        ).where(Assembly.unit_id.in_(below(unit_id)), Assembly.convened_at.is_not(None)),
    ).subquery()
    rows = session.execute(
        select(Event, things.c.folio, things.c.words, things.c.is_agreement)
        .join(things, things.c.object == Event.object)
        .where(Event.kind.in_([str(kind) for kind in TOLD]))
        .order_by(Event.seq.desc()).limit(limit)
    )
    return [News(event, folio, words, bool(is_agreement)) for event, folio, words, is_agreement in rows]


@dataclass(frozen=True)
class Entry:
    seq: int
    title: str
    text: str
    address: str
    updated: datetime


def atom(*, title: str, subtitle: str, language: str, page: str, here: str, updated: datetime, entries: Sequence[Entry]) -> bytes:
    """The feed document. ``page`` and ``here`` are whole addresses: of the unit and of the feed."""
    host = urlsplit(page).hostname or "localhost"
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": language})
    _add(feed, "id", here)
    _add(feed, "title", title)
    _add(feed, "subtitle", subtitle)
    _add(feed, "updated", rfc3339(updated))
    _add(feed, "link", rel="self", type="application/atom+xml", href=here)
    _add(feed, "link", rel="alternate", type="text/html", href=page)
    _add(_add(feed, "author"), "name", "Cuadra")
    for entry in entries:
        one = _add(feed, "entry")
        # The tag never changes, whatever the language or the address of the page (RFC 4151).
        _add(one, "id", f"tag:{host},2026:asiento:{entry.seq}")
        _add(one, "title", entry.title)
        _add(one, "updated", rfc3339(entry.updated))
        _add(one, "link", rel="alternate", type="text/html", href=entry.address)
        _add(one, "content", entry.text, type="text")
    return ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, tag, attributes)
    if text:
        element.text = "".join(letter for letter in text if letter >= " " or letter in "\n\t")
    return element
