"""Outlines as small drawings."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from territories.units.map import draw, fit, metres_of_a_degree
from territories.units.queries import Coverage


def points(path: str) -> list[tuple[int, int]]:
    """The corners of a path's only ring, absolute."""
    start, rest = re.fullmatch(r"M(\d+ \d+)l(.*)z", path).groups()
    x, y = map(int, start.split())
    numbers = [int(one) for one in re.findall(r"-?\d+", rest)]
    found = [(x, y)]
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + dx, y + dy
        found.append((x, y))
    return found


def test_squares_of_the_ground_are_squares_of_the_page():
    half = 0.01 * 110_696 / 105_099  # metres of a degree of latitude and of longitude at 19.305 north, on the ellipsoid
    drawing = draw([box(-99.1, 19.3, -99.1 + half, 19.31).wkb, box(-99.1 + half, 19.3, -99.1 + 2 * half, 19.31).wkb])
    left, right = (points(path) for path in drawing.paths)
    xs, ys = sorted({x for x, _y in left}), sorted({y for _x, y in left})
    assert abs((xs[-1] - xs[0]) - (ys[-1] - ys[0])) <= 1
    assert max(xs) == min(x for x, _y in right), "neighbours share their edge"
    assert drawing.width == 800 and drawing.height < 420


@pytest.mark.parametrize(
    ("latitude", "across", "up"), [(0, 111_319.5, 110_574.3), (45, 78_846.3, 111_131.8), (19.305, 105_098.5, 110_695.8)]
)
def test_a_degree_is_as_long_as_it_is_there(latitude, across, up):
    """Against geodesics of PROJ (Geod(ellps="WGS84").inv over the degree around)."""
    assert metres_of_a_degree(latitude) == pytest.approx((across, up), rel=1e-5)


def test_a_pixel_knows_how_many_metres_it_is():
    here = fit((-99.11, 19.30, -99.10, 19.31), width=1000, max_height=1000, scale=lambda metres: 1.25)
    assert here.metres == 1.25 and here.width == pytest.approx(1051 / 1.25 + 12, abs=1)


def test_north_is_up():
    drawing = draw([box(0, 1, 1, 2).wkb, box(0, 0, 1, 1).wkb])
    north, south = (points(path) for path in drawing.paths)
    assert max(y for _x, y in north) <= min(y for _x, y in south)


def test_what_cannot_be_drawn_is_left_out_and_keeps_its_place():
    drawing = draw([None, box(0, 0, 1, 1).wkb, Polygon().wkb])
    assert [bool(path) for path in drawing.paths] == [False, True, False]
    assert draw([None, Polygon().wkb]) is None and draw([]) is None


def test_islands_and_holes_are_kept_specks_are_not():
    ring, island, speck = Point(0, 0).buffer(1).difference(Point(0, 0).buffer(0.4)), Point(3, 0).buffer(0.5), Point(1.5, 1.2).buffer(0.0005)
    shape = MultiPolygon([ring, island, speck])
    [path] = draw([shape.wkb]).paths
    assert path.count("M") == 3


def test_a_detailed_coast_stays_small():
    [path] = draw([Point(0, 0).buffer(1, quad_segs=5000).wkb]).paths
    assert len(path) < 900


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_only_none_is_zero_and_only_all_is_a_hundred(pair):
    coverage = Coverage(*pair)
    assert (coverage.percent == 0) == (pair[0] == 0)
    assert (coverage.percent == 100) == (pair[0] == pair[1])
