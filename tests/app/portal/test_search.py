"""The one box, its lists and what it says when it finds nothing (001-32)."""

import pytest

from models.territory import LevelRole
from tests.app.portal import scenes
from tests.pages import text_of
from tests.queries import count_queries


@pytest.fixture
def town(world):
    root = world.unit(LevelRole.ROOT, name="Alcaldía", code="ALC")
    made = {"root": root, "territory": world.unit(parent=root, name="Lomas de San Lorenzo", code="LSL")}
    made["other"] = world.unit(parent=root, name="Pueblo Nuevo", code="PNU")
    made["owner"], made["theme"] = world.body(), world.theme("alumbrado")
    made["block"] = world.unit(LevelRole.BLOCK, parent=made["territory"], name="Manzana 12", code="M12", streets=("Calle Nogal", "Fresno"))
    return made


def ask(client, **query):
    return client.get("/search", query_string=query)


def test_hits_are_marked_and_nothing_typed_or_stored_is_markup(client, world, town):
    scenes.agreement(world, town["territory"], town["owner"], town["theme"], text="Árbol <b>caído</b> & podado")
    page = ask(client, q="arbol caid <script>")
    assert "<script>" not in page.text.split("<main")[1].split("</main")[0]
    page = ask(client, q="ARBOL caid")
    assert "<mark>Árbol</mark> &lt;b&gt;<mark>caído</mark>&lt;/b&gt; &amp; podado" in page.text


def test_a_long_list_is_seen_whole_page_by_page(client, world, town):
    for number in range(27):
        scenes.agreement(world, town["territory"], town["owner"], town["theme"], text=f"Bacheo número {number}")
    first = ask(client, q="bacheo")
    assert first.text.count("agreement-card__title") == 10 and "Ver los 27 resultados" in text_of(first)
    whole = ask(client, q="bacheo", kind="agreement")
    assert whole.text.count("agreement-card__title") == 25
    following = whole.text.split('rel="next"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(following).text.count("agreement-card__title") == 2
    for bad in ({"kind": "user"}, {"kind": "agreement", "cursor": "x"}, {"unit": "nada"}):
        assert ask(client, q="bacheo", **bad).status_code == 400


def test_only_in_a_place(client, world, town):
    scenes.agreement(world, town["territory"], town["owner"], town["theme"], text="Poda aquí")
    scenes.agreement(world, town["other"], town["owner"], town["theme"], text="Poda allá")
    page = text_of(ask(client, q="poda", unit="LSL"))
    assert "aquí" in page and "allá" not in page and "Solo en Lomas de San Lorenzo" in page
    nothing = ask(client, q="ahuehuete", unit="LSL")
    assert "Buscar en todo el municipio" in text_of(nothing)


@pytest.mark.parametrize("typed", ["calle nogal esquina con fresno", "Nogal 12", "C. Nogal núm. 45", "fresno y nogal"])
def test_an_address_as_people_say_it_finds_its_block(client, town, typed):
    assert "Manzana 12" in text_of(ask(client, q=typed))


@pytest.mark.parametrize(("typed", "meant"), [("nogla", "nogal"), ("san lorenso", "san lorenzo"), ("frseno", "fresno")])
def test_a_letter_wrong_gets_the_word_that_exists(client, town, typed, meant):
    page = ask(client, q=typed)
    assert "¿Quiso decir" in text_of(page) and f">{meant}</a>" in page.text


def test_a_folio_that_is_not_there_gets_its_neighbours(client, world, town):
    for folio in ("ZSR-2026-0003", "ZSR-2026-0009", "ZSR-2025-0005"):
        scenes.agreement(world, town["territory"], town["owner"], town["theme"], folio=folio)
    page = text_of(ask(client, q="zsr 2026 6"))
    assert "ZSR-2026-0003" in page and "ZSR-2026-0009" in page and "ZSR-2025-0005" not in page


@pytest.mark.parametrize(
    "query",
    [
        {"q": "nogal"}, {"q": "nogal", "kind": "agreement"}, {"q": "zsr 2026 99"}, {"q": "calle nogla"}, {"q": ""},
        {"q": "zsr 2026 99", "unit": "LSL"}, {"q": "¿qué hay del nogal?", "unit": "LSL"}, {"q": "calle nogla", "unit": "LSL"},
    ],
)
def test_a_search_asks_the_database_less_than_six_times(app, client, world, town, query):
    for number in range(3):
        scenes.agreement(world, town["territory"], town["owner"], town["theme"], text=f"Nogal {number}")
        scenes.assembly(world, town["territory"])
    with count_queries(app) as seen:
        assert ask(client, **query).status_code == 200
    assert len([one for one in seen if not one.startswith("PRAGMA")]) < 6, seen


def test_who_searches_without_rest_is_told_when_to_go_on(client, town, monkeypatch):
    monkeypatch.setattr("app.portal.views.SEARCHES", 2)
    monkeypatch.setattr("app.api.views.SEARCHES", 2)
    assert [ask(client, q=f"nogal {n}").status_code for n in range(3)] == [200, 200, 429]
    page = ask(client, q="nogal <b>")
    assert int(page.headers["Retry-After"]) <= 61 and 'value="nogal &lt;b&gt;"' in page.text and "Datos abiertos" in text_of(page)
    refused = client.get("/api/v1/search?q=nogal")
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json") and refused.headers["Retry-After"]


def test_the_api_finds_what_the_page_finds(client, world, town):
    made = scenes.agreement(world, town["territory"], town["owner"], town["theme"], text="Poda de Nogal")
    items = client.get("/api/v1/search?q=nogal").json["items"]
    assert [(one["kind"], one["ref"]) for one in items] == [("block", "M12"), ("agreement", made.folio)]
    assert items[1]["url"].endswith(f"/a/{made.folio}") and items[1]["unit"] == {"code": "LSL", "name": "Lomas de San Lorenzo"}
    one = client.get("/api/v1/search?q=nogal&limit=1").json
    assert client.get("/api/v1/search", query_string={"q": "nogal", "limit": 1, "cursor": one["next"]}).json["items"] == items[1:]
    for bad in ("", "?q=", "?q=x&kind=user", "?q=x&unit=nada", "?q=x&cursor=nope"):
        assert client.get(f"/api/v1/search{bad}").status_code == 400, bad
