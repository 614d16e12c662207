"""The first page and the one box (001-32: no account, no organisation needed)."""

from datetime import timedelta

import pytest

from app.core import clock
from models.agreement import AgreementState
from models.assembly import AssemblyState
from models.territory import LevelRole
from tests.app.portal import scenes
from tests.factories import TODAY
from tests.pages import text_of


def test_a_fresh_instance_says_what_to_do(client):
    assert "cuadra import-units" in text_of(client.get("/"))


def test_home_shows_figures_with_both_numbers(client, world):
    made = world.tree(blocks=3)
    scenes.assembly(world, made["territory"][0], made["block"][0])
    owner, theme = world.body(), world.theme()
    scenes.agreement(world, made["territory"][0], owner, theme, due=TODAY - timedelta(days=1))
    scenes.agreement(world, made["territory"][0], owner, theme)
    scenes.agreement(
        world, made["territory"][0], owner, theme, state=AgreementState.VERIFIED, text="La fuga quedó reparada",
        reported_on=TODAY, verified_at=clock.now(),
    )
    scenes.assembly(world, made["territory"][0], state=AssemblyState.CONVENED, title="Nos vemos", starts_at=clock.now() + timedelta(days=1))
    page = text_of(client.get("/"))
    for words in ("33 %", "1 de 3 cuadras", "de 2 acuerdos sin terminar", "Nos vemos", "La fuga quedó reparada", "Alcaldía de prueba"):
        assert words in page


@pytest.fixture
def found(client, world):
    """What the page of results says for some words."""
    territory = world.unit(name="Lomas de San Lorenzo", code="LSL")
    world.unit(name="Otra parte", parent=None, code="ZZ9")
    world.unit(LevelRole.BLOCK, parent=territory, name="Manzana 12", code="M12", streets=("Cuauhtémoc", "Río Nazas"))
    scenes.agreement(world, territory, world.body(), world.theme(), folio="ZSR-2026-0042", text="Bacheo en Avenida Tláhuac")
    scenes.assembly(world, territory, folio="AS-ZSR-2026-0007", title="Reunión de mayo", place="Kiosco del jardín")
    scenes.assembly(world, territory, folio="AS-ZSR-2026-0008", title="Reunión secreta", state=AssemblyState.DRAFT)
    return lambda words: text_of(client.get("/search", query_string={"q": words}))


@pytest.mark.parametrize(
    "words, expected",
    [
        ("san lorenzo lom", "Lomas de San Lorenzo"), ("LOMAS SÁN", "Lomas de San Lorenzo"), ("lsl", "Lomas de San Lorenzo"),
        ("cuauhtemoc", "Manzana 12"), ("nazas rio", "Manzana 12"), ("tlahuac bach", "Bacheo en Avenida Tláhuac"),
        ("kiosco", "Reunión de mayo"),
    ],
)
def test_accents_case_order_and_half_words_are_forgiven(found, words, expected):
    assert expected in found(words)


@pytest.mark.parametrize("words", ["%", "_", "'", "lomas xyz", "secreta", "", "   "])
def test_what_is_not_there_gets_advice(found, words):
    page = found(words)
    assert "Pruebe con el nombre de su calle" in page
    assert "Manzana 12" not in page


@pytest.mark.parametrize("typed", ["ZSR-2026-0042", "zsr 2026 42", "zsr20260042", " ZSR–2026–0042 "])
def test_a_folio_leads_straight_to_its_page(found, client, typed):
    answer = client.get("/search", query_string={"q": typed})
    assert (answer.status_code, answer.location) == (303, "/a/ZSR-2026-0042")


def test_a_folio_of_an_assembly_too_but_not_of_a_draft(found, client):
    assert client.get("/fr/search?q=as zsr 2026 7").location == "/fr/assemblies/AS-ZSR-2026-0007"
    assert client.get("/search?q=as-zsr-2026-0008").status_code == 200


def test_blocks_outside_every_territory_come_after_the_territories(world, client):
    root = world.unit(LevelRole.ROOT, name="Alcaldía")
    world.unit(LevelRole.BLOCK, parent=root, name="0900100")
    world.unit(LevelRole.TERRITORY, parent=root, name="Zapote")
    page = text_of(client.get("/"))
    assert page.index("Zapote") < page.index("0900100")
