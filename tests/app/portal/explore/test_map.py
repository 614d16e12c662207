"""What the script of the map is given, and what the page lets it do."""

import pytest

from app.core import clock
from models import Setting
from tests.queries import count_queries


@pytest.fixture
def town(world):
    return world.tree(territories=1, blocks=3)


def test_the_ground_is_where_the_place_lies(client, town):
    place = client.get(f"/t/{town['territory'][0].code}/explore/ground.json").get_json()
    west, south, east, north = place["bounds"]
    assert west < east and south < north and place["outline"]["type"] in ("Polygon", "MultiPolygon")


def test_a_layer_says_where_its_tiles_are_and_how_they_are_painted(client, town):
    told = client.get(f"/t/{town['territory'][0].code}/explore/layer.json?layer=blocks&join=1").get_json()
    assert told["tiles"].startswith("/tiles/blocks/{z}/{x}/{y}.mvt?v=") and "unit=" not in told["tiles"]
    assert {one["id"] for one in told["layers"]} >= {"blocks-line"} and told["groups"] is None
    assert client.get(told["tiles"].replace("{z}/{x}/{y}", "12/920/1820")).status_code in (200, 204)


def test_a_thing_is_told_in_the_words_of_its_row(client, town):
    block, section = town["block"][1], town["section"][0]
    address = f"/t/{town['territory'][0].code}/explore/thing.json?layer=blocks&id="
    thing = client.get(f"{address}{block.id}").get_json()
    assert (thing["title"], thing["url"]) == (block.name, f"/t/{block.code}")
    assert ["Clave", block.code] in thing["facts"] and ["Está en", section.code] in thing["facts"]
    for nothing in ("", "x", "-1", "9" * 30, "999999"):
        assert client.get(address + nothing).status_code == 404


@pytest.mark.parametrize("path", ["ground.json", "layer.json?layer=blocks&join=1", "thing.json?layer=blocks&id=1"])
def test_what_the_script_asks_is_cheap(app, client, town, path):
    with count_queries(app) as seen:
        client.get(f"/t/{town['territory'][0].code}/explore/{path}")
    assert len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]) <= 8, seen


def test_only_the_map_may_ask_where_one_is_and_only_its_base_map_is_let_in(client, world, town):
    page = f"/t/{town['territory'][0].code}/explore"
    before = client.get(page)
    assert "geolocation=(self)" in before.headers["Permissions-Policy"]
    assert "https:" not in before.headers["Content-Security-Policy"] and "unsafe" not in before.headers["Content-Security-Policy"]
    with world.writing() as session:
        session.add(Setting(key="base_map_url", value="https://tiles.example:8443/{z}/{x}/{y}.png", updated_at=clock.now()))
    after = client.get(page)
    policy = dict(part.split(" ", 1) for part in after.headers["Content-Security-Policy"].split("; "))
    assert policy["img-src"] == "'self' data: https://tiles.example:8443" and policy["connect-src"] == "'self' https://tiles.example:8443"
    assert policy["script-src"] == policy["worker-src"] == "'self'" and "unsafe" not in after.headers["Content-Security-Policy"]
    assert "https:" not in client.get("/").headers["Content-Security-Policy"]


def test_no_draft_is_asked_for_by_its_state(client, town):
    assert client.get("/tiles/assemblies/12/920/1820.mvt?state=draft").status_code == 400
    address = f"/t/{town['territory'][0].code}/explore/layer.json?layer=assemblies&state=draft"
    told = client.get(address, headers={"Accept": "application/json"})
    assert told.status_code == 400 and told.mimetype == "application/problem+json"
