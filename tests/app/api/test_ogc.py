"""The OGC API: what a cartographic program meets."""

import json
from itertools import pairwise

import pytest
import shapely

from tests.queries import count_queries


@pytest.fixture
def tree(world):
    return world.tree(territories=2, blocks=7)


def get(client, address: str, **headers):
    answer = client.get(address.removeprefix("http://localhost"), headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.get_json(force=True)


def linked(document, rel: str) -> str:
    return next(one["href"] for one in document["links"] if one["rel"] == rel)


def test_a_program_finds_its_way_from_the_landing_page(client, tree):
    landing = get(client, "/ogc/")
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in get(client, linked(landing, "conformance"))["conformsTo"]
    found = get(client, linked(landing, "data"))["collections"]
    blocks = next(one for one in found if one["id"] == "blocks")
    assert blocks["extent"]["spatial"]["bbox"] == [[pytest.approx(edge) for edge in shapely.unary_union(
        [shapely.box(-99.1 + 0.01 * (n % 40), 19.3, -99.09 + 0.01 * (n % 40), 19.31) for n in _numbers(tree)]
    ).bounds]]
    items = get(client, linked(blocks, "items"))
    assert items["numberMatched"] == 14 and items["numberReturned"] == 10
    one = get(client, f"/ogc/collections/blocks/items/{items['features'][0]['id']}")
    assert one["properties"] == items["features"][0]["properties"] and linked(one, "collection").endswith("/collections/blocks")


def _numbers(tree) -> list[int]:
    return [int(one.code[1:]) for one in tree["block"]]


def test_pages_hold_everything_once(client, tree):
    page = get(client, "/ogc/collections/blocks/items?limit=4")
    pages = [page]
    while any(one["rel"] == "next" for one in page["links"]):
        page = get(client, linked(page, "next"))
        pages.append(page)
    names = [one["id"] for page in pages for one in page["features"]]
    assert [page["numberReturned"] for page in pages] == [4, 4, 4, 2]
    assert sorted(names) == sorted(one.code for one in tree["block"]) and len(set(names)) == 14
    assert all(earlier["features"][-1] != later["features"][0] for earlier, later in pairwise(pages))


def test_a_long_page_streams_the_same_features(client, tree, app):
    short, long = (get(client, f"/ogc/collections/blocks/items?limit={limit}") for limit in (1000, 10000))
    assert short["features"] == long["features"] and short["numberReturned"] == long["numberReturned"] == 14
    answer = client.get("/ogc/collections/blocks/items?limit=10000")
    again = client.get("/ogc/collections/blocks/items?limit=10000", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.data


def test_rings_turn_as_geojson_says(client, tree):
    for one in get(client, "/ogc/collections/blocks/items")["features"]:
        assert all(part.exterior.is_ccw for part in shapely.from_geojson(json.dumps(one["geometry"])).geoms)


def test_a_box_finds_what_touches_it_in_any_system(client, tree):
    code = tree["block"][0].code
    west = -99.1 + 0.01 * int(code[1:])
    box = f"{west + 0.004},19.304,{west + 0.006},19.306"
    swapped = f"19.304,{west + 0.004},19.306,{west + 0.006}"
    for asked in (f"bbox={box}", f"bbox={swapped}&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326"):
        found = get(client, f"/ogc/collections/blocks/items?{asked}")
        assert [one["id"] for one in found["features"]] == [code] and found["numberMatched"] == 1
    assert get(client, "/ogc/collections/blocks/items?bbox=170,-10,-170,10")["numberMatched"] == 0
    assert get(client, "/ogc/collections/blocks/items?bbox=170,-80,-90,80")["numberMatched"] == 14
    assert get(client, f"/ogc/collections/blocks/items?bbox={west},19.3,{west},19.3")["numberMatched"] >= 1


@pytest.mark.parametrize("code, first", [("EPSG/0/6372", 7.5e5), ("EPSG/0/32614", 4e5)])
def test_projected_coordinates_come_in_the_order_of_their_register(client, tree, code, first):
    uri = f"http://www.opengis.net/def/crs/{code}"
    answer = client.get(f"/ogc/collections/blocks/items?limit=1&crs={uri}")
    assert answer.headers["Content-Crs"] == f"<{uri}>"
    [feature] = answer.get_json(force=True)["features"]
    x, y = feature["geometry"]["coordinates"][0][0][0]
    assert first < x < first + 2e5 and y > 1.9e6
    assert "crs" not in feature["geometry"]
    left, low, right, high = shapely.from_geojson(json.dumps(feature["geometry"])).bounds
    box = f"{left + 300},{low + 300},{right - 300},{high - 300}"
    found = get(client, f"/ogc/collections/blocks/items?bbox={box}&bbox-crs={uri}")
    assert [one["id"] for one in found["features"]] == [feature["id"]]
    assert get(client, f"/ogc/collections/blocks/items?bbox=-9e99,-9e99,9e99,9e99&bbox-crs={uri}")["numberMatched"] == 14
    assert get(client, f"/ogc/collections/blocks/items?bbox=8e9,8e9,9e9,9e9&bbox-crs={uri}")["numberMatched"] == 0


BAD_QUESTIONS = [
    "limit=0", "limit=unlimited", "ooga=booga", "bbox=1,2,3", "bbox=1,2,3,nan", "bbox=3,9,4,8", "bbox=1,2,3,4,5,6,7",
    "crs=http://www.opengis.net/def/crs/EPSG/0/3857", "bbox-crs=http://www.opengis.net/def/crs/EPSG/0/6372", "datetime=yesterday",
    "datetime=2026-02-30", "datetime=2026-01-02/2026-01-01", "cursor=x", "f=xml", "within=nobody", "limit=1&limit=2", "datetime=../../..",
]


def test_what_cannot_be_is_refused_with_a_sentence(client, tree):
    for asked in BAD_QUESTIONS:
        answer = client.get(f"/ogc/collections/blocks/items?{asked}")
        assert answer.status_code == 400 and answer.mimetype == "application/problem+json", asked
        assert len(answer.json["detail"]) > 10, asked


def test_people_read_the_same_pages(client, tree):
    html = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    code = tree["block"][0].code
    for path in ("", "conformance", "api", "collections", "collections/blocks", "collections/blocks/queryables", "collections/blocks/items",
                 f"collections/blocks/items/{code}"):
        machine = client.get(f"/ogc/{path}")
        page = client.get(f"/ogc/{path}", headers=html)
        assert page.mimetype == "text/html" and "json" in machine.mimetype and "Accept" in page.headers["Vary"]
        assert client.get(f"/ogc/{path}?f=json", headers=html).mimetype == machine.mimetype
    assert code in client.get("/ogc/collections/blocks/items?f=html").text


def test_nothing_is_told_of_what_is_not_there(client, tree):
    for path in ("nothing", "nothing/items", "blocks/items/nobody", "blocks/items/%F0%9F%8C%B3"):
        assert client.get(f"/ogc/collections/{path}").status_code == 404


def test_queries_do_not_grow(app, client, tree):
    for path in ("collections", "collections/blocks/items?limit=14", f"collections/blocks/items/{tree['block'][0].code}"):
        with count_queries(app) as seen:
            get(client, f"/ogc/{path}")
        assert len(seen) <= 5, seen


def found_by(client, text: str, **more) -> list[str]:
    answer = client.get("/ogc/collections/blocks/items", query_string={"filter": text, "limit": 100, **more})
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.get_json(force=True)["features"]]


def test_a_filter_means_what_cql2_says(client, tree):
    codes = [one.code for one in tree["block"]]
    first, second, third = codes[:3]
    section = tree["section"][0].code
    west = -99.1 + 0.01 * int(first[1:])
    point = f"POINT({west + 0.005} 19.305)"
    assert found_by(client, f"code = '{first}'") == [first]
    assert found_by(client, f"code='{first}' OR code='{second}' AND parent='nowhere'") == [first]
    assert found_by(client, f"(code='{first}' OR code='{second}') AND parent='nowhere'") == []
    assert found_by(client, f"parent = '{section}' and NOT (code IN ('{first}', '{second}'))") == codes[2:7]
    assert found_by(client, f"\"code\" BETWEEN '{second}' AND '{third}'") == [second, third]
    assert found_by(client, f"code LIKE 'U%' AND code LIKE '{first[:-1]}_' AND code NOT LIKE 'u%'") == [
        code for code in codes if code[:-1] == first[:-1]
    ]
    assert found_by(client, "kind IS NULL") == codes and found_by(client, "kind = 'colonia'") == []
    assert found_by(client, "kind = 'none such'") == []
    assert found_by(client, "TRUE") == codes and found_by(client, "FALSE") == []
    assert found_by(client, f"S_INTERSECTS(geometry, {point})") == [first]
    assert found_by(client, f"NOT S_DISJOINT({point}, geometry)") == [first]
    assert found_by(client, f"s_within(geometry, BBOX({west - 0.001},19.2,{west + 0.011},19.4))") == [first]
    assert found_by(client, f"S_CONTAINS(geometry, {point}) AND code <> '{first}'") == []
    flipped = {"filter-crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}
    assert found_by(client, f"S_INTERSECTS(geometry, POINT(19.305 {west + 0.005}))", **flipped) == [first]
    assert found_by(client, "name LIKE '100\\% [*?]'") == []


def test_a_filter_reaches_into_a_projected_system(client, tree):
    uri = "http://www.opengis.net/def/crs/EPSG/0/6372"
    [feature] = get(client, f"/ogc/collections/blocks/items?limit=1&crs={uri}")["features"]
    inside = shapely.from_geojson(json.dumps(feature["geometry"])).representative_point()
    assert found_by(client, f"S_INTERSECTS(geometry, {inside.wkt})", **{"filter-crs": uri}) == [feature["id"]]


BAD_FILTERS = [
    "", "ooga=booga", "code=1", "code=", "code='a' AND", "(code='a'", "1=1", "code", "code LIKE 'a\\'", "kind > 1",
    "code = DATE('2026-02-31')",
    "code = DATE('2026-01-01')", "code = TIMESTAMP('x')", "geometry = 'x'", "S_INTERSECTS(geometry, code)",
    "S_INTERSECTS(geometry, geometry)", "S_INTERSECTS(geometry, POINT(200 10))", "S_INTERSECTS(geometry, POINT(1000000 1000000))",
    "S_INTERSECTS(geometry, POINT())", "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "pg_sleep(10)",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))", "S_CROSSES(geometry, GEOMETRYCOLLECTION(POINT(1 1)))", "code = (SELECT 1)",
    "code = 'a'; DROP TABLE event", "(" * 40 + "TRUE" + ")" * 40, " AND ".join(["code='a'"] * 300), "NOT NOT TRUE", "🌳 = 1",
]


def test_a_bad_filter_is_refused_with_a_sentence(client, tree):
    for text in BAD_FILTERS:
        answer = client.get("/ogc/collections/blocks/items", query_string={"filter": text})
        assert answer.status_code == 400 and len(answer.json["detail"]) > 10, f"{text}: {answer.text}"


def test_a_property_is_a_parameter_too(client, tree):
    code, section = tree["block"][0].code, tree["section"][1].code
    assert [one["id"] for one in get(client, f"/ogc/collections/blocks/items?code={code}")["features"]] == [code]
    assert get(client, f"/ogc/collections/blocks/items?parent={section}")["numberMatched"] == 7
    assert get(client, f"/ogc/collections/blocks/items?within={tree['territory'][1].code}&code={code}")["numberMatched"] == 0
    for wrong in ("kind=x", "parent=[x]", "filter-lang=cql2-json&filter=TRUE", "filter-crs=x"):
        assert client.get(f"/ogc/collections/blocks/items?{wrong}").status_code == 400


def test_a_collection_leads_to_its_tiles_and_its_style(client, tree):
    collection = get(client, "/ogc/collections/territories")
    [tileset] = get(client, linked(collection, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"))["tilesets"]
    whole = get(client, linked(tileset, "self"))
    west, south = whole["boundingBox"]["lowerLeft"]
    assert west < -99 and south == pytest.approx(19.3)
    [item] = [one for one in whole["links"] if one["rel"] == "item"]
    assert item["templated"]
    address = item["href"].format(tileMatrix=12, tileCol=920, tileRow=1824).removeprefix("http://localhost")
    assert client.get(address).status_code == 200
    style = get(client, linked(whole, "stylesheet"))
    source = style["sources"]["territories"]["url"]
    assert style["version"] == 8 and get(client, source)["vector_layers"][0]["id"] == "territories"
    for path in ("tiles", "styles", "collections/territories/tiles", "collections/territories/tiles/WebMercatorQuad"):
        assert client.get(f"/ogc/{path}?f=html").mimetype == "text/html"
    assert client.get("/ogc/styles/nothing").status_code == client.get("/ogc/collections/nothing/tiles").status_code == 404
