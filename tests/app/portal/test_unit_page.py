"""What a neighbour reads about a place (DOMAIN.md 1, 2, 7; 001-07, 001-08)."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from icalendar import Calendar

from app.core import clock
from app.portal.ledger.queries import head_of
from models.agreement import AgreementState
from models.assembly import AssemblyState
from territories.layers.palettes import PALETTES
from tests.app.portal import scenes
from tests.factories import TODAY
from tests.pages import text_of


@pytest.fixture
def town(world):
    made = world.tree(territories=2, blocks=4)
    made["owner"] = world.body("OBRAS", name="Obras públicas")
    made["theme"] = world.theme("alumbrado")
    return made


def test_only_blocks_listed_on_an_assembly_that_was_held_have_met(client, world, town):
    first, second, third, fourth = town["block"][:4]
    territory = town["territory"][0]
    scenes.assembly(world, territory, first, second, state=AssemblyState.HELD)
    scenes.assembly(world, territory, second, state=AssemblyState.CLOSED)
    scenes.assembly(world, territory, third, state=AssemblyState.CONVENED)
    scenes.assembly(world, territory, fourth, state=AssemblyState.NOT_HELD)
    assert "2 de 4 cuadras" in text_of(client.get(f"/t/{territory.code}"))
    assert "2 de 8 cuadras" in text_of(client.get(f"/t/{town['root'][0].code}"))
    assert "Ya se reunió" in text_of(client.get(f"/t/{first.code}"))
    assert "Aún no" in text_of(client.get(f"/t/{third.code}"))


def test_a_code_in_any_case_leads_to_the_one_address(client, world):
    world.unit(code="Mx-09.a")
    answer = client.get("/t/mX-09.A?state=x")
    assert (answer.status_code, answer.location) == (301, "/t/Mx-09.a?state=x")
    assert client.get("/fr/t/mx-09.a/map").location == "/fr/t/Mx-09.a/map"
    assert client.get("/t/nada").status_code == 404
    assert client.get("/t/" + "x" * 33).status_code == 404


def test_the_late_come_first_and_are_counted_among_what_is_owed(client, world, town):
    territory, owner, theme = town["territory"][0], town["owner"], town["theme"]
    scenes.agreement(world, territory, owner, theme, text="Puntual", due=TODAY + timedelta(days=3))
    scenes.agreement(world, town["block"][0], owner, theme, text="Tardado", due=TODAY - timedelta(days=9))
    scenes.agreement(
        world, territory, owner, theme, text="A tiempo", due=TODAY - timedelta(days=5), state=AgreementState.REPORTED_DONE,
        reported_on=TODAY - timedelta(days=6),
    )
    page = text_of(client.get(f"/t/{territory.code}"))
    assert page.index("Tardado") < page.index("A tiempo") < page.index("Puntual")
    assert "9 días tarde" in page
    assert "de 3 acuerdos sin terminar" in page


def test_drafts_are_nobodys_business(client, world, town):
    territory = town["territory"][0]
    soon = clock.now() + timedelta(days=2)
    scenes.assembly(world, territory, state=AssemblyState.DRAFT, title="Borrador secreto", starts_at=soon)
    scenes.assembly(world, territory, state=AssemblyState.CONVENED, title="La que viene", starts_at=soon)
    scenes.assembly(world, territory, state=AssemblyState.CLOSED, title="La de antes")
    page = text_of(client.get(f"/t/{territory.code}"))
    assert "Borrador secreto" not in page
    assert page.index("La que viene") < page.index("La de antes")


def test_every_child_is_drawn_listed_and_linked(client, world, town):
    territory, others = town["territory"]
    scenes.assembly(world, territory, *town["block"][:4])
    office = client.get(f"/t/{town['office'][0].code}")
    assert office.text.count(f'fill="{PALETTES["coverage"].colours(6)[5]}"') == 2, "one in the map, one in the legend"
    assert office.text.count(f'href="/t/{others.code}"') == 2


def test_the_whole_list_of_agreements_filters_and_goes_on(client, world, town):
    territory, owner, theme = town["territory"][0], town["owner"], town["theme"]
    for number in range(23):
        scenes.agreement(world, territory, owner, theme, text=f"Acuerdo número {number}", due=TODAY - timedelta(days=number))
    scenes.agreement(
        world, territory, owner, theme, text="En pausa aquí", state=AgreementState.ON_HOLD, review_on=TODAY,
        held_from=AgreementState.ACCEPTED,
    )
    assert client.get(f"/t/{territory.code}/agreements?late=x").status_code == 400
    first = client.get(f"/t/{territory.code}/agreements?late=true")
    assert text_of(first).count("tarde") == 20
    following = first.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert text_of(client.get(following)).count("tarde") == 2
    assert "En pausa aquí" in text_of(client.get(f"/t/{territory.code}/agreements?state=on_hold"))
    assert client.get(f"/t/{territory.code}/agreements?state=nope").status_code == 400
    assert client.get(f"/t/{territory.code}/agreements?cursor=nope").status_code == 400


def test_few_liaisons_are_not_counted_out_loud(client, world, town):
    for block in (town["block"][0], town["block"][1]):
        world.liaison(block)
    page = text_of(client.get(f"/t/{town['territory'][0].code}"))
    assert "Reservado" in page and "2 vecinas" not in page
    assert "enlaces" not in text_of(client.get(f"/t/{town['block'][0].code}"))


def test_the_feed_tells_public_acts_and_prints_the_head(client, world, town):
    territory = town["territory"][0]
    made = scenes.agreement(world, territory, town["owner"], town["theme"], text="Podar <los> árboles")
    scenes.assembly(world, territory, state=AssemblyState.DRAFT, title="Nadie la ve")
    answer = client.get(f"/t/{territory.code}/feed.atom")
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)
    space = {"a": "http://www.w3.org/2005/Atom"}
    [entry] = feed.findall("a:entry", space)
    assert entry.find("a:content", space).text == "Podar <los> árboles"
    assert entry.find("a:link", space).get("href") == f"http://localhost/a/{made.folio}"
    assert entry.find("a:id", space).text.startswith("tag:localhost,2026:")
    with world.writing() as session:
        assert str(head_of(session)) in feed.find("a:subtitle", space).text
    other = client.get(f"/en/t/{territory.code}/feed.atom")
    assert ElementTree.fromstring(other.data).find("a:entry/a:id", space).text == entry.find("a:id", space).text


def test_the_calendar_holds_what_comes_and_the_last_three_months(client, world, town):
    territory, block = town["territory"][0], town["block"][0]
    now = clock.now()
    scenes.assembly(world, territory, block, state=AssemblyState.CONVENED, title="Viene", starts_at=now + timedelta(days=2))
    scenes.assembly(world, territory, state=AssemblyState.CLOSED, title="Reciente", starts_at=now - timedelta(days=40))
    scenes.assembly(world, territory, state=AssemblyState.CLOSED, title="Vieja", starts_at=now - timedelta(days=100))
    calendar = Calendar.from_ical(client.get(f"/t/{territory.code}/calendar.ics").data)
    assert [str(event["summary"]) for event in calendar.walk("vevent")] == ["Reciente", "Viene"]
    own = Calendar.from_ical(client.get(f"/t/{block.code}/calendar.ics").data)
    assert [str(event["summary"]) for event in own.walk("vevent")] == ["Viene"]


def test_the_two_maps_say_the_same_as_the_figures_and_no_data_is_a_class(client, world, town):
    here, there = town["territory"]
    late = {"due": TODAY - timedelta(days=5)}
    scenes.agreement(world, here, town["owner"], town["theme"], **late)
    scenes.agreement(
        world, here, town["owner"], town["theme"], state=AgreementState.VERIFIED, reported_on=TODAY - timedelta(days=6), **late
    )
    address = f"/t/{town['office'][0].code}"
    for page in (client.get(f"{address}?map=kept"), client.get(f"{address}/map?map=kept")):
        words = text_of(page)
        assert "1 de 2 acuerdos" in words and "ningún acuerdo que medir" in words
        assert '<path fill="url(#map-3) #559b97"' in page.text and '<path fill="url(#map-6) #ffffff" class="map-missing"' in page.text
        assert 'id="map-3"' in page.text and 'id="map-6"' in page.text, "each class has its grain"
        assert 'rel="canonical" href="http://localhost' in page.text and "?map" not in page.text.split('rel="canonical"')[1].split(">")[0]
    assert "0 de 8 cuadras" in text_of(client.get(f"{address}/map")) and ">0</text>" in client.get(f"{address}/map").text
    assert client.get(f"{address}?map=people").status_code == 400
