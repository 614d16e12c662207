"""A public page is made once for each version of the data, and never shown of an older one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core import clock, rate
from app.core.page_cache import Kept, Shelf
from app.core.transaction import read_session, transaction
from models import Assembly, Setting
from models.settings import load_settings, setting
from tests.factories.agreements import Neighbourhood
from tests.pages import text_of
from tests.queries import count_queries


def version(world) -> int:
    with world.app.extensions["database"].read() as session:
        return load_settings(session)


def test_the_second_time_only_the_version_is_asked_for(app, world, client):
    unit = world.unit(name="Nogales")
    first = client.get(f"/t/{unit.code}")
    with count_queries(app) as seen:
        again = client.get(f"/t/{unit.code}")
    assert len(seen) == 1 and "data_version" in seen[0]
    assert again.data == first.data and again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert client.get(f"/t/{unit.code}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert "Nogales" in text_of(client.get(f"/en/t/{unit.code}")) and 'lang="en"' in client.get(f"/en/t/{unit.code}").text


def test_what_was_just_written_is_what_is_read(world, client):
    assembly = world.assembly(world.unit(), title="La primera")
    assert "La primera" in text_of(client.get(f"/assemblies/{assembly.folio}"))
    with world.writing() as session:
        session.get_one(Assembly, assembly.id).title = "La corregida"
    page = text_of(client.get(f"/assemblies/{assembly.folio}"))
    assert "La corregida" in page and "La primera" not in page


def test_a_setting_just_changed_is_the_one_that_is_read(app, world):
    """Settings are remembered with the version of the data, and no longer."""

    def days() -> int:
        with app.app_context():
            return setting(read_session(), "notice_days")

    assert days() == 3
    with world.writing() as session:
        session.add(Setting(key="notice_days", value=9, updated_at=clock.now()))
    assert days() == 9
    with app.app_context(), pytest.raises(ZeroDivisionError), transaction() as session:
        session.get_one(Setting, "notice_days").value = 1
        session.flush()
        raise ZeroDivisionError
    assert days() == 9


def test_a_page_does_not_outlive_its_minute(world, client):
    place = Neighbourhood(world)
    agreement = place.agreement("in_progress", due=clock.today("America/Mexico_City"))
    assert "tarde" not in text_of(client.get(f"/a/{agreement.folio}"))
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        assert "1 día tarde" in text_of(client.get(f"/a/{agreement.folio}"))


def test_forms_and_bodies_are_each_readers_own(world, client):
    agreement = Neighbourhood(world).agreement("reported_done")
    forms = {client.get(f"/a/{agreement.folio}/doubt").text for _n in range(2)}
    assert len(forms) == 2
    plain = client.get("/").data
    packed = client.application.test_client().get("/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and client.get("/").data == plain


def test_no_page_that_is_kept_holds_the_key_of_a_form(app, world, client):
    """Two readers would send the same key, and the second's words would be taken for the first's."""
    place = Neighbourhood(world)
    agreement = place.agreement("reported_done")
    values = {"code": place.territory.code, "folio": agreement.folio}
    kept = [rule for rule in app.url_map.iter_rules() if app.extensions["access"][rule.endpoint].kept]
    opened = [rule for rule in kept if rule.arguments <= set(values)]
    assert len(opened) > 10
    for rule in opened:
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
        assert b"client_id" not in app.test_client().get(address).data, address


def test_counting_tries_changes_no_page(app, world):
    before = version(world)
    with app.app_context():
        rate.limit("x", "y", times=3, seconds=60)
        assert version(world) == before
        with transaction():
            pass
    assert version(world) == before + 1


def test_what_failed_changes_no_page(app, world):
    before = version(world)
    with app.app_context(), pytest.raises(ZeroDivisionError), transaction():
        raise ZeroDivisionError
    assert version(world) == before


def test_the_shelf_lets_go_of_what_nobody_asked_for():
    shelf = Shelf(most_bytes=250)
    for name in "abc":
        shelf.put((name,), Kept((), b"x" * 100))
        shelf.get(("a",))
    assert [shelf.get((name,)) is not None for name in "abc"] == [True, False, True]


def test_a_file_is_kept_when_it_was_sent_whole(app, world, client):
    place = Neighbourhood(world)
    agreement = place.agreement()
    first = client.get("/open-data/agreements.csv")
    assert agreement.folio in first.text
    with count_queries(app) as seen:
        again = client.get("/open-data/agreements.csv")
    assert again.data == first.data and len(seen) == 1
    assert client.get("/open-data/agreements.csv", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    later = place.agreement()
    cut = app.test_client().get("/open-data/agreements.csv", buffered=False)
    next(cut.iter_encoded())
    cut.close()
    assert later.folio in client.get("/open-data/agreements.csv").text
