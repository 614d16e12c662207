"""Putting an agreement on the map (001-44): by tap, coordinates or block, within its unit, never a discreet one."""

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import select

from app.admin.themes import services as themes
from models import Event, EventText, Role, Spot
from models.territory import LevelRole
from tests.factories.agreements import Neighbourhood
from tests.pages import hidden_fields, text_of
from tests.queries import count_queries


@pytest.fixture
def place(world) -> Neighbourhood:
    return Neighbourhood(world)


@pytest.fixture
def corner(world, place):
    """A block of known shape: 0.001° wide, its corner at -99, 19."""
    return world.unit(
        LevelRole.BLOCK, parent=place.section, code="ESQ", name="Cuadra 7", shape=MultiPolygon([box(-99.0, 19.0, -98.999, 19.001)])
    )


@pytest.fixture
def made(place, corner):
    return place.agreement(unit=corner)


@pytest.fixture
def promoter(world, place):
    return world.sign_in(place.promoter_user)


def saved(world) -> list[Spot]:
    with world.writing() as session:
        return list(session.scalars(select(Spot)))


def choose(browser, agreement, **asked):
    """Ask where something lies, then send what the page would."""
    page = browser.get(f"/work/places/{agreement.folio}", query_string=asked)
    form = hidden_fields(page, f"/work/places/{agreement.folio}")
    return page, browser.post(f"/work/places/{agreement.folio}", data=form) if "longitude" in form else None


def test_a_tap_falls_where_the_map_shows_it(world, made, promoter):
    page = promoter.get(f"/work/places/{made.folio}")
    assert 'name="map320"' in page.text and 'name="map640"' in page.text
    page, answer = choose(promoter, made, **{"map320.x": 160, "map320.y": 168})
    assert "Queda en Cuadra 7." in text_of(page) and answer.status_code == 303
    (spot,) = saved(world)
    assert (spot.longitude, spot.latitude) == pytest.approx((-98.9995, 19.0005), abs=5e-5) and spot.told_by == "tap"


def test_the_map_nearer_is_tapped_as_surely(world, made, promoter):
    first = promoter.get(f"/work/places/{made.folio}", query_string={"map640.x": 320, "map640.y": 320})
    view = {name: value for name, value in hidden_fields(first, f"/{made.folio}").items() if name in ("zoom", "centre")}
    view = view or {"zoom": "1", "centre": "19.00050, -98.99950"}
    _page, answer = choose(promoter, made, **view, **{"map640.x": 320, "map640.y": 320})
    assert answer.status_code == 303
    assert (saved(world)[0].longitude, saved(world)[0].latitude) == pytest.approx((-98.9995, 19.0005), abs=5e-5)


def test_a_keyboard_press_on_the_map_is_no_tap(made, promoter):
    page = promoter.get(f"/work/places/{made.folio}", query_string={"map320.x": 0, "map320.y": 0})
    assert page.status_code == 200 and "Guardar este punto" not in page.text


def test_coordinates_a_street_away_are_taken_and_a_borough_away_are_not(world, made, promoter):
    page, answer = choose(promoter, made, coordinates="19.0005, -98.9988")
    assert "Queda sobre la calle, a 22 m de Cuadra 7." in text_of(page) and answer.status_code == 303
    page, answer = choose(promoter, made, coordinates="19.2, -99.0")
    assert "Queda fuera de Cuadra 7" in text_of(page) and answer is None
    forged = promoter.get(f"/work/places/{made.folio}", query_string={"coordinates": "19.0005, -98.9988"})
    form = hidden_fields(forged, f"/work/places/{made.folio}") | {"latitude": "19.2"}
    assert promoter.post(f"/work/places/{made.folio}", data=form).status_code == 422
    assert saved(world)[0].latitude == pytest.approx(19.0005)
    assert "Escriba latitud y longitud" in text_of(promoter.get(f"/work/places/{made.folio}", query_string={"coordinates": "Nogal 12"}))


def test_a_block_is_a_place_the_record_tells_and_everybody_sees(app, world, made, promoter, client):
    _page, answer = choose(promoter, made, block="ESQ")
    assert "Ya está en el mapa" in text_of(promoter.get(answer.location))
    with world.writing() as session:
        event, text = session.execute(
            select(Event, EventText).join(EventText, EventText.event_seq == Event.seq).where(Event.kind == "spot.set")
        ).one()
    assert event.object == f"agreement:{made.folio}" and "19.0" not in str(event.data) and text.text.startswith("19.00")
    with count_queries(app) as seen:
        page = client.get(f"/a/{made.folio}")
    assert "Verlo en el mapa" in page.text and len([one for one in seen if not one.startswith("PRAGMA")]) <= 8
    form = hidden_fields(promoter.get(f"/work/places/{made.folio}"), "/remove")
    assert promoter.post(f"/work/places/{made.folio}/remove", data=form).status_code == 303 and saved(world) == []


def test_the_second_of_two_people_is_shown_both(world, made, promoter):
    stale = hidden_fields(promoter.get(f"/work/places/{made.folio}", query_string={"block": "ESQ"}), f"/work/places/{made.folio}")
    choose(promoter, made, coordinates="19.0002, -98.9998")
    page = promoter.post(f"/work/places/{made.folio}", data=stale)
    assert page.status_code == 409 and "19.00020, -98.99980" in page.text


def test_what_becomes_reserved_leaves_the_map_and_the_record(world, place, made, promoter):
    choose(promoter, made, block="ESQ")
    with world.writing() as session:
        actor = place.actor(world.user(Role.ADMIN, unit=place.units["root"][0]))
        themes.tighten(session, actor=actor, theme=session.merge(place.theme))
    assert saved(world) == []
    with world.writing() as session:
        told = session.scalar(select(EventText).join(Event, Event.seq == EventText.event_seq).where(Event.kind == "spot.set"))
    assert told.text is None
    page, answer = choose(promoter, made, block="ESQ")
    assert answer is None or (answer.status_code == 422 and "no se guarda el punto" in text_of(answer))


def test_others_reach_is_not_mine(world, place, made, client):
    stranger = world.sign_in(world.user(Role.OFFICIAL, unit=place.other_territory))
    assert stranger.get(f"/work/places/{made.folio}").status_code == 403
    assert client.get(f"/work/places/{made.folio}").status_code == 303
    assert stranger.get("/work/places/ZZZ-2026-0001").status_code == 404
