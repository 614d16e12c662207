"""Feeds and calendars as readers on people's phones take them."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from itertools import product
from pathlib import Path

import feedparser
import icalendar

LANGUAGES = ("", "/en", "/fr")


def test_a_feed_reader_understands_every_feed(client, town):
    for prefix, unit in product(LANGUAGES, (town.root, town.territory, town.block)):
        answer = client.get(f"{prefix}/t/{unit.code}/feed.atom")
        feed = feedparser.parse(answer.data, response_headers={"content-type": answer.content_type})
        assert not feed.bozo, feed.get("bozo_exception")
        assert feed.version == "atom10" and feed.feed.title and feed.feed.updated_parsed
        assert feed.feed.language == (prefix.strip("/") or "es")
        assert feed.entries and len({entry.id for entry in feed.entries}) == len(feed.entries)
        for entry in feed.entries:
            assert entry.title and entry.link.startswith(f"http://localhost{prefix}/") and entry.updated_parsed


def test_every_calendar_reads_back(client, town):
    unit = f"/t/{town.territory.code}/calendar.ics"
    for path in (*(f"{prefix}{unit}" for prefix in LANGUAGES), f"/assemblies/{town.assembly.folio}.ics"):
        calendar = icalendar.Calendar.from_ical(client.get(path).data)
        assert not calendar.errors and calendar["version"] == "2.0"
        events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
        assert all(not event.errors and event["dtstamp"] and event["dtend"].dt > event["dtstart"].dt for event in events.values())
        coming = events[f"{town.assembly.folio}@localhost"]
        assert coming["summary"] == town.assembly.title and coming["dtstart"].dt == town.assembly.starts_at


def test_khal_shows_the_assembly_it_was_served(served, town, tmp_path):
    """A real calendar program, from a real server: what a neighbour's computer would show."""
    with urllib.request.urlopen(f"{served}/t/{town.territory.code}/calendar.ics") as answer:
        assert answer.headers.get_content_type() == "text/calendar"
        (tmp_path / "fetched.ics").write_bytes(answer.read())
    (tmp_path / "kept").mkdir()
    (tmp_path / "config").write_text(
        f"[calendars]\n[[cuadra]]\npath = {tmp_path / 'kept'}\n[locale]\nlocal_timezone = America/Mexico_City\n"
        "default_timezone = America/Mexico_City\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n[sqlite]\n"
        f"path = {tmp_path / 'khal.db'}\n"
    )

    def khal(*arguments: str) -> str:
        program = Path(sys.executable).with_name("khal")
        done = subprocess.run(
            [program, "-c", tmp_path / "config", *arguments], capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(tmp_path)},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    khal("import", "--batch", "-a", "cuadra", str(tmp_path / "fetched.ics"))
    shown = khal("list", "-a", "cuadra", "2026-03-17", "2d")
    assert "12:00" in shown and town.assembly.title in shown
