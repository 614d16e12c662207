"""The benchmarks say what they read: no figure is made up when a program answers otherwise than expected."""

from __future__ import annotations

import numpy
import pytest

from benchmarks import peers, tile_plan, tile_sizes, tiles

SAID = """number of transactions actually processed: 812
latency average = 4.91 ms
initial connection time = 3.002 ms
tps = 407.083251 (without initial connection time)
"""


def test_the_rate_of_pgbench_is_read_or_refused():
    assert tiles.rate_of(SAID) == pytest.approx(407.083251)
    with pytest.raises(ValueError, match="nothing to say"):
        tiles.rate_of("nothing to say")


def test_tiles_are_drawn_by_lot_the_same_each_time_and_the_fullest_are_among_them():
    crowd = numpy.full((50, 2), 1000.0)
    scattered = numpy.random.default_rng(1).uniform(-1e7, 1e7, (300, 2))
    points = numpy.concatenate((crowd, scattered))
    drawn = tile_sizes.chosen(points, 12, 20)
    assert drawn == tile_sizes.chosen(points, 12, 20) and 20 <= len(drawn) <= 20 + tile_sizes.FULLEST
    assert (2048, 2047) in drawn  # just north-east of where the equator meets Greenwich


def test_each_peer_is_asked_for_the_same_tile():
    paths = {name: path.format(z=12, x=7, y=9) for name, path in peers.TILES.items()}
    assert paths["tipg"].endswith("/12/7/9") and paths["pygeoapi"].endswith("/12/9/7?f=mvt")


@pytest.mark.postgis
def test_the_plan_of_a_tile_is_that_of_the_statement_that_makes_it(database_url):
    told = tile_plan.of(database_url, 12, 900, 1800)
    assert "unit_shape" in told and "Buffers" in told
