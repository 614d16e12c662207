"""A boundary bent by hand: what is drawn is what the form says, it holds on to the neighbour, and the server looks first."""

from __future__ import annotations

from collections.abc import Iterator
from math import atanh, pi, radians, sin
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from shapely import MultiPolygon, box, from_geojson, to_geojson

from app.config import Config
from app.core.transaction import Database
from app.factory import create_app
from models import Role
from models.territory import LevelRole
from tests.browser.borough import served
from tests.browser.conftest import LAPTOP, PHONE, Reader, free_port, pictures
from tests.factories import World

OWN, BESIDE = (-99.1, 19.3, -99.09, 19.31), (-99.09, 19.3, -99.08, 19.3105)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, spatialite_template: Path) -> Iterator[tuple[str, dict]]:
    """Where two territories beside each other are served, and the cookie of somebody who may redraw them."""
    folder, port = tmp_path_factory.mktemp("draw"), free_port()
    (folder / "cuadra.sqlite").write_bytes(spatialite_template.read_bytes())
    config = Config(
        environment="test", database_url=f"sqlite:///{folder / 'cuadra.sqlite'}", read_database_url=None, secret_key="k" * 40,
        slip_pepper="p" * 40, data_key="d" * 40, data_dir=folder / "data", base_url=f"http://127.0.0.1:{port}", port=port,
    )
    database = Database.open(config.database_url, None)
    app = create_app(config, database=database)
    world = World(app)
    with world.writing():
        root = world.unit(LevelRole.ROOT, name="Alcaldía", shape=MultiPolygon([box(-99.1, 19.3, -99.08, 19.32)]))
        for code, bounds in (("OESTE", OWN), ("ESTE", BESIDE)):
            world.unit(parent=root, code=code, name=f"Colonia {code.title()}", shape=MultiPolygon([box(*bounds)]))
        client = world.sign_in(world.user(Role.PLANNING, unit=root))
    cookie = next(iter(client._cookies.values()))  # noqa: SLF001 - a browser is given what a test client holds
    with served(app, port):
        yield config.base_url, {"name": cookie.key, "value": cookie.value, "url": config.base_url}
    database.dispose()


@pytest.fixture
def somebody(chromium: Browser, town: tuple[str, dict], tmp_path: Path) -> Iterator:
    contexts = []

    def at(width: dict[str, int], *, scripts: bool = True) -> Reader:
        context = chromium.new_context(
            viewport=width, java_script_enabled=scripts, locale="es-MX", has_touch=width is PHONE, base_url=town[0]
        )
        context.add_cookies([town[1]])
        contexts.append(context)
        return Reader(context, town[0], pictures(tmp_path))

    yield at
    for context in contexts:
        context.close()


def opened(someone: Reader, path: str) -> Page:
    page = someone.go(path)
    page.get_by_role("button", name="Dibujar en el mapa").click()
    page.locator('[data-draw-state="ready"]').wait_for()
    return page


def pixel(page: Page, longitude: float, latitude: float) -> tuple[float, float]:
    """Where a place is on the screen: the map shows the unit within 40 pixels of its edges (Web Mercator)."""
    def flat(x: float, y: float) -> tuple[float, float]:
        return radians(x), atanh(sin(radians(y)))

    page.locator("[data-draw-map]").scroll_into_view_if_needed()
    frame = page.locator("[data-draw-map] canvas").bounding_box()
    west, south = flat(*OWN[:2])
    east, north = flat(*OWN[2:])
    scale = min((frame["width"] - 80) / (east - west), (frame["height"] - 80) / (north - south))
    x, y = flat(longitude, latitude)
    assert abs(x) < pi
    return (
        frame["x"] + frame["width"] / 2 + (x - (west + east) / 2) * scale,
        frame["y"] + frame["height"] / 2 - (y - (south + north) / 2) * scale,
    )


def drawn(page: Page):
    return from_geojson(page.locator("#shape").input_value())


def test_a_corner_is_dragged_and_holds_on_to_the_neighbour(somebody):
    someone = somebody(LAPTOP)
    page = opened(someone, "/admin/units/OESTE/redraw")
    page.mouse.move(*pixel(page, OWN[2], OWN[3]))
    page.mouse.down()
    x, y = pixel(page, BESIDE[0], BESIDE[3])
    page.mouse.move(x - 30, y + 60, steps=10)
    # A hand is never exact: six pixels beside the neighbour's corner.
    page.mouse.move(x - 6, y - 4, steps=20)
    page.mouse.up()
    expect(page.locator("[data-draw-said]")).to_contain_text("Dibujado, con 4 puntos")
    assert list(BESIDE[0::3]) in [list(corner) for corner in drawn(page).exterior.coords]
    page.get_by_role("button", name="Deshacer").click()
    assert drawn(page).equals(box(*OWN))
    page.locator("#reason").fill("Corrección del límite")
    page.get_by_role("button", name="Ver qué cambiaría").click()
    expect(page.get_by_role("heading", name="Qué cambiaría")).to_be_visible()
    assert not someone.errors


def test_a_line_is_pressed_point_by_point_with_a_thumb(somebody):
    someone = somebody(PHONE)
    page = opened(someone, "/admin/units/OESTE/split?how=line&parts=2")
    someone.sweep("draw-line")
    middle = -99.095
    for latitude in (OWN[3] + 0.0005, OWN[1] - 0.0005, OWN[1] - 0.0005):
        page.touchscreen.tap(*pixel(page, middle, latitude))
        page.wait_for_timeout(400)
    expect(page.locator("[data-draw-said]")).to_contain_text("Dibujado, con 2 puntos")
    assert list(drawn(page).coords) == [(middle, OWN[3]), (middle, OWN[1])]
    for at, name in enumerate(("NORTE", "SUR")):
        page.locator(f"#code-{at}").fill(f"OESTE-{name}")
        page.locator(f"#name-{at}").fill(f"Colonia Oeste {name}")
    page.locator("#reason").fill("Dos asambleas, una de cada lado")
    page.get_by_role("button", name="Ver qué cambiaría").click()
    expect(page.get_by_role("button", name="Dividir")).to_be_visible()


def test_without_a_script_the_coordinates_are_typed(somebody):
    page = somebody(PHONE, scripts=False).go("/admin/units/OESTE/redraw")
    expect(page.get_by_role("button", name="Dibujar en el mapa")).to_be_hidden()
    page.locator("#shape").fill(to_geojson(box(-99.1, 19.3, -99.091, 19.31)))
    page.locator("#reason").fill("Corrección del límite")
    page.get_by_role("button", name="Ver qué cambiaría").click()
    expect(page.get_by_role("heading", name="Qué cambiaría")).to_be_visible()
