"""The map in a real browser: painted, chosen from by hand and by keyboard, kept in its address, and never needed."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from shapely import MultiPolygon, box
from sqlalchemy import Select, case, exists

from app.config import Config
from app.core import clock
from app.core.fields import COUNT
from app.core.transaction import Database
from app.factory import create_app
from models import Assembly, AssemblyBlock, Setting, TerritorialUnit
from models.assembly import MET
from models.territory import LevelRole
from territories.layers import registry
from territories.layers.levels import UNIT_FIELDS, column, units_of
from territories.layers.palettes import PALETTES
from territories.layers.style import OPACITY
from tests.app.portal import scenes
from tests.browser.borough import served
from tests.browser.conftest import LAPTOP, PHONE, Reader, free_port, pictures, validate_html
from tests.browser.test_weight import MOST_BYTES, MOST_REQUESTS, first_view
from tests.factories import World

WHITE, CLAY = (255, 255, 255), (165, 68, 28)

def by_then(scope: registry.Scope) -> Select:
    held = exists().where(
        AssemblyBlock.unit_id == TerritorialUnit.id, Assembly.id == AssemblyBlock.assembly_id, Assembly.state.in_(MET),
        Assembly.starts_at <= datetime.combine(scope.on, time.max, UTC),
    )
    return units_of(LevelRole.BLOCK, scope).add_columns(case((held, 1), else_=0).label("held"))


# A layer that changes with time and by nothing else.
MOMENTS = registry.Layer(
    "moments", "Cuadras con el tiempo", "Las que ya se reunieron.", (*UNIT_FIELDS, column("held", COUNT, "Ya se reunió.", title="Reunida")),
    by_then, registry.Style("coverage", by="held", breaks=registry.Breaks.CATEGORIES, words={0: "aún no", 1: "ya se reunió"}),
    registry.BOUNDARIES, levels=(LevelRole.BLOCK,), filters=frozenset({registry.Filter.ON}), zooms=(9, 16),
)
DONE = PALETTES["coverage"].colours(2)[1]


@dataclass
class Town:
    """Two territories beside each other, three blocks in each, and where they are served."""

    address: str
    world: World
    code: str
    territories: list
    blocks: list


def square(west: float, width: float, south: float = 19.3, height: float = 0.02) -> MultiPolygon:
    return MultiPolygon([box(west, south, west + width, south + height)])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, spatialite_template: Path) -> Iterator[Town]:
    """On SpatiaLite only: tiles and rows are the same on both databases, which their own tests see to."""
    folder, port = tmp_path_factory.mktemp("explore"), free_port()
    (folder / "cuadra.sqlite").write_bytes(spatialite_template.read_bytes())
    config = Config(
        environment="test", database_url=f"sqlite:///{folder / 'cuadra.sqlite'}", read_database_url=None, secret_key="k" * 40,
        slip_pepper="p" * 40, data_key="d" * 40, data_dir=folder / "data", base_url=f"http://127.0.0.1:{port}", port=port,
    )
    database = Database.open(config.database_url, None)
    app = create_app(config, database=database)
    registry.offer(app, MOMENTS)
    world = World(app)
    with world.writing():
        root = world.unit(LevelRole.ROOT, name="Alcaldía de prueba", shape=square(-99.1, 0.03))
        territories = [world.unit(parent=root, shape=square(-99.1 + 0.015 * n, 0.015)) for n in range(2)]
        blocks = [
            world.unit(
                LevelRole.BLOCK, parent=one, streets=("Nogal", "Fresno"), shape=square(-99.1 + 0.015 * n + 0.005 * at, 0.005, 19.308, 0.005)
            )
            for n, one in enumerate(territories) for at in range(3)
        ]
    last_month = (clock.now().replace(day=1) - timedelta(days=1)).replace(day=15)
    for moment, block in ((last_month - timedelta(days=100), blocks[0]), (last_month, blocks[4])):
        scenes.assembly(world, territories[0], block, starts_at=moment)
    with served(app, port):
        yield Town(config.base_url, world, root.code, territories, blocks)
    database.dispose()


@pytest.fixture
def reader(chromium: Browser, town: Town, tmp_path: Path) -> Iterator[Callable[..., Reader]]:
    contexts = []

    def open_one(width: dict[str, int] = PHONE, *, scripts: bool = True) -> Reader:
        context = chromium.new_context(
            viewport=width, java_script_enabled=scripts, locale="es-MX", has_touch=width is PHONE, base_url=town.address
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        return Reader(context, town.address, pictures(tmp_path))

    yield open_one
    for context in contexts:
        context.close()


def opened(someone: Reader, path: str) -> Page:
    page = someone.go(path)
    page.get_by_role("button", name="Explorar el mapa").click()
    drawn(page)
    return page


def drawn(page: Page) -> None:
    page.locator('[data-explore-state="idle"]').wait_for(timeout=60_000)


def colours(page: Page) -> Counter:
    """What the canvas shows, by colour; the pixels as they reach a person's eyes."""
    shot = Image.open(io.BytesIO(page.locator("[data-map]").screenshot())).convert("RGB")
    return Counter(shot.get_flattened_data())


