"""A unit as schema.org tells of it: the municipality is a government, the rest are places inside one another."""

from __future__ import annotations

from typing import Any

from app.core.links import absolute, whole
from territories.units.queries import Place, Step


def unit(place: Place) -> dict[str, Any]:
    """An AdministrativeArea; for the root, the GovernmentOrganization that serves it."""
    area = _area(place) | {"containedInPlace": _area(place.parent)} if place.parent else _area(place)
    if place.parent is not None:
        return {"@context": "https://schema.org", **area}
    return {
        "@context": "https://schema.org", "@type": "GovernmentOrganization", "name": place.unit.name,
        "url": absolute("units.unit", code=place.unit.code), "identifier": place.unit.code, "areaServed": area,
    }


def site(municipality: str | None) -> dict[str, Any]:
    """The first page: whose site this is and how it is searched."""
    about = {
        "@context": "https://schema.org", "@type": "WebSite", "name": "Cuadra", "url": absolute("portal.home"),
        "potentialAction": {
            "@type": "SearchAction", "query-input": "required name=q",
            "target": {"@type": "EntryPoint", "urlTemplate": absolute("portal.search") + "?q={q}"},
        },
    }
    if municipality is None:
        return about
    return about | {"publisher": {"@type": "GovernmentOrganization", "name": municipality, "url": absolute("portal.home")}}


def _area(step: Place | Step) -> dict[str, Any]:
    # Every language's page speaks of the same thing: its name is the address without a language.
    return {
        "@type": "AdministrativeArea", "@id": whole(f"/t/{step.unit.code}"), "name": step.unit.name, "identifier": step.unit.code,
        "url": absolute("units.unit", code=step.unit.code),
    }
