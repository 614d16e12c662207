"""Laying a map on paper: a scale that a ruler can be held to, labels inside their areas, the larger way round."""

from datetime import date

import pytest
import shapely
from flask import Flask
from flask_babel import Babel
from shapely import Polygon, box

from app.portal.sheets.layout import LETTERS, ROOM, Orientation, Size, label_of, lay_sheet
from app.portal.sheets.queries import Subject, Thing
from territories.layers.registry import Geometry, Style
from territories.layers.styles import MET
from territories.units.map import metres_of_a_degree

ACROSS, UP = metres_of_a_degree(19.3)


def ground(west: float, south: float, east: float, north: float) -> bytes:
    """A box of metres, around 19.3 degrees north."""
    return box(-99 + west / ACROSS, 19.3 + south / UP, -99 + east / ACROSS, 19.3 + north / UP).wkb


def subject(*shapes: bytes, names=None, style: Style = MET, here: str | None = None) -> Subject:
    names = names or [f"Cuadra {number}" for number in range(1, len(shapes) + 1)]
    things = [Thing(name, True, "ya se reunió", shape) for name, shape in zip(names, shapes, strict=True)]
    return Subject("Cuadras", "", style, Geometry.AREA, things, [], [], None, [], date(2026, 11, 21), here)


@pytest.fixture
def spoken():
    app = Flask(__name__)
    Babel(app, default_locale="es")
    with app.test_request_context():
        yield


@pytest.mark.parametrize("size", Size)
@pytest.mark.parametrize("orientation", Orientation)
def test_a_kilometre_is_as_long_as_the_scale_says(spoken, size, orientation):
    sheet = lay_sheet(subject(ground(0, -650, 1000, 650)), size, orientation)
    room = ROOM[size, orientation]
    assert sheet.here.width <= room[0] * 10 and sheet.here.height <= room[1] * 10
    xs = [int(part) for part in sheet.drawn[0].path[1:].split("l")[0].split()]
    assert xs[0] in (6, sheet.here.width - 6)
    millimetres = (sheet.here.width - 12) / 10
    assert millimetres * sheet.scale.ratio / 1000 == pytest.approx(1000, rel=2e-3)
    assert sheet.scale.ratio % 50 == 0
    metres = float(sheet.scale.words.split()[0])
    assert sheet.scale.length / 10 * sheet.scale.ratio / 1000 == pytest.approx(metres, rel=5e-3)
    assert room[0] * 0.08 < sheet.scale.length / 10 < room[0] * 0.25


def test_the_sheet_turns_the_way_that_shows_more(spoken):
    assert lay_sheet(subject(ground(0, 0, 3000, 900)), Size.A4, None).orientation is Orientation.LANDSCAPE
    assert lay_sheet(subject(ground(0, 0, 900, 3000)), Size.A4, None).orientation is Orientation.PORTRAIT
    assert lay_sheet(subject(shapely.Polygon().wkb), Size.A4, None) is None


def test_a_name_stays_inside_its_area_or_becomes_a_number():
    letters = LETTERS[Size.A4]
    wide = box(0, 0, 900, 200)
    assert label_of(wide, "Barrio San Isidoro", "7", letters).lines == ("Barrio San Isidoro",)
    assert label_of(box(0, 0, 300, 300), "Barrio San Isidoro", "7", letters).lines == ("Barrio San", "Isidoro")
    small = label_of(box(0, 0, 90, 90), "Barrio San Isidoro", "7", letters)
    assert small.lines == ("7",)
    assert label_of(box(0, 0, 8, 300), "Barrio San Isidoro", "7", letters) is None
    # An L: the middle of its bounds lies outside it.
    bent = Polygon([(0, 0), (900, 0), (900, 150), (150, 150), (150, 900), (0, 900)])
    for shape in (wide, bent):
        x, y, width, height = label_of(shape, "Las Golondrinas", "7", letters).plate
        assert shape.buffer(1).contains(box(x, y, x + width, y + height))


def test_blocks_keep_their_own_numbers_and_others_are_counted(spoken):
    squares = [ground(200 * n, 0, 200 * n + 190, 190) for n in range(3)]
    own = lay_sheet(subject(*squares, names=["Manzana 4", "Manzana 7", "Manzana 12"], here="Manzana 7"), Size.A4, None)
    assert [one.mark for one in own.drawn] == ["4", "7", "12"] and own.numbered
    assert [one.label.lines for one in own.drawn] == [("4",), ("7",), ("12",)] and [one.here for one in own.drawn] == [False, True, False]
    named = lay_sheet(subject(*squares, names=["La Espiga", "Las Trojes", "Palmillas"]), Size.A4, None)
    assert [one.mark for one in named.drawn] == ["1", "2", "3"] and not named.numbered
