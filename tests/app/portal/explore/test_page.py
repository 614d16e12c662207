"""The page of the map as it is without a script: layers, filters, and the rows as a table."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from app.core import clock
from app.portal.explore import asked
from tests.app.portal import scenes
from tests.pages import text_of
from tests.queries import count_queries


@pytest.fixture
def town(world):
    return world.tree(territories=2, blocks=3)


def rows(page) -> list[str]:
    return [one.split("</a>")[0].rpartition(">")[2] for one in page.text.split('role="rowheader">')[1:]]


def test_a_layer_is_a_table_that_leads_to_each_thing(client, town):
    territory, block = town["territory"][0], town["block"][0]
    page = client.get(f"/t/{territory.code}/explore?layer=blocks")
    assert rows(page) == [one.name for one in town["block"][:3]]
    assert f'href="/t/{block.code}"' in page.text and f'data-row="{block.id}"' in page.text
    assert "3 resultados" in text_of(page) and "Cuadras" in text_of(page)


def test_rows_are_ordered_paged_and_left_whole_as_a_file(client, town, monkeypatch):
    monkeypatch.setattr(asked, "ROWS", 2)
    root = f"/t/{town['root'][0].code}/explore?"
    names = [one.name for one in town["block"]]
    seen, query = [], {"layer": "blocks", "sort": "-name"}
    while query:
        page = client.get(root + urlencode(query))
        seen += rows(page)
        following = page.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        query = dict(part.split("=") for part in following.partition("?")[2].split("&")) if following else None
    assert seen == sorted(names, reverse=True)
    file = client.get(root + "layer=blocks&format=csv")
    assert file.mimetype == "text/csv" and len(file.text.strip().splitlines()) == 7


def test_each_layer_opens_everywhere_in_eight_queries(app, client, town):
    for layer in app.extensions["layers"].values():
        for role in ("root", "territory", "block"):
            with count_queries(app) as seen:
                page = client.get(f"/t/{town[role][0].code}/explore?layer={layer.name}")
            asked_of_it = [one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]
            # One more where the rows of a layer depend on what SQL cannot say.
            assert (page.status_code == 200) is layer.public and len(asked_of_it) <= 8 + layer.asks, (layer.name, role, asked_of_it)


REFUSED = {
    "layer=nada": "No hay una capa que se llame «nada»", "layer=blocks&sort=id": "no se ordena por «id»",
    "layer=coverage&on=2999-01-01": "un día que ya haya llegado", "layer=coverage&on=ayer": "no conoce «ayer»",
    "layer=assemblies&state=draft": "no conoce «draft»", "layer=agreements&theme=nada": "no conoce «nada»",
    "layer=blocks&cursor=x": "No reconocemos esa página", "layer=blocks&format=shp": "se descarga como CSV o XLSX",
}


@pytest.mark.parametrize(("query", "sentence"), REFUSED.items())
def test_what_is_not_there_is_said(client, town, query, sentence):
    page = client.get(f"/t/{town['root'][0].code}/explore?{query}")
    assert page.status_code == 400 and sentence in text_of(page)


def test_a_place_without_rows_says_so(client, town):
    page = client.get(f"/t/{town['block'][0].code}/explore?layer=territories")
    assert page.status_code == 200 and "Aquí no hay nada de esta capa." in text_of(page)


def test_a_past_day_shows_what_there_was(client, world, town):
    met, later = town["block"][:2]
    for days, block in ((90, met), (5, later)):
        scenes.assembly(world, town["territory"][0], block, starts_at=clock.now() - timedelta(days=days))
    page = f"/t/{town['territory'][0].code}/explore?layer=coverage&sort=code"
    on = (clock.now() - timedelta(days=30)).date()
    now, then = client.get(page), client.get(f"{page}&on={on}")
    assert times(now) == ["1", "1", "0"] and times(then) == ["1", "0", "0"]
    assert "Al " in text_of(then) and f'value="{on}"' in then.text


def times(page) -> list[str]:
    return re.findall(r'data-label="Asambleas"><div>(\d+)<', page.text)


def test_it_has_one_address_and_is_led_to(client, town):
    code = town["territory"][0].code
    moved = client.get(f"/t/{code.lower()}/explore?layer=blocks")
    assert moved.status_code == 301 and moved.location.endswith(f"/t/{code}/explore?layer=blocks")
    for path in (f"/t/{code}", f"/t/{code}/map"):
        assert f'href="/t/{code}/explore"' in client.get(path).text
    assert client.get("/t/NADA/explore").status_code == 404
