"""What is new in a unit, as Atom (RFC 4287): one entry per public act on its assemblies and agreements, and when it or
what lies in it is split, merged, retired or redrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import url_for
from sqlalchemy import and_, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.core.i18n import _
from app.core.links import agreement_path, assembly_path
from app.portal.units.queries import below
from models import Agreement, Assembly, Event, TerritorialUnit, UnitLineage
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
RESHAPED = (EventKind.UNIT_SPLIT, EventKind.UNIT_MERGED, EventKind.UNIT_RETIRED)
AGREEMENT, ASSEMBLY, UNIT = range(3)


@dataclass(frozen=True)
class News:
    """An event of the chain with the words of the thing it is about: an agreement's text, an assembly's title, a unit's
    name. ``folio`` is its folio, of a unit its code; ``about`` one of AGREEMENT, ASSEMBLY, UNIT."""

    event: Event
    folio: str
    words: str
    about: int

    @property
    def path(self) -> str:
        """The page of the thing, in the language of the request."""
        if self.about == UNIT:
            return url_for("units.unit", code=self.folio)
        return agreement_path(self.folio) if self.about == AGREEMENT else assembly_path(self.folio)


def news_of(session: Session, unit_id: int, *, limit: int = ENTRIES) -> list[News]:
    """The latest public acts in a unit and below it, newest first; one query."""
    before = select(UnitLineage.predecessor_id)
    things = union_all(
        select(
            (literal("agreement:") + Agreement.folio).label("object"), Agreement.folio.label("folio"),
            Agreement.text.label("words"), literal(AGREEMENT).label("about"),
        ).where(Agreement.unit_id.in_(below(unit_id))),
        select(
            (literal("assembly:") + Assembly.folio).label("object"), Assembly.folio.label("folio"),
            Assembly.title.label("words"), literal(ASSEMBLY).label("about"),
        ).where(Assembly.unit_id.in_(below(unit_id)), Assembly.convened_at.is_not(None)),
        # Few units ever are: the others need not be looked for in the record.
        select(
            (literal("unit:") + TerritorialUnit.code).label("object"), TerritorialUnit.code.label("folio"),
            TerritorialUnit.name.label("words"), literal(UNIT).label("about"),
        ).where(or_(
            TerritorialUnit.id == unit_id, TerritorialUnit.id.in_(before.where(UnitLineage.successor_id == unit_id)),
            and_(TerritorialUnit.id.in_(below(unit_id)), or_(TerritorialUnit.valid_to.is_not(None), TerritorialUnit.id.in_(before))),
        )),
    ).subquery()  # fmt: skip
    own = select(literal("unit:") + TerritorialUnit.code).where(TerritorialUnit.id == unit_id).scalar_subquery()
    told = or_(
        and_(things.c.about != UNIT, Event.kind.in_([str(kind) for kind in TOLD])),
        and_(things.c.about == UNIT, Event.kind.in_([str(kind) for kind in RESHAPED])),
        and_(Event.kind == str(EventKind.BOUNDARY_CHANGED), Event.object == own),
    )
    rows = session.execute(
        select(Event, things.c.folio, things.c.words, things.c.about)
        .join(things, things.c.object == Event.object).where(told).order_by(Event.seq.desc()).limit(limit)
    )
    return [News(*row) for row in rows]


def unit_words(news: News) -> str:
    """A sentence on what became of a unit."""
    data, name = news.event.data, f"{news.words} ({news.folio})"
    match news.event.kind:
        case EventKind.UNIT_SPLIT:
            return _("%(name)s se dividió: %(into)s.", name=name, into=", ".join(data["into"]))
        case EventKind.UNIT_MERGED:
            return _("%(name)s se unió a %(into)s.", name=name, into=data["into"])
        case EventKind.UNIT_RETIRED:
            return _("%(name)s se retiró.", name=name)
    return _("%(name)s tiene otro límite.", name=name)


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
