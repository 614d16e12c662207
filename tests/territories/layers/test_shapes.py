"""Boundaries as tiles draw them: borders stay shared, the record stays equal to the boundaries (001-43)."""

import numpy
import shapely
from shapely import MultiPolygon, box
from sqlalchemy import func, select, update

from app.core.spatial import mercator
from app.core.spatial.shapes import wkb_of
from models import TerritorialUnit, UnitShape
from models.ledger import SYSTEM
from models.shape import BANDS, bands_of, sheet_of
from models.territory import LevelRole
from territories.layers import shapes
from territories.units import services as units
from territories.units.services import UnitChange
from tests.factories import TODAY


def wavy(start: tuple[float, float], end: tuple[float, float], *, points: int = 80, seed: int = 1) -> list[tuple[float, float]]:
    """A border of many small turns from one corner to another, always the same."""
    noise = numpy.random.default_rng(seed).normal(0, 0.00004, (points, 2))
    steps = numpy.linspace(start, end, points + 2)
    steps[1:-1] += noise
    return [tuple(one) for one in steps]


def neighbours() -> list[MultiPolygon]:
    """Two areas that share one wavy border, on a straight frame."""
    border = wavy((-99.05, 19.30), (-99.05, 19.32))
    left = shapely.Polygon([(-99.07, 19.30), *border, (-99.07, 19.32)])
    right = shapely.Polygon([(-99.03, 19.30), *border, (-99.03, 19.32)])
    return [MultiPolygon([left]), MultiPolygon([right])]


def test_web_mercator_is_exact():
    # EPSG Guidance Note 7-2, the example of method 1024: 24°22'54.433"N 100°20'00.000"W.
    point = mercator.to_mercator(shapely.Point(-(100 + 20 / 60), 24 + 22 / 60 + 54.433 / 3600))
    assert abs(point.x - -11_169_055.58) < 0.01 and abs(point.y - 2_800_000.00) < 0.01
    assert numpy.allclose(mercator.to_degrees(point.x, point.y), (-100.33333333, 24.38178694), atol=1e-8)


def test_a_shared_border_does_not_open_at_any_zoom():
    exact = mercator.to_mercator(numpy.array(neighbours()))
    for band, last in enumerate(BANDS):
        for outside in (True, False):
            left, right = shapes.simplified(exact, band, simplify_outside=outside)
            assert left.intersection(right).area == 0 and shapely.coverage_is_valid([left, right])
            assert left.union(right).geom_type == "Polygon" and not left.union(right).interiors
            kept = shapely.get_num_coordinates([left, right]).sum()
            assert kept < shapely.get_num_coordinates(exact).sum() or last == 16
            # Never further from the boundary than what a screen shows as a pixel.
            assert shapely.hausdorff_distance(left, exact[0]) < 16 * mercator.unit_of(last)


def test_overlapping_areas_and_specks_are_all_kept():
    speck = box(-99.0, 19.3, -98.9999999, 19.3000001)
    overlapping = box(-99.1, 19.3, -99.0, 19.4), box(-99.05, 19.3, -98.95, 19.4)
    exact = mercator.to_mercator(numpy.array([MultiPolygon([one]) for one in (*overlapping, speck)]))
    for band in range(len(BANDS)):
        made = shapes.simplified(exact, band, simplify_outside=True)
        assert all(one.geom_type == "MultiPolygon" and not one.is_empty for one in made)


def kept_of(session, unit) -> dict[int, shapely.Geometry]:
    rows = session.execute(select(UnitShape.sheet, wkb_of(UnitShape.geom)).where(UnitShape.unit_id == unit.id))
    return {sheet: shapely.from_wkb(bytes(wkb)) for sheet, wkb in rows}


def test_what_is_kept_follows_the_tree(world):
    made = world.tree(territories=1, blocks=2)
    territory, block = made["territory"][0], made["block"][0]
    with world.writing() as session:
        assert set(kept_of(session, territory)) == {sheet_of(LevelRole.TERRITORY, band) for band in bands_of(LevelRole.TERRITORY)}
        assert len(kept_of(session, block)) == len(bands_of(LevelRole.BLOCK)) == 3
        assert shapes.rebuild(session) == 0
    there = MultiPolygon([box(-99.2, 19.2, -99.19, 19.21)])
    with world.writing() as session:
        units.change_units(session, [UnitChange(block.id, shape=there)], capacity=SYSTEM, source="plano", valid_from=TODAY)
    with world.writing() as session:
        now = kept_of(session, block)[sheet_of(LevelRole.BLOCK, 4)]
        assert shapely.equals_exact(now.envelope, mercator.to_mercator(there).envelope, 1)
        assert shapes.rebuild(session) == 0


def test_a_rebuild_finds_and_mends_what_is_wrong(world):
    made = world.tree(territories=1, blocks=2)
    first, second = made["block"]
    with world.writing() as session:
        session.execute(update(TerritorialUnit).where(TerritorialUnit.id == first.id).values(valid_to=TODAY))
        session.execute(update(UnitShape).where(UnitShape.unit_id == second.id, UnitShape.sheet == 9).values(sheet=4))
    with world.writing() as session:
        # One missing and one too many. What is no more is still drawn on the map of a day gone by.
        assert shapes.rebuild(session) == 2
        assert shapes.rebuild(session) == 0
        assert len(kept_of(session, first)) == len(kept_of(session, second)) == 3
        assert session.scalar(select(func.count()).select_from(UnitShape)) == 2 * 3 + 4 + 5 * 3
