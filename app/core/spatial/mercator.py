"""Web Mercator (EPSG:3857), exactly: the sphere of radius 6,378,137 m, as EPSG Guidance Note 7-2 defines it."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, degrees, exp, pi

import numpy
import shapely

SRID = 3857
RADIUS = 6_378_137.0
# Half the width of the square world; further north or south than ``EDGE`` degrees nothing is drawn.
HALF = pi * RADIUS
EDGE = degrees(2 * atan(exp(pi)) - pi / 2)
EXTENT = 4096
# Units of a tile drawn around it, so that a boundary is not cut along its edge.
BUFFER = 64
LAST_ZOOM = 22


def to_mercator(shapes):
    """Shapes in EPSG:4326 (one or an array) in metres of EPSG:3857."""
    return shapely.transform(shapes, _forward)


def _forward(points: numpy.ndarray) -> numpy.ndarray:
    north = numpy.clip(points[:, 1], -EDGE, EDGE)
    return numpy.column_stack((numpy.radians(points[:, 0]) * RADIUS, numpy.arctanh(numpy.sin(numpy.radians(north))) * RADIUS))


def to_degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a point in EPSG:3857."""
    return degrees(x / RADIUS), degrees(2 * atan(exp(y / RADIUS)) - pi / 2)


@dataclass(frozen=True)
class Box:
    """A box in EPSG:3857."""

    west: float
    south: float
    east: float
    north: float

    def wider(self, by: float) -> Box:
        return Box(self.west - by, self.south - by, self.east + by, self.north + by)

    @property
    def degrees(self) -> Box:
        """The same box in EPSG:4326."""
        return Box(*to_degrees(self.west, self.south), *to_degrees(self.east, self.north))


def unit_of(zoom: int) -> float:
    """Metres (of EPSG:3857) between two neighbouring positions of a tile of ``zoom``."""
    return 2 * HALF / 2**zoom / EXTENT


def box_of(zoom: int, x: int, y: int) -> Box:
    """The box of a tile, without its buffer. Raises ValueError where there is no such tile."""
    if not (0 <= zoom <= LAST_ZOOM and 0 <= x < 2**zoom and 0 <= y < 2**zoom):
        raise ValueError(f"there is no tile {zoom}/{x}/{y}")
    side = 2 * HALF / 2**zoom
    return Box(-HALF + x * side, HALF - (y + 1) * side, -HALF + (x + 1) * side, HALF - y * side)
