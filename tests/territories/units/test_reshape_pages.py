"""Changing units from the administration: asked, looked at, confirmed; nothing is written before."""

from __future__ import annotations

from io import BytesIO

import html5lib
import pytest
from sqlalchemy import select

from models import Role, TerritorialUnit
from models.territory import LevelRole
from tests.factories import TODAY
from tests.pages import hidden_fields, text_of
from tests.queries import count_queries
from tests.territories.imports.files import geojson
from tests.territories.units.test_reshape import land

ASKED = {"on": TODAY.isoformat(), "reason": "Lo acordó el cabildo"}


@pytest.fixture
def west(world):
    with world.writing():
        root = world.unit(LevelRole.ROOT, code="R", name="Alcaldía", shape=land(0, 0, 4, 2))
        west = world.unit(LevelRole.TERRITORY, parent=root, code="W", name="Poniente", shape=land(0, 0, 2, 2))
        world.unit(LevelRole.TERRITORY, parent=root, code="E", name="Oriente", shape=land(2, 0, 4, 2))
        for code, x in (("B1", 0), ("B2", 1)):
            world.unit(LevelRole.BLOCK, parent=west, code=code, name=code, shape=land(x + 0.1, 0.1, x + 0.9, 0.9))
    return west


@pytest.fixture
def browser(world, west):
    return world.sign_in(world.user(Role.PLANNING, body=world.body("PLAN")))


def look(browser, address: str, **fields):
    """The page after asking what would change."""
    return browser.post(address, data={**hidden_fields(browser.get(address), address), **ASKED, **fields})


def confirm(browser, address: str, looked):
    """Send the second form of the page: what was asked, as it was seen."""
    tree = html5lib.parse(looked.get_data(as_text=True), namespaceHTMLElements=False)
    pairs: dict[str, list[str]] = {}
    for form in tree.iter("form"):
        for field in form.iter("input") if "change-confirm" in (form.get("class") or "") else ():
            pairs.setdefault(field.get("name"), []).append(field.get("value"))
    return browser.post(address, data=pairs)


def codes(world, *, past: bool = False) -> set[str]:
    with world.writing() as session:
        ended = TerritorialUnit.valid_to.is_not(None) if past else TerritorialUnit.valid_to.is_(None)
        return set(session.scalars(select(TerritorialUnit.code).where(ended)))


def test_a_list_to_the_unit_and_what_it_may_become(browser, app):
    assert "Poniente" in text_of(browser.get("/admin/units?q=pon"))
    with count_queries(app) as seen:
        page = browser.get("/admin/units/w")
    assert "Dividirla" in text_of(page) and len(seen) <= 12
    assert "Dividirla" not in text_of(browser.get("/admin/units/R")), "the root is only redrawn"
    assert browser.get("/admin/units/R/split").status_code == 409
    assert browser.get("/admin/units/nobody").status_code == 404


def test_split_by_a_line(browser, world):
    address = "/admin/units/W/split?how=line&parts=2"
    cut = "-99.10 19.31\n-99.08 19.31"
    looked = look(browser, address, **{"shape": cut, "code-0": "WN", "name-0": "Norte", "code-1": "W", "name-1": "Poniente"})
    assert looked.status_code == 200 and "Qué cambiaría" in text_of(looked)
    assert "2 unidades de adentro se quedan donde están" in text_of(looked)
    assert codes(world) == {"R", "W", "E", "B1", "B2"}, "a look writes nothing"
    assert confirm(browser, address, looked).status_code == 303
    assert codes(world) == {"R", "W", "WN", "E", "B1", "B2"}
    assert "Salió de ella Norte" in text_of(browser.get("/admin/units/W?done=split"))


