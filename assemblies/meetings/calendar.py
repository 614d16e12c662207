"""Assemblies as iCalendar (RFC 5545): the one place that writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import icalendar

from models.assembly import Assembly, AssemblyState, Mode

USUAL_LENGTH = timedelta(hours=2)
GONE = (AssemblyState.CANCELLED, AssemblyState.NOT_HELD)


def vevent(assembly: Assembly, *, unit_name: str, address: str, stamp: datetime) -> icalendar.Event:
    """The VEVENT of a published assembly; ``address`` is its page, ``stamp`` when it last changed.

    The UID is the folio and SEQUENCE the version, so that a change moves the entry in the phone
    instead of adding a second one. Moments are UTC.
    """
    event = icalendar.Event()
    event.add("uid", f"{assembly.folio}@{urlsplit(address).hostname or 'localhost'}")
    event.add("dtstamp", stamp)
    event.add("sequence", assembly.version)
    event.add("summary", assembly.title)
    event.add("dtstart", assembly.starts_at)
    event.add("dtend", assembly.ends_at or assembly.starts_at + USUAL_LENGTH)
    event.add("location", assembly.online_url if assembly.mode is Mode.ONLINE else f"{assembly.place}, {unit_name}")
    event.add("url", address)
    event.add("status", "CANCELLED" if assembly.state in GONE else "CONFIRMED")
    return event


def calendar_of(events: Sequence[icalendar.Event], *, name: str = "") -> bytes:
    """A calendar of these events. One cancelled event alone is sent as a cancellation (RFC 5546), so that a phone
    that had it takes it away; a calendar to subscribe to publishes, and each event says how it stands."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Cuadra//Cuadra//ES")
    calendar.add("version", "2.0")
    alone = len(events) == 1 and not name
    calendar.add("method", "CANCEL" if alone and events[0]["status"] == "CANCELLED" else "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical()
