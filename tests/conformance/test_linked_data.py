"""schema.org in the pages, read back by what search engines' testers read with."""

from __future__ import annotations

import extruct


def read(client, address: str) -> dict:
    """The one JSON-LD object of a page; no other syntax contradicts it."""
    found = extruct.extract(client.get(address).text, base_url=f"http://localhost{address}", syntaxes=["json-ld"], errors="strict")
    [one] = found["json-ld"]
    assert one["@context"] == "https://schema.org"
    return one


def test_pages_say_what_they_are_about_in_every_language(client, town):
    for prefix in ("", "/en", "/fr"):
        _check(client, town, prefix)


def _check(client, town, prefix: str) -> None:
    home = read(client, f"{prefix}/")
    assert home["@type"] == "WebSite" and home["publisher"]["name"] == town.root.name
    assert home["potentialAction"]["target"]["urlTemplate"] == f"http://localhost{prefix}/search?q={{q}}"
    root = read(client, f"{prefix}/t/{town.root.code}")
    assert root["@type"] == "GovernmentOrganization" and root["areaServed"]["@type"] == "AdministrativeArea"
    block = read(client, f"{prefix}/t/{town.block.code}")
    assert (block["@type"], block["identifier"]) == ("AdministrativeArea", town.block.code)
    assert block["url"] == f"http://localhost{prefix}/t/{town.block.code}" and block["containedInPlace"]["@id"] != block["@id"]
    event = read(client, f"{prefix}/assemblies/{town.assembly.folio}")
    assert (event["@type"], event["name"]) == ("Event", town.assembly.title)
    assert event["startDate"] == town.assembly.starts_at.isoformat() and event["location"]["address"]
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    action = read(client, f"{prefix}/a/{town.agreement.folio}")
    assert (action["@type"], action["name"], action["endTime"]) == ("Action", town.agreement.text, str(town.agreement.due))
    assert action["agent"]["name"] == "Obras, «parques» & <mercados>" and action["location"]["identifier"] == town.block.code
    data = read(client, f"{prefix}/open-data/")
    assert data["@type"] == "Dataset" and len(data["distribution"]) == 6
    for one in data["distribution"]:
        assert client.get(one["contentUrl"].removeprefix("http://localhost")).mimetype == one["encodingFormat"]