def middle(page: Page) -> tuple[float, float]:
    box = page.locator(".maplibregl-canvas").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("width", [PHONE, LAPTOP], ids=["360", "1280"])
def test_a_map_is_explored(reader, town, width, tmp_path):
    someone = reader(width)
    page = opened(someone, f"/t/{town.code}/explore?layer=territories")
    first, second = town.territories
    seen = colours(page)
    assert seen[WHITE] > 5_000, "the place is not painted"
    assert not any(near(colour, CLAY) for colour in seen), "nothing was chosen yet"

    # A press gives the facts of the page and the way to it, and marks the row.
    at = middle(page)
    page.mouse.click(at[0] - 40, at[1])
    facts = page.locator("[data-facts]")
    expect(facts).to_contain_text(first.code)
    expect(facts.get_by_role("link")).to_have_attribute("href", f"/t/{first.code}")
    expect(page.locator(f'tr[data-row="{first.id}"]')).to_have_attribute("aria-current", "true")
    drawn(page)
    assert any(near(colour, CLAY) for colour in colours(page)), "what was chosen is not lit"

    # By keyboard: the list of what lies in the middle, and Enter.
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-under]")).to_contain_text(second.name)
    page.keyboard.press("Enter")
    expect(facts).to_contain_text(second.code)

    # Another layer, in the same place: table, legend and address follow, and a reload brings it all back.
    page.get_by_label("Qué ver en el mapa").select_option("blocks")
    expect(page.get_by_role("heading", name="Cuadras")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?layer=blocks#map=[\d.]+/19\.\d+/-99\.\d+$"))
    drawn(page)
    someone.sweep(f"explore-{width['width']}")
    view = page.evaluate("location.hash")
    page.reload()
    drawn(page)
    assert page.evaluate("location.hash") == view
    expect(page.get_by_role("heading", name="Cuadras")).to_be_visible()
    validate_html(pictures(tmp_path))


def test_the_months_go_by_on_map_legend_table_and_address_together(reader, town):
    someone = reader(LAPTOP)
    page = opened(someone, f"/t/{town.code}/explore?layer=moments")
    slider = page.get_by_label("Cómo estaba en")
    first, second = (page.locator(f'tr[data-row="{town.blocks[at].id}"] [data-label="Reunida"]') for at in (0, 4))
    expect(page.locator("output")).to_have_text("hoy")
    now = painted_done(page)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"on=\d{4}-\d\d-\d\d.*#map="))
    expect(second).to_have_text("0")
    expect(first).to_have_text("1")
    expect(page.locator('[data-part="legend"]')).to_contain_text("ya se reunió 1")
    drawn(page)
    assert 0.4 < painted_done(page) / now < 0.6, "one of two had met by then"
    expect(page.locator("output")).not_to_have_text("hoy")
    page.reload()
    drawn(page)
    assert 0.4 < painted_done(page) / now < 0.6, "the link does not hold the day"
    page.keyboard.press("End")
    slider.focus()
    page.keyboard.press("End")
    expect(second).to_have_text("1")
    assert "on=" not in page.url and not someone.errors


