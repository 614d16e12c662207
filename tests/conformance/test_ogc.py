"""The OGC API as the clients of a GIS office and the standard's own test suite use it (001-44)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import geojson_validator
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from owslib.ogcapi.features import Features
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

EXAMPLES = 3
# Filters, cursors and codes that no schema can tell from others are refused; a limit beyond the most is not (Part 1, 7.15.2).
LEFT_OUT = [positive_data_acceptance, negative_data_rejection]
PLAIN = {"Accept-Encoding": "identity"}
# GDAL brings an SQLite of its own, which may not meet ours in one process.
GDAL = """
import json, sys, numpy, pyogrio
address, to = f"OAPIF:{sys.argv[1]}", sys.argv[2]
layers = [name for name, _kind in pyogrio.list_layers(address)]
info = pyogrio.read_info(address, layer="blocks", force_feature_count=True)
meta, ids, shapes, columns = pyogrio.raw.read(address, layer="blocks", PAGE_SIZE=2)
pyogrio.raw.write(to, shapes, columns, meta["fields"], layer="blocks", driver="GPKG", geometry_type=meta["geometry_type"], crs=meta["crs"])
boxed = pyogrio.raw.read(address, layer="blocks", bbox=tuple(map(float, sys.argv[3].split(","))))
asked = pyogrio.raw.read(address, layer="blocks", where=f"code = '{sys.argv[4]}'")
projected = pyogrio.raw.read(address, layer="blocks", CRS="EPSG:6372")
print(json.dumps({
    "layers": layers, "count": info["features"], "fields": info["fields"].tolist(), "kept": pyogrio.read_info(to)["features"],
    "boxed": len(boxed[2]), "asked": len(asked[2]), "crs": projected[0]["crs"], "west": pyogrio.read_bounds(to)[1][0].min(),
}))
"""


@pytest.fixture
def ogc(app, served) -> str:
    """The address of the API; what it links to is there."""
    app.extensions["config"] = replace(app.extensions["config"], base_url=served)
    return f"{served}/ogc/"


def test_gdal_reads_every_collection_and_keeps_a_whole_one(ogc, town, tmp_path):
    west = -99.1 + 0.01 * int(town.block.code[1:])
    box = f"{west + 0.002},19.302,{west + 0.008},19.308"
    done = subprocess.run(
        [sys.executable, "-c", GDAL, ogc, tmp_path / "blocks.gpkg", box, town.block.code], capture_output=True, text=True, timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"municipality", "territories", "blocks"} <= set(found["layers"]) and {"code", "name", "parent"} <= set(found["fields"])
    assert found["count"] == found["kept"] == 7
    assert found["boxed"] == found["asked"] == 1 and found["crs"] == "EPSG:6372" and -99.1 < found["west"] < -99


def test_owslib_finds_reads_and_filters(ogc, town):
    api = Features(ogc)
    assert {"blocks", "territories"} <= set(api.feature_collections()) and api.api()["openapi"].startswith("3.0")
    assert "code" in api.collection_queryables("blocks")["properties"]
    found = api.collection_items("blocks", limit=3, bbox=[-100, 19, -98, 20])
    assert found["numberMatched"] == 7 and found["numberReturned"] == 3
    assert api.collection_items("blocks", filter=f"code = '{town.block.code}'")["numberMatched"] == 1
    assert api.collection_item("blocks", town.block.code)["properties"]["name"] == town.block.name


def test_features_are_valid_geojson(client, town):
    collection = client.get("/ogc/collections/blocks/items?limit=100").get_json(force=True)
    assert geojson_validator.validate_structure(collection) == {}
    found = geojson_validator.validate_geometries(collection)
    assert not found["invalid"] and not found["problematic"], found


def test_queryables_as_the_standard_tests_them(client, town):
    """OGC 19-079r2, annex A.2 to A.4: the links, the schema, a valid and an invalid value of each kind."""
    for name in ("territories", "blocks"):
        items = client.head(f"/ogc/collections/{name}/items")
        [uri] = [
            part.split(">")[0].strip(" <") for part in items.headers["Link"].split(",")
            if "rel=http://www.opengis.net/def/rel/ogc/1.0/queryables" in part
        ]
        answer = client.get(uri.removeprefix("http://localhost"), headers={"Accept": "application/schema+json"})
        schema = answer.get_json(force=True)
        assert answer.content_type == "application/schema+json" and schema["$id"] == uri and schema["type"] == "object"
        assert schema["$schema"].endswith("2020-12/schema") and schema["additionalProperties"] is False
        assert all("type" in one or one["format"].startswith("geometry-") for one in schema["properties"].values())
        for asked, status in (
            ("code='valid'", 200), ("code=invalid", 400), ("this_is_not_a_queryable=1", 400),
            ("S_INTERSECTS(geometry,BBOX(-180,-90,180,90))", 200), ("S_INTERSECTS(geometry,BBOX(1e6,1e6,2e6,2e6))", 400),
        ):
            answer = client.get(f"/ogc/collections/{name}/items", query_string={"filter": asked, "filter-lang": "cql2-text"})
            assert answer.status_code == status, asked
        every = client.get(f"/ogc/collections/{name}/items").get_json(force=True)["numberMatched"]
        whole = client.get(f"/ogc/collections/{name}/items?filter=S_INTERSECTS(geometry,BBOX(-180,-90,180,90))")
        assert whole.get_json(force=True)["numberMatched"] == every
        assert client.get(f"/ogc/collections/{name}/items?parent=valid-value").status_code == 200
        assert client.get(f"/ogc/collections/{name}/items?parent=[invalid-value]").status_code == 400


def test_whatever_is_asked_nothing_breaks(app, town):
    """What schemathesis makes up of our own description, right and wrong, gets no 5xx and nothing undocumented."""
    document = schemathesis.openapi.from_wsgi("/ogc/api?f=json", app)
    seen = []
    for found in document.get_all_operations():
        operation = found.ok()
        if operation.path.startswith("/collections/") and operation.path.split("/")[2] != "territories":
            continue
        seen.append(operation.path)
        for mode in GenerationMode:

            @settings(
                max_examples=EXAMPLES * (4 if operation.path.endswith("items") else 1), derandomize=True, deadline=None, database=None,
                phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case):
                case.call_and_validate(headers=PLAIN, excluded_checks=LEFT_OUT)

            ask()
    assert {"/", "/collections", "/collections/territories/items", "/collections/territories/items/{featureId}"} <= set(seen)
