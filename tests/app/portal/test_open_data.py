"""Open data: the API's rows as files, and nothing a spreadsheet would run."""

import csv
import io
import json
from datetime import timedelta

import pytest
import shapely

from app.core import clock
from app.core.spatial.shapes import point_of
from app.portal.open_data.exports import RESOURCES
from models import Minutes, Problem, Spot
from models.assembly import AssemblyState
from models.spot import SpotBy
from tests.app.portal import scenes
from tests.pages import text_of
from tests.queries import count_queries


@pytest.fixture
def town(world):
    made = world.tree(territories=1, blocks=3)
    made["owner"], made["theme"] = world.body("OBRAS", name="Obras"), world.theme("alumbrado")
    return made


def rows(answer) -> list[dict]:
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8"))))


def test_agreements_are_the_api_s(client, world, town):
    for text in ("Reparar, «pronto»\nla luminaria", '=HYPERLINK("http://x")', "@cmd", "Ñandú", "-1"):
        scenes.agreement(world, town["territory"][0], town["owner"], town["theme"], text=text)
    found = rows(client.get("/open-data/agreements.csv"))
    listed = client.get("/api/v1/agreements").json["items"][::-1]
    assert [one["folio"] for one in found] == [one["folio"] for one in listed]
    for row, one in zip(found, listed, strict=True):
        for name in ("state", "theme", "first_due", "due", "url"):
            assert row[name] == one[name]
        assert row["owner"] == one["owner"]["code"] and row["unit"] == one["unit"]["code"]
        assert (row["owner_name"], row["counterpart"], row["version"]) == (one["owner"]["name"], "", str(one["version"]))
        assert row["text"].lstrip("'") == one["text"]
        assert row["late"] in ("true", "false")
    assert [row["text"][0] for row in found] == ["R", "'", "'", "Ñ", "'"]


def test_assemblies_leave_drafts_out(client, world, town):
    held = scenes.assembly(world, town["territory"][0], *town["block"][:2])
    scenes.assembly(world, town["territory"][0], state=AssemblyState.DRAFT)
    [row] = rows(client.get("/open-data/assemblies.csv"))
    assert row["folio"] == held.folio
    assert row["blocks"].split() == sorted(block.code for block in town["block"][:2])


def test_units_are_geojson_as_its_standard_says(client, world, town):
    scenes.assembly(world, town["territory"][0], town["block"][0])
    answer = client.get("/open-data/units.geojson")
    assert answer.mimetype == "application/geo+json"
    collection = json.loads(answer.data)
    assert len(collection["features"]) == 7
    by_code = {one["id"]: one for one in collection["features"]}
    territory = by_code[town["territory"][0].code]
    assert territory["properties"]["coverage"] == {"met": 1, "of": 3}
    told = client.get(f"/api/v1/units/{territory['id']}").json
    assert territory["properties"] == {name: told[name] for name in territory["properties"]}
    [flat] = [row for row in rows(client.get("/open-data/units.csv")) if row["code"] == territory["id"]]
    assert (flat["coverage_met"], flat["coverage_of"], flat["share_of"], flat["parent"]) == ("1", "3", "0", told["parent"])
    assert territory["properties"]["parent"] == town["office"][0].code
    shape = shapely.geometry.shape(territory["geometry"])
    assert shape.geoms[0].exterior.is_ccw
    longitude, latitude = territory["geometry"]["coordinates"][0][0][0]
    assert -100 < longitude < -98 and round(longitude, 6) == longitude and 19 < latitude < 20
    only = json.loads(client.get("/open-data/units.geojson?level=block").data)
    assert {one["properties"]["level"] for one in only["features"]} == {"block"}
    assert client.get("/open-data/units.geojson?level=nope").status_code == 400


def test_agreements_on_the_map_lie_inside_their_unit(client, world, town):
    made = scenes.agreement(world, town["block"][1], town["owner"], town["theme"])
    [feature] = json.loads(client.get("/open-data/agreements.geojson").data)["features"]
    listed = client.get("/api/v1/agreements").json["items"][0]
    assert feature["properties"] == {name: value for name, value in listed.items() if name != "events"}
    units = json.loads(client.get("/open-data/units.geojson?level=block").data)["features"]
    [block] = [one for one in units if one["id"] == town["block"][1].code]
    assert feature["id"] == made.folio
    assert shapely.geometry.shape(block["geometry"]).contains(shapely.geometry.shape(feature["geometry"]))


