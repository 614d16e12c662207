"""Layers as files, read back by the programs they are for."""

import csv
import io
import json
import subprocess
import sys
from datetime import timedelta

import geojson_validator
import pytest
import shapely
from geoalchemy2.shape import from_shape

from app.core.spatial.boxes import extents_of
from models import PastBoundary
from territories.layers import features
from territories.layers.registry import Scope, layers_of
from tests.factories import TODAY
from tests.queries import count_queries

READ = """
import json, sys, pyogrio
info = pyogrio.read_info(sys.argv[1], force_feature_count=True, force_total_bounds=True)
_meta, _ids, shapes, columns = pyogrio.raw.read(sys.argv[1])
print(json.dumps({
    "layers": pyogrio.list_layers(sys.argv[1]).tolist(), "count": info["features"], "bounds": info["total_bounds"], "crs": info["crs"],
    "fields": dict(zip(info["fields"], [list(map(str, column)) for column in columns])), "shapes": [bytes(one).hex() for one in shapes],
}))
"""


@pytest.fixture
def tree(world):
    made = world.tree(territories=2, blocks=3)
    with world.writing() as session:
        session.merge(made["block"][0]).name = "=1+1"
    return made


def test_a_geopackage_opens_in_gdal_with_all_it_should_hold(client, tree, tmp_path):
    territory = tree["territory"][0]
    answer = client.get(f"/t/{territory.code}/layers/blocks.gpkg")
    assert answer.mimetype == "application/geopackage+sqlite3"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=cuadra-blocks-{territory.code}-2026-03-14.gpkg"
    path = tmp_path / "blocks.gpkg"
    path.write_bytes(answer.data)
    # GDAL brings an SQLite of its own, which may not meet ours in one process.
    done = subprocess.run([sys.executable, "-W", "error", "-c", READ, path], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    codes = [one.code for one in tree["block"][:3]]
    assert found["layers"] == [["blocks", "MultiPolygon"]] and found["count"] == 3 and found["crs"] == "EPSG:4326"
    assert found["fields"]["code"] == codes and found["fields"]["name"][0] == "=1+1"
    whole = shapely.union_all([shapely.from_wkb(bytes.fromhex(one)) for one in found["shapes"]])
    assert whole.area == pytest.approx(3e-4) and list(whole.bounds) == pytest.approx(found["bounds"])


def test_geojson_is_valid_and_says_where_it_comes_from(client, tree):
    answer = client.get(f"/t/{tree['root'][0].code}/layers/blocks.geojson")
    document = answer.get_json(force=True)
    assert geojson_validator.validate_structure(document) == {}
    assert not geojson_validator.validate_geometries(document)["invalid"]
    assert len(document["features"]) == 6 and document["license"].endswith("/by/4.0/") and document["date"] == "2026-03-14"
    assert client.get(document["describedby"].removeprefix("http://localhost")).status_code == 200
    again = client.get(f"/t/{tree['root'][0].code}/layers/blocks.geojson", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_csv_runs_nothing_and_keeps_the_shape(client, tree):
    answer = client.get(f"/t/{tree['territory'][0].code}/layers/blocks.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows[0]["name"] == "'=1+1" and [row["code"] for row in rows] == [one.code for one in tree["block"][:3]]
    assert sum(shapely.from_wkt(row["wkt"]).area for row in rows) == pytest.approx(3e-4)
    schema = client.get(f"/t/{tree['territory'][0].code}/layers/blocks.schema.json").json
    assert [one["name"] for one in schema["fields"]] == list(rows[0])


def test_pages_say_what_there_is(app, client, tree):
    code = tree["territory"][0].code
    with count_queries(app) as seen:
        index = client.get(f"/t/{code}/layers")
    assert len(seen) <= 8 and f"/t/{code}/layers/blocks.gpkg" in index.text and "layers/municipality" not in index.text
    about = client.get(f"/t/{code}/layers/blocks")
    assert "parent" in about.text and "CC BY 4.0" in about.text
    assert client.get(f"/fr/t/{code}/layers/blocks").status_code == 200
    assert f"/t/{code}/layers" in client.get(f"/t/{code}/map").text
    assert client.get(f"/t/{code.lower()}/layers/blocks.csv?on=").headers["Location"].endswith(f"/t/{code}/layers/blocks.csv?on=")


def test_what_is_not_there_or_makes_no_sense_is_refused(app, client, tree):
    code = tree["territory"][0].code
    for path in ("nothing.csv", "nothing", "blocks.xlsx"):
        assert client.get(f"/t/{code}/layers/{path}").status_code == 404
    assert client.get("/t/NADA/layers/blocks.csv").status_code == 404
    for asked in ("theme=x", "unit=x", "on=yesterday", "ooga=1"):
        answer = client.get(f"/t/{code}/layers/blocks.csv?{asked}")
        assert answer.status_code == 400 and len(answer.json["detail"]) > 10, asked
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert {client.get(f"/t/{code}/layers/blocks.csv").status_code for _time in range(32)} == {200, 429}


def test_every_public_layer_counts_and_draws_what_its_source_gives(app, world, tree):
    """Values that a layer computes for each row may not multiply its rows."""
    with app.test_request_context(), app.extensions["database"].read() as session:
        asked = [features.ask(layer, Scope(TODAY, TODAY)) for layer in layers_of(app)]
        assert len(asked) > 5
        boxes = extents_of(session, [(one.source, one.layer.shape) for one in asked])
        for one, box in zip(asked, boxes, strict=True):
            rows = list(features.each_row(session, one, features.shape_text(one)))
            assert features.count_of(session, one) == len(rows) == len(session.execute(one.source).all()), one.layer.name
            shapes = [shapely.from_geojson(row[features.SHAPE]) for row in rows]
            assert box is None if not rows else list(box) == pytest.approx(list(shapely.total_bounds(shapes))), one.layer.name
            assert len({row[features.NAME] for row in rows}) == len(rows), one.layer.name


def test_a_past_day_has_its_boundaries(app, client, world, tree):
    block = tree["block"][0]
    with world.writing() as session:
        session.add(PastBoundary(
            unit_id=block.id, geom=from_shape(shapely.MultiPolygon([shapely.box(-99.5, 19, -99.4, 19.1)]), 4326),
            valid_from=TODAY - timedelta(days=90), valid_to=TODAY - timedelta(days=30),
        ))
    day = (TODAY - timedelta(days=60)).isoformat()
    then = client.get(f"/t/{tree['root'][0].code}/layers/coverage.geojson?on={day}").get_json(force=True)
    boxes = {one["id"]: shapely.from_geojson(json.dumps(one["geometry"])).bounds for one in then["features"]}
    assert then["date"] == day and len(boxes) == 6 and boxes[block.code] == pytest.approx((-99.5, 19, -99.4, 19.1))
    for asked, found in ((f"datetime={day}&", [block.code]), ("", [])):
        answer = client.get(f"/ogc/collections/coverage/items?{asked}bbox=-99.45,19.05,-99.44,19.06").get_json(force=True)
        assert [one["id"] for one in answer["features"]] == found and answer["numberMatched"] == len(found)
