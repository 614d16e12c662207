"""Walks keep to their bounds, take each block once and come out the same every time."""

import random
from time import perf_counter

import numpy
import pytest
import shapely

from territories.walks.grouping import FEWEST, LONGEST, METRES_PER_DEGREE, MOST, group, in_metres

SIDE, STREET = 80.0, 12.0


def block(column: int, row: int) -> shapely.Polygon:
    """A block of 80 m between streets of 12 m."""
    west, south = column * (SIDE + STREET), row * (SIDE + STREET)
    return shapely.box(west, south, west + SIDE, south + SIDE)


def town(cells) -> numpy.ndarray:
    return numpy.array([block(column, row) for column, row in cells])


def test_a_row_of_blocks_is_walked_from_end_to_end():
    (walk,) = group(town([(column, 0) for column in (3, 0, 2, 1)]))
    assert walk.order in ((1, 3, 2, 0), (0, 2, 3, 1)) and walk.metres == pytest.approx(3 * (SIDE + STREET))


def test_each_block_is_in_one_walk_and_no_walk_breaks_its_bounds():
    some = random.Random(7)
    cells = sorted(some.sample([(column, row) for column in range(40) for row in range(40)], 600))
    shapes = town(cells)
    walks = group(shapes)
    assert sorted(one for walk in walks for one in walk.order) == list(range(600))
    assert all(len(walk.order) <= MOST and walk.metres <= LONGEST for walk in walks)
    alone = sum(len(walk.order) for walk in walks if len(walk.order) < FEWEST)
    assert alone < 600 * 0.05, f"{alone} blocks of 600 left behind in corners"
    assert group(shapes) == walks


def test_blocks_far_apart_are_not_walked_together():
    walks = group(town([(0, 0), (1, 0), (2, 0), (30, 0)]))
    assert sorted(len(walk.order) for walk in walks) == [1, 3]


def test_a_long_walk_is_cut_though_it_holds_few_blocks():
    long_blocks = numpy.array([shapely.box(at * 420.0, 0, at * 420.0 + 400, 30) for at in range(7)])
    walks = group(long_blocks)
    assert len(walks) == 2 and all(walk.metres <= LONGEST for walk in walks)


def test_a_block_alone_across_an_avenue_joins_the_walk_beside_it():
    (walk,) = group(numpy.array([*town([(0, 0), (1, 0), (2, 0)]), shapely.box(400, 0, 480, 80)]))
    assert len(walk.order) == 4


def test_degrees_become_metres_within_half_a_per_cent_of_utm():
    west, south = -99.05, 19.35
    square = shapely.box(west, south, west + 1 / METRES_PER_DEGREE * 1000, south + 1 / METRES_PER_DEGREE * 1000).wkb
    (shape,) = in_metres([square])
    _west, _south, east, north = shape.bounds
    # 1 km of longitude at 19.35 N is 0.944 km; EPSG:32614 gives 944.9 and 996.4 m for the same square.
    assert east == pytest.approx(944.9, rel=0.005) and north == pytest.approx(996.4, rel=0.005)


def test_two_thousand_of_six_thousand_blocks_take_less_than_a_second():
    some = random.Random(1)
    shapes = town(sorted(some.sample([(column, row) for column in range(81) for row in range(81)], 2000)))
    began = perf_counter()
    assert len(group(shapes)) > 250
    # Half of it here: the machine that runs this runs other things too.
    assert perf_counter() - began < 2


def test_nothing_makes_no_walk():
    assert group(in_metres([])) == []
