"""Tiles: the same on both databases, made once for each version, and no more than whoever asks may see (001-43)."""

from datetime import timedelta

import mapbox_vector_tile
import pytest
import shapely
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon, box

from app.core.spatial import mercator
from app.core.spatial.shapes import wkb_of
from app.core.spatial.tiles import encoded
from models import PastBoundary, TerritorialUnit, UnitShape
from models.shape import band_of
from models.territory import LevelRole
from territories.layers import shapes, views
from territories.layers.levels import LEVELS
from territories.layers.registry import Scope, find_layer
from territories.layers.tiles import drawing_of
from tests.factories import TODAY
from tests.queries import count_queries
from tests.territories.layers.asking import at, read

BLOCK = MultiPolygon([box(-99.0993, 19.3004, -99.0987, 19.3009)])


@pytest.fixture
def neighbourhood(world):
    made = world.tree(territories=1, blocks=0)
    made["block"] = [world.unit(LevelRole.BLOCK, parent=made["section"][0], code="B-1", name="Cuadra «uno» 100 %", shape=BLOCK)]
    return made


def test_a_tile_says_where_its_units_lie_and_what_they_are(client, neighbourhood):
    block = neighbourhood["block"][0]
    (found,) = read(client.get(f"/tiles/blocks/{at(16, -99.099, 19.3005)}.mvt")).values()
    assert found["id"] == block.id
    assert found["properties"] == {"code": "B-1", "name": "Cuadra «uno» 100 %", "parent": neighbourhood["section"][0].code}
    z, x, y = map(int, at(16, -99.099, 19.3005).split("/"))
    tile = mercator.box_of(z, x, y)
    across = (tile.east - tile.west) / 4096
    drawn = shapely.geometry.shape(found["geometry"])
    places = shapely.transform(drawn, lambda points: (tile.west, tile.north) + points * (across, -across))
    around = tile.wider(64 * across)
    cut = mercator.to_mercator(BLOCK).intersection(box(around.west, around.south, around.east, around.north))
    assert shapely.hausdorff_distance(places, cut) < 2 * across
    assert shapely.Polygon(found["geometry"]["coordinates"][0]).exterior.is_ccw, "outer rings turn as the specification says"


def test_both_databases_draw_the_same(app, client, world):
    """What either of them sent is what is encoded here out of the very rows and shapes: features, words and positions."""
    world.tree(territories=2, blocks=0)
    z, x, y = map(int, at(9, -99.065, 19.305).split("/"))
    sent = read(client.get(f"/tiles/territories/{z}/{x}/{y}.mvt"))
    drawing = drawing_of(find_layer(app, "territories"), band_of(z), Scope(TODAY, TODAY))
    with app.extensions["database"].read() as session:
        column, part = drawing.part
        rows = drawing.rows.add_columns(wkb_of(drawing.shape).label("_shape")).join(UnitShape, UnitShape.unit_id == TerritorialUnit.id)
        rows = rows.where(column == part)
        made = encoded(drawing, session.execute(rows).mappings(), mercator.box_of(z, x, y))
    (layer,) = mapbox_vector_tile.decode(made, default_options={"y_coord_down": True}).values()
    assert {one["id"]: one["properties"] for one in layer["features"]} == {number: one["properties"] for number, one in sent.items()}
    assert len(sent) == 2
    for one in layer["features"]:
        ours, theirs = (shapely.geometry.shape(each["geometry"]) for each in (one, sent[one["id"]]))
        assert ours.geom_type == theirs.geom_type and shapely.hausdorff_distance(ours, theirs) <= 1
        assert ours.exterior.is_ccw and theirs.exterior.is_ccw


@pytest.mark.parametrize("address", ("blocks/17/0/0", "blocks/3/8/0", "blocks/3/0/8", "blocks/x/0/0", "blocks/-1/0/0", "nothing/1/0/0"))
def test_a_tile_that_cannot_be_is_not_found(client, address):
    answer = client.get(f"/tiles/{address}.mvt")
    assert answer.status_code == 404 and answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("query", ("color=1", "on=2026-03-14", "unit=nobody", "unit=%20", "state=verified"))
def test_what_a_layer_cannot_be_narrowed_by_is_refused(client, query):
    answer = client.get(f"/tiles/blocks/14/0/0.mvt?{query}")
    assert answer.status_code == 400 and "has" in answer.json["detail"] or "unit" in answer.json["detail"]


def test_an_empty_tile_has_no_content(client, neighbourhood):
    for address in (at(16, 2.35, 48.85), "4/0/0"):
        answer = client.get(f"/tiles/blocks/{address}.mvt")
        assert answer.status_code == 204 and not answer.data


