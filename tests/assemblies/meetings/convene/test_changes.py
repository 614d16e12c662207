"""After publishing: clashes, another day, calling it off."""

from datetime import timedelta

import pytest

from app.core import clock
from assemblies.meetings.convene import queries
from assemblies.meetings.convene.queries import Reason
from models import Role
from models.assembly import AssemblyState, Mode
from models.ledger import EventKind
from tests.assemblies.meetings.convene.forms import as_shown, convene, press
from tests.assemblies.meetings.convene.test_convene import events
from tests.pages import text_of


@pytest.fixture
def place(world):
    return world.tree(territories=1, blocks=4)


@pytest.fixture
def official(world, place):
    return world.user(Role.OFFICIAL, unit=place["territory"][0])


@pytest.fixture
def browser(world, official):
    return world.sign_in(official)


def test_clashes_of_place_block_and_convener(app, world, place, official):
    first, second, third, fourth = place["block"]
    mine = world.assembly(first, blocks=[first], place="Jardín  NOGAL", convener=official)
    same_place = world.assembly(second, blocks=[second], place="jardin nogal")
    same_block = world.assembly(third, blocks=[first, third], place="Escuela", starts_at=mine.starts_at + timedelta(minutes=90))
    same_person = world.assembly(
        fourth, blocks=[fourth], place="Kiosco", convener=official, starts_at=mine.starts_at - timedelta(minutes=60)
    )
    world.assembly(second, blocks=[first], place="Jardín Nogal", starts_at=mine.ends_at)
    world.assembly(second, blocks=[first], place="Jardín Nogal", starts_at=mine.starts_at, state=AssemblyState.CANCELLED)
    world.assembly(second, blocks=[second], place="Jardín Nogal", mode=Mode.ONLINE)
    with world.writing() as session:
        found = {clash.assembly.id: clash.reasons for clash in queries.clashes_of(session, mine)}
    assert found == {
        same_place.id: (Reason.PLACE,), same_block.id: (Reason.BLOCK,), same_person.id: (Reason.CONVENER,),
    }


def test_clashes_are_shown_before_publishing(world, place, browser):
    other = world.assembly(place["block"][1], blocks=[place["block"][0]], place="Escuela", title="La otra")
    local = other.starts_at - timedelta(hours=6)
    saved = convene(browser, place["block"][0], day=local.date().isoformat(), hour=local.strftime("%H:%M"))
    check = browser.get(saved.location)
    assert "misma cuadra" in text_of(check) and "La otra" in text_of(check)
    assert f"/work/assemblies/{other.folio}" in check.text


def test_another_day_is_told_with_what_was_before(world, place, browser, client):
    assembly = world.assembly(place["block"][0], blocks=[place["block"][0]], place="Jardín Nogal")
    address = f"/work/assemblies/{assembly.folio}/reschedule"
    done = press(browser, address, day="2026-03-28", hour="10:00", place="Escuela Juárez", reason="Va a llover")
    assert done.status_code == 303
    (event,) = events(world, EventKind.ASSEMBLY_RESCHEDULED)
    assert event.data["before"]["starts_at"] != event.data["after"]["starts_at"]
    assert not {word for word in ("Va a llover", "Nogal", "Juárez") if word in str(event.public())}, "free text can be erased"
    page = text_of(client.get(f"/assemblies/{assembly.folio}"))
    assert "28 de marzo" in page and "Escuela Juárez" in page
    assert "Antes: 21 mar 2026, 12:00, Jardín Nogal" in page and "Va a llover" in page


def test_another_day_needs_a_reason_and_a_future(world, place, browser):
    assembly = world.assembly(place["block"][0])
    address = f"/work/assemblies/{assembly.folio}/reschedule"
    page = press(browser, address, day="2026-03-28", hour="10:00", reason="")
    assert page.status_code == 422 and "2026-03-28" in page.text
    page = press(browser, address, day="2026-03-01", hour="10:00", reason="Se adelantó")
    assert page.status_code == 422 and "ya pasaron" in text_of(page)
    assert events(world, EventKind.ASSEMBLY_RESCHEDULED) == []


def test_a_new_day_that_clashes_is_shown_first(world, place, browser):
    assembly = world.assembly(place["block"][0], blocks=[place["block"][0]])
    later = clock.now() + timedelta(days=10)
    world.assembly(place["block"][1], blocks=[place["block"][0]], place="Otro lado", starts_at=later, title="La otra")
    address = f"/work/assemblies/{assembly.folio}/reschedule"
    local = later - timedelta(hours=6)
    changes = {"day": local.date().isoformat(), "hour": local.strftime("%H:%M"), "reason": "Cambio"}
    shown = press(browser, address, **changes)
    assert shown.status_code == 422 and "La otra" in text_of(shown)
    accepted = browser.post(address, data=as_shown(shown) | {"seen": ["y"]})
    assert accepted.status_code == 303
    assert len(events(world, EventKind.ASSEMBLY_RESCHEDULED)) == 1


def test_calling_off_by_policy_and_with_a_reason(world, place, browser, client):
    assembly = world.assembly(place["block"][0])
    address = f"/work/assemblies/{assembly.folio}/cancel"
    promoter = world.sign_in(world.user(Role.PROMOTER, unit=place["section"][0]))
    assert promoter.get(address).status_code == 403
    assert press(browser, address, reason="").status_code == 422
    assert press(browser, address, reason="Alerta por lluvias").status_code == 303
    page = text_of(client.get(f"/assemblies/{assembly.folio}"))
    assert "Cancelada" in page and "Alerta por lluvias" in page
    assert browser.get(address).status_code == 403


def test_two_people_rescheduling(world, place, browser):
    assembly = world.assembly(place["block"][0])
    address = f"/work/assemblies/{assembly.folio}/reschedule"
    late = as_shown(browser.get(address)) | {"day": ["2026-04-04"], "reason": ["Yo digo otra"]}
    assert press(browser, address, day="2026-03-28", reason="Primero").status_code == 303
    clash = browser.post(address, data=late)
    assert clash.status_code == 409
    assert "28 mar 2026" in text_of(clash) and "4 abr 2026" in text_of(clash) and "Yo digo otra" in text_of(clash)


def test_a_form_left_empty_shows_nothing_of_an_assembly_of_elsewhere(world, place, browser):
    mine = world.assembly(place["block"][0])
    other = world.assembly(world.unit(), state=AssemblyState.DRAFT, title="Todavía secreta")
    page = browser.get(f"/work/assemblies/{mine.folio}/cancel")
    answer = browser.post(f"/work/assemblies/{other.folio}/cancel", data=as_shown(page) | {"reason": [""]})
    assert answer.status_code == 403 and "secreta" not in answer.text