def painted_done(page: Page) -> int:
    """Pixels of the colour of a block that met, through which the white of the place shows."""
    red, green, blue = (int(DONE[at : at + 2], 16) for at in (1, 3, 5))
    over = tuple(round(OPACITY * one + (1 - OPACITY) * 255) for one in (red, green, blue))
    return sum(count for colour, count in colours(page).items() if near(colour, over))


def test_the_page_is_light_until_the_map_is_asked_for(reader, town):
    someone = reader(PHONE)
    size, requests = first_view(someone, f"/t/{town.code}/explore?layer=blocks")
    assert size < MOST_BYTES and requests <= MOST_REQUESTS, (size, requests)


def near(colour: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return max(abs(one - two) for one, two in zip(colour, other, strict=True)) < 12


def test_the_table_and_the_map_point_at_each_other_and_orders_stay_in_place(reader, town):
    page = opened(reader(LAPTOP), f"/t/{town.code}/explore?layer=blocks")
    page.locator(f'tr[data-row="{town.blocks[0].id}"]').hover()
    drawn(page)
    assert any(near(colour, CLAY) for colour in colours(page)), "the area of the row is not lit"
    page.get_by_role("link", name="Clave").click()
    expect(page).to_have_url(re.compile("sort=code"))
    expect(page.locator("[data-map]")).to_be_visible()
    assert page.evaluate("history.length") <= 2


def test_a_street_and_ones_own_place_are_found(reader, town):
    someone = reader(PHONE)
    page = opened(someone, f"/t/{town.code}/explore?layer=blocks")
    page.get_by_label("Buscar mi calle").fill("nogal")
    page.get_by_role("button", name="Buscar").click()
    page.locator("[data-found] button").first.click()
    expect(page).to_have_url(re.compile(r"#map=1[4-7]"))
    page.get_by_role("button", name="Mi ubicación").click()
    expect(page.get_by_role("status")).to_contain_text("no dio permiso")
    west, south, east, north = someone.context.request.get(f"/t/{town.blocks[4].code}/explore/ground.json").json()["bounds"]
    someone.context.grant_permissions(["geolocation"])
    someone.context.set_geolocation({"longitude": (west + east) / 2, "latitude": (south + north) / 2})
    page.get_by_role("button", name="Mi ubicación").click()
    expect(page.locator("[data-facts]")).to_contain_text(town.blocks[4].code)


def test_without_a_script_or_without_webgl_the_table_stays(reader, town):
    plain = reader(PHONE, scripts=False)
    page = plain.go(f"/t/{town.code}/explore")
    expect(page.get_by_role("button", name="Explorar el mapa")).to_be_hidden()
    page.get_by_label("Qué ver en el mapa").select_option("blocks")
    page.get_by_role("button", name="Mostrar").click()
    expect(page.get_by_role("link", name=town.blocks[0].name, exact=True)).to_be_visible()
    poor = reader(PHONE)
    poor.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page = poor.go(f"/t/{town.code}/explore?layer=blocks")
    page.get_by_role("button", name="Explorar el mapa").click()
    expect(page.get_by_role("status")).to_contain_text("no puede dibujar el mapa")
    expect(page.get_by_role("link", name=town.blocks[0].name, exact=True)).to_be_visible()
    assert not poor.errors


def test_a_base_map_is_fetched_from_its_host_and_named(reader, town, chromium):
    """Last of all: those before need nothing from elsewhere."""
    with town.world.writing() as session:
        session.add(Setting(key="base_map_url", value="https://tiles.example/{z}/{x}/{y}.png", updated_at=clock.now()))
        session.add(Setting(key="base_map_attribution", value="© Quien hizo las calles", updated_at=clock.now()))
    someone = reader(LAPTOP)
    blue = io.BytesIO()
    Image.new("RGB", (256, 256), (40, 90, 200)).save(blue, "PNG")
    tile = {"body": blue.getvalue(), "content_type": "image/png", "headers": {"Access-Control-Allow-Origin": "*"}}
    someone.context.route("https://tiles.example/**", lambda route: route.fulfill(**tile))
    page = opened(someone, f"/t/{town.code}/explore?layer=blocks")
    expect(page.get_by_text("Quien hizo las calles")).to_be_visible()
    assert sum(count for (red, _g, blue), count in colours(page).items() if blue > red + 40) > 20_000, "no street is to be seen"
    assert not someone.errors
