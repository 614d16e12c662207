"""Coordinates as people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territories.places.coordinates import read, written


@pytest.mark.parametrize(
    "typed",
    [
        "19.35712, -99.06543", "19.35712 -99.06543", "19,35712; -99,06543", " 19.35712,-99.06543 ", "-99.06543, 19.35712",
        "19°21'25.632\"N 99°03'55.548\"W", "19° 21′ 25.632″ N, 99° 3′ 55.548″ O", "19.35712 N 99.06543 W",
    ],
)
def test_the_same_place_however_it_is_written(typed):
    assert read(typed) == pytest.approx((-99.06543, 19.35712), abs=1e-6)


@pytest.mark.parametrize(
    "typed", ["", "19", "Calle Nogal 12", "99.06543 N 98.1 W x", "19.35712 N 20.1 N", "190.1, 200.2", "19, -99", "1e400, 2e400"]
)
def test_what_is_no_place_is_none(typed):
    assert read(typed) is None


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_what_is_written_is_read_again(longitude, latitude):
    assert read(written(longitude, latitude)) == pytest.approx((longitude, latitude), abs=6e-6)
