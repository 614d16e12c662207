"""The assemblies of a unit as iCalendar (RFC 5545), to keep in a phone's calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import icalendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.portal.units.queries import Notice, gathering
from models import Assembly, TerritorialUnit
from models.assembly import AssemblyState

KEPT = timedelta(days=90)
USUAL_LENGTH = timedelta(hours=2)
LIMIT = 500


def dated(session: Session, unit_id: int, now: datetime) -> list[Notice]:
    """Assemblies of a unit that are coming or took place in the last 90 days, by date; one query."""
    rows = session.execute(
        select(Assembly, TerritorialUnit)
        .join(TerritorialUnit, TerritorialUnit.id == Assembly.unit_id)
        .where(gathering(unit_id), Assembly.starts_at >= now - KEPT)
        .order_by(Assembly.starts_at, Assembly.id).limit(LIMIT)
    )
    return [Notice(assembly, unit) for assembly, unit in rows]


def ics(*, name: str, base_url: str, notices: Sequence[tuple[Notice, str]]) -> bytes:
    """The calendar; each notice comes with the whole address of its page.

    The UID is the folio, so that a rescheduled assembly moves in the phone instead of appearing twice.
    """
    host = urlsplit(base_url).hostname or "localhost"
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Cuadra//Cuadra//ES")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for notice, address in notices:
        assembly = notice.assembly
        event = icalendar.Event()
        event.add("uid", f"{assembly.folio}@{host}")
        event.add("dtstamp", assembly.convened_at)
        event.add("sequence", assembly.version)
        event.add("summary", assembly.title)
        event.add("dtstart", assembly.starts_at)
        event.add("dtend", assembly.ends_at or assembly.starts_at + USUAL_LENGTH)
        event.add("location", f"{assembly.place}, {notice.unit.name}")
        event.add("url", address)
        gone = assembly.state in (AssemblyState.CANCELLED, AssemblyState.NOT_HELD)
        event.add("status", "CANCELLED" if gone else "CONFIRMED")
        calendar.add_component(event)
    return calendar.to_ical()
