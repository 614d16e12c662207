"""A unit that was split or merged: what was made there stays and is found from what came out of it, both ways."""

from __future__ import annotations

import pytest

from app.core.actors import Actor, Holding
from models import Role, TerritorialUnit
from models.territory import LevelRole
from territories.units.reshape import services as reshape
from territories.units.reshape.plan import Part
from tests.app.portal import scenes
from tests.factories import TODAY
from tests.pages import text_of
from tests.territories.units.test_reshape import land

PLANNING = Actor(1, "Planeación", (Holding(Role.PLANNING, body_id=1, body_code="PLAN"),))


@pytest.fixture
def folio(world):
    """A territory with an agreement and an assembly, split in two."""
    with world.writing() as session:
        root = world.unit(LevelRole.ROOT, code="R", name="Alcaldía", shape=land(0, 0, 2, 2))
        old = world.unit(LevelRole.TERRITORY, parent=root, code="W", name="Poniente", shape=land(0, 0, 2, 2))
        folio = scenes.agreement(world, old, world.body(), world.theme()).folio
        scenes.assembly(world, old)
        parts = [Part("WA", "Lomas altas", land(0, 0, 1, 2)), Part("WB", "Lomas bajas", land(1, 0, 2, 2))]
        reshape.split(session, actor=PLANNING, unit=session.get(TerritorialUnit, old.id), parts=parts, on=TODAY, reason="Creció")
    return folio


def test_each_page_leads_to_the_other(client, folio):
    old = client.get("/t/W")
    assert "dejó de existir" in text_of(old) and "Se dividió en: Lomas altas" in text_of(old)
    assert 'href="/t/WA"' in old.text and folio in old.text, "and keeps what was agreed there"
    new = client.get("/t/wa", follow_redirects=True)
    assert "Salió de Poniente" in text_of(new) and 'href="/t/W"' in new.text
    assert "Acordado antes de que existiera" in text_of(new) and folio in new.text and "Asambleas de antes" in text_of(new)


def test_the_list_of_agreements_marks_what_is_from_before(client, folio):
    assert "De antes, en Poniente" in text_of(client.get("/t/WA/agreements"))
    assert "De antes" not in text_of(client.get("/t/W/agreements"))


def test_followers_are_told(client, folio):
    for code in ("W", "WA", "R"):
        feed = client.get(f"/t/{code}/feed.atom").text
        assert "Poniente (W) se dividió: WA, WB." in feed and "/t/W<" not in feed and '/t/W"' in feed, code


def test_search_finds_both_and_says_which_is_no_more(client, folio):
    assert "hasta el 14 mar 2026" in text_of(client.get("/search?q=poniente&kind=place"))
    assert "Lomas altas" in text_of(client.get("/search?q=lomas"))


def test_figures_stay_with_the_unit_where_it_was_agreed(client, folio):
    """In both parts it would count twice: once above them is right."""
    assert sum(client.get("/api/v1/units/W").json["agreements"].values()) == 1
    assert sum(client.get("/api/v1/units/WA").json["agreements"].values()) == 0
    assert sum(client.get("/api/v1/units/R").json["agreements"].values()) == 1
