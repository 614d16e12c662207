"""Outlines drawn as SVG paths: small enough for a phone, the same for the same outlines.

Local equirectangular projection, true on the ellipsoid at the middle latitude: over a municipality it is off by less than a
pixel. Coordinates are whole pixels and each point is written relative to the one before, which is what keeps 293 units
under a few kilobytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, radians, sin

import numpy
import shapely

WIDTH = 800
MAX_HEIGHT = 900
MARGIN = 6
# Pixels a drawn line may stray from the true one; a phone shows the drawing at less than half size.
TOLERANCE = 0.8
# Rings smaller than this many square pixels are specks.
SMALLEST_RING = 3.0
# Height of the number of a unit's class, of a drawing as wide as ``WIDTH``.
LABEL = 30


@dataclass(frozen=True)
class Drawing:
    """``paths[n]`` is the path data of the n-th outline, "" where there was nothing to draw; ``spots[n]`` the pixel
    inside it where a label of ``LABEL`` pixels fits, None where none does."""

    width: int
    height: int
    paths: tuple[str, ...]
    spots: tuple[tuple[int, int] | None, ...]

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"


@dataclass(frozen=True)
class Fit:
    """Where degrees fall on a drawing of ``width`` by ``height`` pixels, and which degrees a pixel stands for. A pixel is
    ``metres`` of the ground wide and high, a degree ``across`` or ``up`` metres."""

    west: float
    north: float
    across: float
    up: float
    metres: float
    width: int
    height: int

    def pixels(self, points: numpy.ndarray) -> numpy.ndarray:
        """Pixels (n, 2), y downwards, of ``points`` (n, 2) in degrees of longitude and latitude."""
        x = (points[:, 0] - self.west) * self.across / self.metres + MARGIN
        y = (self.north - points[:, 1]) * self.up / self.metres + MARGIN
        return numpy.column_stack((x, y))

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Longitude and latitude of a pixel."""
        return self.west + (x - MARGIN) * self.metres / self.across, self.north - (y - MARGIN) * self.metres / self.up


def fit(
    bounds: Sequence[float], *, width: int = WIDTH, max_height: int = MAX_HEIGHT, scale: Callable[[float], float] = float
) -> Fit:
    """The largest drawing of ``bounds`` (west, south, east, north in degrees) within ``width`` and ``max_height`` pixels.

    ``scale`` takes the metres of a pixel to others, not fewer, that make a rounder scale.
    """
    west, south, east, north = bounds
    across, up = metres_of_a_degree((south + north) / 2)
    wide, high = max((east - west) * across, 1e-4), max((north - south) * up, 1e-4)
    metres = scale(max(wide / (width - 2 * MARGIN), high / (max_height - 2 * MARGIN)))
    return Fit(west, north, across, up, metres, round(wide / metres) + 2 * MARGIN, round(high / metres) + 2 * MARGIN)


def metres_of_a_degree(latitude: float) -> tuple[float, float]:
    """Metres of a degree of longitude and of one of latitude, on the WGS 84 ellipsoid at ``latitude`` (NIMA TR8350.2)."""
    semi_major, flatness = 6_378_137.0, 0.00669437999014
    curved = 1 - flatness * sin(radians(latitude)) ** 2
    return radians(semi_major * cos(radians(latitude)) / curved**0.5), radians(semi_major * (1 - flatness) / curved**1.5)


def draw(outlines: Sequence[bytes | None], *, width: int = WIDTH, tolerance: float = TOLERANCE) -> Drawing | None:
    """Fit ``outlines`` (WKB, EPSG:4326) into one drawing ``width`` pixels wide (narrower when they are tall).

    None when there is nothing to draw.
    """
    shapes = shapely.from_wkb([outline or None for outline in outlines])
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not drawn.any():
        return None
    here = fit(shapely.total_bounds(shapes[drawn]), width=width)
    pixels = shapely.simplify(shapely.transform(shapes[drawn], here.pixels), tolerance)
    drawings = iter(zip([path_of(shape) for shape in pixels], _spots(pixels, LABEL * width / WIDTH), strict=True))
    each = [next(drawings) if there else ("", None) for there in drawn]
    return Drawing(here.width, here.height, tuple(path for path, _spot in each), tuple(spot for _path, spot in each))


def _spots(shapes: numpy.ndarray, label: float) -> list[tuple[int, int] | None]:
    """The middle of the largest circle inside each shape, where it has room for a figure ``label`` pixels high."""
    radii = shapely.maximum_inscribed_circle(shapes, tolerance=2)
    middles = shapely.get_coordinates(shapely.get_point(radii, 0)).round().astype(int).tolist()
    return [(x, y) if room >= label * 0.6 else None for (x, y), room in zip(middles, shapely.length(radii), strict=True)]


def path_of(shape: shapely.Geometry) -> str:
    """The path data of polygons in pixels; "" for anything else."""
    rings = [
        ring
        for part in shapely.get_parts(shape)
        if shapely.get_type_id(part) == shapely.GeometryType.POLYGON
        for ring in (part.exterior, *part.interiors)
    ]
    kept = [ring for ring in rings if shapely.area(shapely.polygons(ring)) >= SMALLEST_RING] or rings[:1]
    return "".join(_ring(shapely.get_coordinates(ring)) for ring in kept)


def _ring(points: numpy.ndarray) -> str:
    """``M10 20l3-4 5 0z``: a minus sign separates by itself."""
    whole = numpy.rint(points[:-1]).astype(int)
    steps = numpy.diff(whole, axis=0)
    steps = steps[steps.any(axis=1)]
    moves = "".join(_pair(x, y) for x, y in steps.tolist()).lstrip()
    return f"M{whole[0][0]} {whole[0][1]}l{moves}z" if moves else f"M{whole[0][0]} {whole[0][1]}h1v1h-1z"


def _pair(x: int, y: int) -> str:
    return f"{'' if x < 0 else ' '}{x}{'' if y < 0 else ' '}{y}"
