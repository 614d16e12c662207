"""Open data: the API's rows as files, and nothing a spreadsheet would run."""

import csv
import io
import json

import pytest
import shapely

from app.portal.open_data import exports
from models.assembly import AssemblyState
from tests.app.portal import scenes
from tests.pages import text_of


@pytest.fixture
def town(world):
    made = world.tree(territories=1, blocks=3)
    made["owner"], made["theme"] = world.body("OBRAS", name="Obras"), world.theme("alumbrado")
    return made


def rows(answer) -> list[dict]:
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8"))))


@pytest.mark.parametrize("batch", [500, 2])
def test_agreements_are_the_api_s(client, world, town, batch, monkeypatch):
    monkeypatch.setattr(exports, "BATCH", batch)
    for text in ("Reparar, «pronto»\nla luminaria", '=HYPERLINK("http://x")', "@cmd", "Ñandú", "-1"):
        scenes.agreement(world, town["territory"][0], town["owner"], town["theme"], text=text)
    found = rows(client.get("/open-data/agreements.csv"))
    listed = client.get("/api/v1/agreements").json["items"][::-1]
    assert [one["folio"] for one in found] == [one["folio"] for one in listed]
    for row, one in zip(found, listed, strict=True):
        for name in ("state", "theme", "first_due", "due", "url"):
            assert row[name] == one[name]
        assert row["owner"] == one["owner"]["code"] and row["unit"] == one["unit"]["code"]
        assert row["text"].lstrip("'") == one["text"]
        assert row["late"] in ("true", "false")
    assert [row["text"][0] for row in found] == ["R", "'", "'", "Ñ", "'"]


def test_assemblies_leave_drafts_out(client, world, town):
    held = scenes.assembly(world, town["territory"][0], *town["block"][:2])
    scenes.assembly(world, town["territory"][0], state=AssemblyState.DRAFT)
    [row] = rows(client.get("/open-data/assemblies.csv"))
    assert row["folio"] == held.folio
    assert row["blocks"].split() == sorted(block.code for block in town["block"][:2])


@pytest.mark.parametrize("batch", [500, 2])
def test_units_are_geojson_as_its_standard_says(client, world, town, batch, monkeypatch):
    monkeypatch.setattr(exports, "BATCH", batch)
    scenes.assembly(world, town["territory"][0], town["block"][0])
    answer = client.get("/open-data/units.geojson")
    assert answer.mimetype == "application/geo+json"
    collection = json.loads(answer.data)
    assert len(collection["features"]) == 7
    by_code = {one["id"]: one for one in collection["features"]}
    territory = by_code[town["territory"][0].code]
    assert territory["properties"]["coverage"] == {"met": 1, "of": 3}
    assert territory["properties"]["parent"] == town["office"][0].code
    shape = shapely.geometry.shape(territory["geometry"])
    assert shape.geoms[0].exterior.is_ccw
    longitude, latitude = territory["geometry"]["coordinates"][0][0][0]
    assert -100 < longitude < -98 and round(longitude, 6) == longitude and 19 < latitude < 20
    only = json.loads(client.get("/open-data/units.geojson?level=block").data)
    assert {one["properties"]["level"] for one in only["features"]} == {"block"}
    assert client.get("/open-data/units.geojson?level=nope").status_code == 400


def test_empty_files_are_still_files(client):
    assert rows(client.get("/open-data/agreements.csv")) == []
    assert json.loads(client.get("/open-data/units.geojson").data)["features"] == []


def test_the_page_says_what_there_is(client):
    page = client.get("/open-data/")
    assert "CC BY 4.0" in text_of(page)
    for address in ("/open-data/agreements.csv", "/open-data/units.geojson", "/api/openapi.json", "/ledger"):
        assert f'href="{address}"' in page.text
    assert client.get("/en/open-data/").status_code == 200
