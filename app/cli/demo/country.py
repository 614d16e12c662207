"""An invented country, geometry alone: some 2,500 municipalities of some 1,000 blocks each, for measuring what size costs.

The country hangs on the five levels a municipality has: it is the root, its states are offices, its municipalities
territories, and the blocks of each town hang on their municipality; there are no sections. A part of it is the first
municipalities of the whole: the same seed draws them alike, however many are made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy
import shapely

MUNICIPALITIES = 2_500
# The country is a square of so many municipalities, about 28 km wide as Mexico's are on average.
_ACROSS = 50
_STATES_EAST, _STATES_NORTH = 8, 4
_SOUTH_WEST = numpy.array((-110.0, 17.5))
_CELL = 0.26
_METRES = 111_000.0  # in a degree of latitude
# Blocks along a side of a town, their width in metres and the straight pieces of each of their four sides.
_SIDE, _WIDTH, _PIECES = (18, 44), (60.0, 140.0), (8, 14)
_MUNICIPAL_PIECES = 24
_DECIMALS = 7


@dataclass(frozen=True)
class Municipality:
    """``number`` from 0; ``polygon`` in EPSG:4326, its borders vertex by vertex those of its neighbours."""

    number: int
    polygon: shapely.Polygon

    @property
    def state(self) -> int:
        row, column = divmod(self.number, _ACROSS)
        return row * _STATES_NORTH // _ACROSS * _STATES_EAST + column * _STATES_EAST // _ACROSS

    @property
    def code(self) -> str:
        return f"{state_code(self.state)}-M{self.number + 1:04d}"


def state_code(state: int) -> str:
    return f"E{state + 1:02d}"


def municipalities(seed: int, count: int = MUNICIPALITIES) -> list[Municipality]:
    """The first ``count`` of the country, row by row from the south-west. Raises ValueError for more than there are."""
    if not 1 <= count <= MUNICIPALITIES:
        raise ValueError(f"the country has {MUNICIPALITIES} municipalities")
    chance = numpy.random.default_rng([seed, MUNICIPALITIES])
    rings = _cells(_ACROSS, _MUNICIPAL_PIECES, chance, jitter=0.2, bend=0.12)[:count]
    return [Municipality(number, polygon) for number, polygon in enumerate(shapely.polygons(_rounded(rings * _CELL + _SOUTH_WEST)))]


def states(made: list[Municipality]) -> dict[int, shapely.MultiPolygon]:
    """The outline of each state, joined from the municipalities made of it."""
    ordered = sorted(made, key=lambda one: one.state)
    return {state: joined([one.polygon for one in of_state]) for state, of_state in groupby(ordered, key=lambda one: one.state)}


def joined(shapes: list[shapely.Geometry]) -> shapely.MultiPolygon:
    """One boundary round shapes that share their borders vertex by vertex."""
    union = shapely.coverage_union_all(shapes)
    return union if isinstance(union, shapely.MultiPolygon) else shapely.MultiPolygon([union])


def blocks(seed: int, municipality: Municipality) -> numpy.ndarray:
    """The blocks of the municipality's town as multipolygons in EPSG:4326: 330 to 1,850 of them, of 33 to 57 vertices each."""
    chance = numpy.random.default_rng([seed, municipality.number])
    side, pieces = int(chance.integers(*_SIDE)), int(chance.integers(*_PIECES, endpoint=True))
    metres = chance.uniform(*_WIDTH)
    centre = numpy.array(municipality.polygon.centroid.coords[0])
    degrees = metres / _METRES / numpy.array((math.cos(math.radians(centre[1])), 1.0))
    rings = _cells(side, pieces, chance, jitter=0.2, bend=0.08)
    return shapely.multipolygons(shapely.polygons(_rounded((rings - side / 2) * degrees + centre))[:, None])


def towns(seed: int, made: list[Municipality]) -> Iterator[tuple[Municipality, numpy.ndarray]]:
    for municipality in made:
        yield municipality, blocks(seed, municipality)


def _rounded(rings: numpy.ndarray) -> numpy.ndarray:
    return numpy.round(rings, _DECIMALS)


def _cells(side: int, pieces: int, chance: numpy.random.Generator, *, jitter: float, bend: float) -> numpy.ndarray:
    """Closed rings, anticlockwise, of a square of ``side`` by ``side`` cells one unit wide: row by row from the south-west,
    shape (side², 4 pieces + 1, 2). Each border is drawn once, so both cells have the very same vertices."""
    nodes = numpy.stack(numpy.meshgrid(numpy.arange(side + 1.0), numpy.arange(side + 1.0)), axis=-1)
    nodes += chance.uniform(-jitter, jitter, nodes.shape)
    east = _borders(nodes[:, :-1], nodes[:, 1:], pieces, chance, bend)
    north = _borders(nodes[:-1], nodes[1:], pieces, chance, bend)
    rings = numpy.concatenate(
        (east[:-1, :, :-1], north[:, 1:, :-1], east[1:, :, :0:-1], north[:, :-1, ::-1]), axis=2,
    )
    return rings.reshape(side * side, 4 * pieces + 1, 2)


def _borders(starts: numpy.ndarray, ends: numpy.ndarray, pieces: int, chance: numpy.random.Generator, bend: float) -> numpy.ndarray:
    """From each start to each end in ``pieces`` straight pieces, bent to one side and the other by up to ``bend`` of its length."""
    along = numpy.linspace(0, 1, pieces + 1)
    way = ends - starts
    across = numpy.stack((-way[..., 1], way[..., 0]), axis=-1)
    waves = chance.uniform(-1, 1, (*way.shape[:-1], 3))
    offset = numpy.einsum("...w,wp->...p", waves, numpy.sin(math.pi * numpy.outer((1, 2, 3), along))) * (bend / 3)
    offset[..., (0, -1)] = 0.0  # sin(3π) is not quite
    return starts[..., None, :] + way[..., None, :] * along[:, None] + across[..., None, :] * offset[..., None]
