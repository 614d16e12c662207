"""The invented map: boundaries that fit, codes that hold, the same borough each time."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

import pytest
import shapely

from app.cli.demo.geography import SIZES, Borough, Size, Use, make_borough
from models.territory import UNIT_CODE, LevelRole, UnitKind

SEEDS = (7, 20181224)
LEVELS = (LevelRole.OFFICE, LevelRole.TERRITORY, LevelRole.SECTION, LevelRole.BLOCK)


@pytest.fixture(scope="module", params=SEEDS)
def borough(request: pytest.FixtureRequest) -> Borough:
    return make_borough(request.param)


def as_text(borough: Borough) -> list[tuple]:
    return [(unit.code, unit.name, unit.population, unit.streets, unit.short_code, unit.polygon.wkt) for unit in borough.units]


def test_the_same_seed_gives_the_same_borough_and_another_seed_another():
    hamlet = Size(1, 4, 8, 60)
    assert as_text(make_borough(5, hamlet)) == as_text(make_borough(5, hamlet))
    assert as_text(make_borough(5, hamlet)) != as_text(make_borough(6, hamlet))


def test_it_is_as_big_as_asked(borough):
    wanted = SIZES["small"]
    assert len(borough.at(LevelRole.ROOT)) == 1
    assert len(borough.at(LevelRole.OFFICE)) == wanted.offices
    assert len(borough.at(LevelRole.TERRITORY)) == wanted.territories
    assert abs(len(borough.at(LevelRole.SECTION)) - wanted.sections) <= wanted.sections / 10
    assert abs(len(borough.at(LevelRole.BLOCK)) - wanted.blocks) <= wanted.blocks / 10


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_is_a_partition(borough, level):
    shapes = [unit.polygon for unit in borough.at(level)]
    assert all(shape.is_valid and not shape.is_empty for shape in shapes)
    assert shapely.coverage_is_valid(shapes), "neighbours share their vertices and nothing overlaps"
    whole = borough.units[0].polygon
    assert shapely.coverage_union_all(shapes).equals(whole), "no gap, nothing outside"
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-9)


def test_each_child_lies_in_its_parent(borough):
    by_code = {unit.code: unit for unit in borough.units}
    for parent, children in borough.children().items():
        shapely.prepare(by_code[parent].polygon)
        assert all(by_code[parent].polygon.covers(child.polygon) for child in children), parent
        assert sum(child.population for child in children) == by_code[parent].population


def test_parents_come_before_children_one_level_above(borough):
    order = list(LevelRole)
    seen = {}
    for unit in borough.units:
        if unit.parent is None:
            assert unit.level is LevelRole.ROOT
        else:
            assert order.index(unit.level) == order.index(seen[unit.parent]) + 1, unit.code
        seen[unit.code] = unit.level


def test_territories_and_sections_are_in_one_piece(borough):
    assert all(len(unit.polygon.geoms) == 1 for unit in borough.units)


def test_codes_are_unique_whatever_their_case(borough):
    codes = [unit.code for unit in borough.units]
    assert all(UNIT_CODE.fullmatch(code) for code in codes)
    assert len({code.casefold() for code in codes}) == len(codes)


def test_territories_carry_a_kind_a_name_and_a_code_for_folios(borough):
    territories = borough.at(LevelRole.TERRITORY)
    assert {unit.kind for unit in territories} == set(UnitKind)
    assert len({unit.name for unit in territories}) == len(territories)
    assert len({unit.short_code for unit in territories}) == len(territories)
    assert all(re.fullmatch(r"[A-HJ-KMNP-TV-Z2-9]{2,6}", unit.short_code) for unit in territories)
    assert not any(unit.kind or unit.short_code for unit in borough.units if unit.level is not LevelRole.TERRITORY)


def test_each_block_names_the_streets_round_it(borough):
    blocks = borough.at(LevelRole.BLOCK)
    counts = Counter(len(unit.streets) for unit in blocks)
    assert counts[0] == 0
    assert sum(count for streets, count in counts.items() if 2 <= streets <= 6) > 0.9 * len(blocks)
    assert all(len(set(unit.streets)) == len(unit.streets) for unit in blocks)
    assert any(name == "Camino de la Barranca Honda" for unit in blocks for name in unit.streets)


def test_people_live_in_houses_and_parks_are_empty(borough):
    blocks = borough.at(LevelRole.BLOCK)
    assert all((unit.population == 0) == (unit.use is not Use.HOUSING) for unit in blocks)
    assert {Use.PARK, Use.SCHOOL, Use.PLAZA, Use.MARKET} <= {unit.use for unit in blocks}
    assert 90 < borough.units[0].population / len(blocks) < 230


def test_coordinates_have_six_decimals_and_lie_in_open_country(borough):
    for x, y in shapely.get_coordinates([unit.polygon for unit in borough.units]).tolist():
        assert (x, y) == (round(x, 6), round(y, 6))
        assert -98.7 < x < -98.5 and 19.4 < y < 19.6


def test_it_is_not_a_toy_grid(borough):
    """Streets at many angles, blocks of many sizes, few of them rectangles."""
    blocks = [block.polygon for block in borough.at(LevelRole.BLOCK)]
    areas = sorted(block.area for block in blocks)
    assert areas[len(areas) * 9 // 10] > 1.8 * areas[len(areas) // 10]
    bearings = set()
    for block in blocks:
        sides = pairwise(block.minimum_rotated_rectangle.exterior.coords)
        (ax, ay), (bx, by) = max(sides, key=lambda side: math.dist(*side))
        bearings.add(round(math.degrees(math.atan2(by - ay, bx - ax)) % 180 / 10))
    assert len(bearings) >= 8


def test_it_scales_by_numbers_not_by_name():
    """A hamlet keeps the rules; the whole borough is the same code with greater numbers."""
    hamlet = make_borough(3, Size(1, 4, 8, 60))
    assert len(hamlet.at(LevelRole.TERRITORY)) == 4
    assert shapely.coverage_is_valid([unit.polygon for unit in hamlet.at(LevelRole.BLOCK)])
