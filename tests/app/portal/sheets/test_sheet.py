"""The map of a unit on paper, read back from the PDF."""

from datetime import timedelta
from io import BytesIO

import pytest
from geoalchemy2.shape import from_shape
from pypdf import PdfReader
from shapely import MultiPolygon, box

from app.core import clock
from app.portal.ledger.queries import head_of
from app.portal.sheets import queries, views
from app.portal.sheets.layout import Orientation, Size
from models import PastBoundary
from models.assembly import AssemblyState
from models.territory import LevelRole
from tests.app.portal import scenes
from tests.factories import TODAY
from tests.queries import count_queries


@pytest.fixture
def town(world):
    return world.tree(territories=2, blocks=4)


def read(answer) -> tuple[PdfReader, str]:
    assert answer.status_code == 200 and answer.mimetype == "application/pdf", answer.text
    paper = PdfReader(BytesIO(answer.data))
    return paper, " ".join(page.extract_text() for page in paper.pages).replace("\n", " ")


def test_the_blocks_of_a_territory_on_a_wall(client, world, town):
    territory = town["territory"][0]
    scenes.assembly(world, territory, *town["block"][:3], state=AssemblyState.HELD, starts_at=clock.now() - timedelta(days=9))
    paper, words = read(client.get(f"/t/{territory.code}/map.pdf?size=A3&orientation=portrait"))
    assert [round(float(side) / 72 * 25.4) for side in paper.pages[0].mediabox[2:]] == [297, 420]
    assert paper.trailer["/Root"]["/Lang"] == "es" and paper.trailer["/Root"]["/MarkInfo"]["/Marked"]
    for said in (territory.name, "ya se reunió (3)", "aún no (1)", "1:", "CC-BY-4.0", town["block"][0].name):
        assert said in words
    assert f"http://localhost/t/{territory.code}/map" in words.replace(" ", "")
    with world.writing() as session:
        assert str(head_of(session))[:40] in words.replace(" ", "")


def test_the_territories_of_all_in_another_language(client, town):
    paper, words = read(client.get(f"/fr/t/{town['root'][0].code}/map.pdf?map=kept"))
    assert paper.trailer["/Root"]["/Lang"] == "fr"
    assert all(territory.name in words for territory in town["territory"])


def test_a_layer_as_the_map_page_shows_it(client, town):
    address = f"/t/{town['territory'][0].code}/map.pdf"
    paper, words = read(client.get(f"{address}?layer=blocks&size=A4&cursor=no"))
    assert all(block.name in words for block in town["block"][:4]) and "explore?layer=blocks" in words.replace(" ", "")
    assert client.get(f"{address}?layer=nothing").status_code == 400


def test_a_past_day_is_drawn_with_its_boundaries_and_says_whose_they_were(client, world, town):
    with world.writing() as session:
        session.add(PastBoundary(
            unit_id=town["block"][0].id, geom=from_shape(MultiPolygon([box(-99.2, 19.3, -99.19, 19.31)]), 4326), source="Plano de 1998",
            valid_from=TODAY - timedelta(days=400), valid_to=TODAY - timedelta(days=30),
        ))  # fmt: skip
    address = f"/t/{town['territory'][0].code}/map.pdf?layer=coverage"
    _paper, then = read(client.get(f"{address}&on={TODAY - timedelta(days=60)}"))
    _paper, now = read(client.get(address))
    assert "Plano de 1998" in then and "Plano de 1998" not in now


@pytest.mark.parametrize("size", Size)
@pytest.mark.parametrize("orientation", Orientation)
def test_what_explains_the_map_is_on_its_own_sheet(client, town, size, orientation):
    """The eight states of agreements make the longest legend."""
    address = f"/t/{town['root'][0].code}/map.pdf?layer=agreement-spots&size={size}&orientation={orientation}"
    paper, _words = read(client.get(address))
    assert len(paper.pages) == 1
    one, _words = read(client.get(f"/t/{town['root'][0].code}/map.pdf?layer=coverage-territories&size={size}&orientation={orientation}"))
    first = one.pages[0].extract_text()
    assert all(said in first for said in ("CC-BY-4.0", "desde 75 %", "1:")) and len(one.pages) == 2


@pytest.mark.parametrize("query", ["size=A0", "orientation=upwards", "map=people"])
def test_what_is_not_known_is_said(client, town, query):
    answer = client.get(f"/t/{town['territory'][0].code}/map.pdf?{query}")
    assert answer.status_code == 400 and query.split("=")[1] in answer.text


def test_neither_too_much_nor_too_often(client, town, monkeypatch):
    address = f"/t/{town['territory'][0].code}/map.pdf"
    monkeypatch.setattr(queries, "MOST", 3)
    crowded = client.get(address)
    assert crowded.status_code == 400 and "Son 4" in crowded.text
    monkeypatch.setattr(queries, "MOST", 1000)
    monkeypatch.setattr(views, "SHEETS", 0)
    assert client.get(address).status_code == 429


def test_a_place_without_a_boundary_has_no_sheet(client, world, town):
    assert client.get("/t/NADA/map.pdf").status_code == 404
    lower = client.get(f"/t/{town['territory'][0].code.lower()}/map.pdf?size=A3")
    assert lower.status_code == 301 and lower.location.endswith(f"/t/{town['territory'][0].code}/map.pdf?size=A3")


def test_a_sheet_asks_little_whatever_its_size(app, client, world, town):
    address = f"/t/{town['territory'][0].code}/map.pdf"
    with count_queries(app) as few:
        read(client.get(address))
    for _more in range(6):
        world.unit(LevelRole.BLOCK, parent=town["section"][0])
    with count_queries(app) as more:
        read(client.get(address))
    assert len(more) == len(few) <= 10
