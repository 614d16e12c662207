"""An assembly as schema.org tells of it: an event."""

from __future__ import annotations

from typing import Any

from app.core.links import assembly_path, whole
from assemblies.meetings.public.queries import Public
from models.assembly import AssemblyState, Mode

_STATUS = {AssemblyState.CANCELLED: "EventCancelled", AssemblyState.NOT_HELD: "EventCancelled"}
_MODE = {
    Mode.IN_PERSON: "OfflineEventAttendanceMode", Mode.ONLINE: "OnlineEventAttendanceMode", Mode.BOTH: "MixedEventAttendanceMode",
}


def event(page: Public) -> dict[str, Any]:
    """An Event; one moved to another day says which it was."""
    assembly = page.assembly
    status = _STATUS.get(assembly.state, "EventRescheduled" if page.changes else "EventScheduled")
    there = {"@type": "Place", "name": assembly.place, "address": f"{assembly.place}, {assembly.unit.name}"}
    online = {"@type": "VirtualLocation", "url": assembly.online_url or whole(assembly_path(assembly.folio))}
    where = {Mode.IN_PERSON: there, Mode.ONLINE: online, Mode.BOTH: [there, online]}[assembly.mode]
    told = {
        "@context": "https://schema.org", "@type": "Event", "@id": whole(f"/assemblies/{assembly.folio}"), "identifier": assembly.folio,
        "name": assembly.title, "url": whole(assembly_path(assembly.folio)), "startDate": assembly.starts_at.isoformat(),
        "eventStatus": f"https://schema.org/{status}", "eventAttendanceMode": f"https://schema.org/{_MODE[assembly.mode]}",
        "location": where, "isAccessibleForFree": True,
        "about": {"@type": "AdministrativeArea", "@id": whole(f"/t/{assembly.unit.code}"), "name": assembly.unit.name},
    }
    if assembly.ends_at is not None:
        told["endDate"] = assembly.ends_at.isoformat()
    if status == "EventRescheduled":
        told["previousStartDate"] = page.changes[-1].before["starts_at"]
    bodies = [one.body for one in page.conveners if one.body is not None]
    if bodies:
        told["organizer"] = [{"@type": "Organization", "name": body.name, "identifier": body.code} for body in bodies]
    return told