def test_split_by_what_it_holds(browser, world):
    address = "/admin/units/W/split?how=children&parts=2"
    with world.writing() as session:
        ids = dict(session.execute(select(TerritorialUnit.code, TerritorialUnit.id)).all())
    fields = {"code-0": "WA", "name-0": "Uno", "code-1": "WB", "name-1": "Dos"}
    alone = look(browser, address, **fields, **{f"child-{ids['B1']}": "0", f"child-{ids['B2']}": "0"})
    assert alone.status_code == 422 and "al menos una unidad en cada parte" in text_of(alone)
    looked = look(browser, address, **fields, **{f"child-{ids['B1']}": "0", f"child-{ids['B2']}": "1"})
    assert "B1 : de W a WA" in text_of(looked).replace("B1:", "B1 :"), text_of(looked)
    assert confirm(browser, address, looked).status_code == 303
    assert codes(world, past=True) == {"W"}


def test_split_by_a_file_that_names_its_parts(browser, world, tmp_path):
    path = geojson(tmp_path / "partes.geojson", [
        ({"clave": "W1", "nombre": "Abajo"}, land(0, 0, 2, 1)), ({"clave": "W2", "nombre": "Arriba"}, land(0, 1, 2, 2)),
    ])  # fmt: skip
    address = "/admin/units/W/split?how=file&parts=2"
    looked = look(browser, address, file=(BytesIO(path.read_bytes()), path.name))
    assert "Arriba" in text_of(looked)
    assert confirm(browser, address, looked).status_code == 303
    assert {"W1", "W2"} <= codes(world)


def test_merge_with_a_neighbour(browser, world):
    address = "/admin/units/W/merge"
    assert look(browser, address, code="W").status_code == 422
    looked = look(browser, address, others="E", code="W")
    assert "Oriente E Se retira" in text_of(looked)
    assert confirm(browser, address, looked).status_code == 303
    assert codes(world, past=True) == {"E"}


def test_redraw_by_corners_and_what_is_wrong_with_them(browser, world, tmp_path):
    address = "/admin/units/W/redraw"
    backwards = "19.30 -99.10\n19.30 -99.08\n19.32 -99.08"
    for wrong, words in ((backwards, "invertidas"), ("", "Pegue el límite"), ("500000 2100000\n" * 3, "metros o pixeles")):
        answer = look(browser, address, shape=wrong)
        assert answer.status_code == 422 and words in text_of(answer)
    far = look(browser, address, shape="-98.5 19.0\n-98.4 19.0\n-98.4 19.1")
    assert far.status_code == 422 and "Así no se puede hacer" in text_of(far) and "change-confirm" not in far.text
    path = geojson(tmp_path / "limite.geojson", [({"clave": "otra"}, land(0, 0, 1, 1)), ({"clave": "w"}, land(0, 0, 2.5, 2))])
    looked = look(browser, address, file=(BytesIO(path.read_bytes()), path.name), give_way="y")
    assert "Oriente E Cambia su límite" in text_of(looked)
    assert confirm(browser, address, looked).status_code == 303
    assert "Tuvo otro límite" in text_of(browser.get("/admin/units/E"))


def test_retire(browser, world):
    address = "/admin/units/W/retire"
    looked = look(browser, address, below="retire")
    assert "se retiran 2 unidades" in text_of(looked) and "Nada cuelga" in text_of(looked)
    assert confirm(browser, address, looked).status_code == 303
    assert codes(world, past=True) == {"W", "B1", "B2"}
    assert browser.get(address).status_code == 409


def test_what_changed_since_the_look_is_shown_again(browser, world):
    address = "/admin/units/W/retire"
    looked = look(browser, address, below="retire")
    world.unit(LevelRole.BLOCK, parent=_west(world), code="B9", shape=land(0.1, 1.1, 0.9, 1.9))
    answer = confirm(browser, address, looked)
    assert answer.status_code == 409 and "se retiran 3 unidades" in text_of(answer)
    assert codes(world, past=True) == set()


def _west(world):
    with world.writing() as session:
        return session.scalars(select(TerritorialUnit).where(TerritorialUnit.code == "W")).one()


def test_only_for_whoever_may(world, west):
    promoter = world.sign_in(world.user(Role.PROMOTER, unit=west))
    assert promoter.get("/admin/units").status_code == 403