def test_an_agreement_put_on_the_map_is_told_there_unless_it_is_discreet(client, world, town):
    for theme, at in ((town["theme"], -99.05123), (world.theme("seguridad", sensitive=True), -99.06)):
        made = scenes.agreement(world, town["territory"][0], town["owner"], theme)
        with world.writing() as session:
            session.add(Spot(
                agreement_id=made.id, point=point_of(at, 19.305), longitude=at, latitude=19.305, told_by=SpotBy.TAP, set_at=clock.now()
            ))  # fmt: skip
    points = [one["geometry"]["coordinates"] for one in json.loads(client.get("/open-data/agreements.geojson").data)["features"]]
    assert [-99.05123, 19.305] in points and [-99.06, 19.305] not in points


def test_problems_are_counted_once_their_minutes_are_sealed(client, world, town):
    sealed, open_ = (scenes.assembly(world, town["territory"][0]) for _n in range(2))
    guarded = world.theme("seguridad", sensitive=True)
    with world.writing() as session:
        session.add(Minutes(assembly_id=sealed.id, content={}, digest="0" * 64, head="1:x", sealed_at=clock.now()))
        for assembly, theme in ((sealed, town["theme"]), (sealed, town["theme"]), (open_, town["theme"]), (sealed, guarded)):
            session.add(
                Problem(assembly_id=assembly.id, unit_id=town["block"][0].id, theme_id=theme.id, text="Falta luz", raised_at=clock.now())
            )
    found = [(row["unit"], row["theme"], row["sensitive"], row["problems"]) for row in rows(client.get("/open-data/problems.csv"))]
    assert found == [(town["territory"][0].code, "alumbrado", "false", "2")]


@pytest.mark.parametrize("file", [one.file for one in RESOURCES])
def test_a_file_is_streamed_with_few_queries_and_not_sent_twice(app, client, world, town, file):
    counts = []
    for _n in range(2):
        for block in town["block"]:
            scenes.agreement(world, block, town["owner"], town["theme"])
            scenes.assembly(world, town["territory"][0], *town["block"])
        with count_queries(app) as seen:
            answer = client.get(f"/open-data/{file}")
            assert answer.status_code == 200 and answer.data
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8, counts
    assert answer.headers["Content-Disposition"] == f"attachment; filename=cuadra-{file.replace('.', '-2026-03-14.')}"
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and "Set-Cookie" not in answer.headers
    tag, moment = answer.headers["ETag"], answer.headers["Last-Modified"]
    for asked in ({"If-None-Match": tag}, {"If-Modified-Since": moment}, {"If-None-Match": tag, "Accept-Encoding": "br"}):
        again = client.get(f"/open-data/{file}", headers=asked)
        assert (again.status_code, again.data) == (304, b"")
    head = client.head(f"/open-data/{file}")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
    scenes.agreement(world, town["block"][0], town["owner"], town["theme"])
    assert client.get(f"/open-data/{file}", headers={"If-None-Match": tag}).status_code == 200
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        assert client.get(f"/open-data/{file}", headers={"If-Modified-Since": moment}).status_code == 200
    assert client.get(f"/open-data/{file}?nonsense=1").status_code == 400


def test_another_site_s_script_may_ask_first(app):
    client, asking = app.test_client(), {"Origin": "https://periodico.example", "Access-Control-Request-Method": "GET"}
    for path in ("/open-data/agreements.csv", "/api/v1/agreements"):
        asked = client.options(path, headers=asking)
        assert asked.status_code == 200 and asked.headers["Access-Control-Allow-Origin"] == "*"
        assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        assert "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]
    refused = client.post("/open-data/agreements.csv")
    assert refused.status_code == 405 and set(refused.allow) == {"GET", "HEAD", "OPTIONS"}


def test_empty_files_are_still_files(client):
    assert rows(client.get("/open-data/agreements.csv")) == []
    assert json.loads(client.get("/open-data/units.geojson").data)["features"] == []


def test_the_page_says_what_there_is(client, world, town):
    scenes.agreement(world, town["territory"][0], town["owner"], town["theme"])
    page = client.get("/open-data/")
    assert "1 acuerdo" in text_of(page) and "Todavía no hay ninguna" in text_of(page)
    assert "CC BY 4.0" in text_of(page)
    for address in ("/open-data/agreements.csv", "/open-data/units.geojson", "/api/openapi.json", "/ledger"):
        assert f'href="{address}"' in page.text
    assert client.get("/en/open-data/").status_code == 200


@pytest.mark.parametrize("prefix", ["", "/en", "/fr"])
def test_the_dictionary_has_every_column_of_every_file(client, prefix):
    words = text_of(client.get(f"{prefix}/open-data/dictionary"))
    for one in RESOURCES:
        for column in one.columns:
            assert column.name in words.split(), column.name
    assert "reported_done" in words