def test_a_tile_lies_in_the_unit_asked_for(client, world):
    made = world.tree(territories=2, blocks=1)
    whole = read(client.get(f"/tiles/territories/{at(8, -99, 19.3)}.mvt"))
    one = read(client.get(f"/tiles/territories/{at(8, -99, 19.3)}.mvt?unit={made['territory'][1].code}"))
    assert set(whole) == {one.id for one in made["territory"]} and set(one) == {made["territory"][1].id}


def test_under_its_version_a_tile_is_sent_once_and_made_once(app, client, world, neighbourhood):
    described = client.get("/tiles/blocks.json")
    assert described.json["tilejson"] == "3.0.0" and described.json["vector_layers"][0]["id"] == "blocks"
    address = described.json["tiles"][0].replace("http://localhost", "").replace("{z}/{x}/{y}", at(16, -99.099, 19.3005))
    first = client.get(address)
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable" and "Set-Cookie" not in first.headers
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    with count_queries(app) as seen:
        assert client.get(address).data == first.data
    assert not seen
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    world.unit(LevelRole.BLOCK, parent=neighbourhood["section"][0])
    now = client.get("/tiles/blocks.json").json["tiles"][0]
    assert now != described.json["tiles"][0]
    world.body()
    assert client.get("/tiles/blocks.json").json["tiles"][0] == now, "what moves no layer leaves its version"


def test_without_a_version_it_is_asked_for_again_and_not_made_again(app, client, neighbourhood):
    address = f"/tiles/blocks/{at(16, -99.099, 19.3005)}.mvt"
    first = client.get(address)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    with count_queries(app) as seen:
        assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert len(seen) == 1 and "data_version" in seen[0]
    assert client.get(f"{address}?v=old").headers["Cache-Control"] == "public, max-age=60"
    with count_queries(app) as seen:
        client.get(address)
    assert len(seen) == 2, "the version of the data, and the tile"


def test_it_travels_compressed(client, neighbourhood):
    address = f"/tiles/municipality/{at(8, -99, 19.3)}.mvt"
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert plain.status_code == packed.status_code == 200
    assert packed.headers.get("Content-Encoding") == "gzip" or len(plain.data) < 500


def test_who_asks_for_too_many_waits(client, neighbourhood, monkeypatch):
    monkeypatch.setattr(views, "MADE_A_MINUTE", 2)
    address = f"/tiles/blocks/{at(16, -99.099, 19.3005)}.mvt"
    assert [client.get(address).status_code for _n in range(3)] == [200, 200, 429]


def test_every_level_has_its_tiles(client, world):
    square = MultiPolygon([box(-99.08, 19.3, -99.07, 19.31)])
    parent = None
    for role in LevelRole:
        parent = world.unit(role, parent=parent, shape=square)
    for layer in LEVELS:
        assert client.get(f"/tiles/{layer.name}.json").json["maxzoom"] == 16
        assert len(read(client.get(f"/tiles/{layer.name}/{at(12, -99.075, 19.305)}.mvt"))) == 1, layer.name


def test_a_past_day_is_drawn_with_its_boundaries(client, world, neighbourhood):
    """Redrawn since, it lies where it lay; ended since, it is still there; of today nothing of either is (001-43)."""
    redrawn, section = neighbourhood["block"][0], neighbourhood["section"][0]
    ended = world.unit(LevelRole.BLOCK, parent=section, code="B-2", shape=MultiPolygon([box(-99.0993, 19.3020, -99.0987, 19.3025)]))
    before = TODAY - timedelta(days=60)
    with world.writing() as session:
        for one in (redrawn, ended):
            session.merge(one).valid_from = before - timedelta(days=300)
        session.add(PastBoundary(
            unit_id=redrawn.id, geom=from_shape(MultiPolygon([box(-99.0953, 19.3004, -99.0947, 19.3009)]), 4326),
            valid_from=before - timedelta(days=300), valid_to=TODAY - timedelta(days=30),
        ))  # fmt: skip
        session.merge(ended).valid_to = TODAY - timedelta(days=30)
        shapes.refresh(session, [redrawn.id, ended.id])
    spots = {"now": (-99.099, 19.30065), "then": (-99.095, 19.30065), "ended": (-99.099, 19.30225)}
    now, then, seen = TODAY.isoformat(), before.isoformat(), {}
    for name, spot in spots.items():
        for day in (now, then):
            answer = client.get(f"/tiles/coverage/{at(16, *spot)}.mvt?on={day}")
            seen[day, name] = read(answer).keys() if answer.status_code == 200 else set()
    assert redrawn.id in seen[now, "now"] and redrawn.id not in seen[now, "then"] and ended.id not in seen[now, "ended"]
    assert redrawn.id in seen[then, "then"] and redrawn.id not in seen[then, "now"] and ended.id in seen[then, "ended"]
