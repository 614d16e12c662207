"""The map one taps: a window on the surroundings, drawn as an image of its own so that no script is needed.

An ``<input type="image">`` sends where it was tapped in pixels of the page; the window says which degrees those are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import shapely

from territories.places.queries import Neighbour, Surroundings
from territories.units.map import Fit, fit, path_of

# Widths the page shows it in: a phone's, a desk's. An image scaled by the browser would send other pixels.
WIDTHS = (320, 640)
CLOSEST = 5
# Room around the unit, as a share of its size: the street in front lies outside it.
_MARGIN = 0.2
# Pixels a name needs on each side of the middle of its block.
_ROOM = 16


@dataclass(frozen=True)
class Window:
    """What of the surroundings is shown: all at ``zoom`` 0, half as wide at each further step, around ``centre``."""

    zoom: int = 0
    centre: tuple[float, float] | None = None

    def bounds(self, around: Surroundings) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        shapes = [around.boundary] if around.boundary is not None else [one.shape for one in around.around]
        west, south, east, north = shapely.total_bounds(shapes) if shapes else (0.0, 0.0, 0.01, 0.01)
        x, y = self.centre if self.centre and self.zoom else ((west + east) / 2, (south + north) / 2)
        share = (0.5 + _MARGIN) / 2**self.zoom
        across, up = max(east - west, 1e-5) * share, max(north - south, 1e-5) * share
        return x - across, y - up, x + across, y + up

    def fit(self, around: Surroundings, width: int) -> Fit:
        return fit(self.bounds(around), width=width, max_height=width)


@dataclass(frozen=True)
class Shown:
    """A unit in the window: its path in pixels, and where its name fits, None where it does not."""

    unit: Neighbour
    path: str
    spot: tuple[int, int] | None


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    units: list[Shown]
    boundary: str
    pin: tuple[int, int] | None


def picture(around: Surroundings, window: Window, width: int, pin: tuple[float, float] | None) -> Picture:
    """The window ``width`` pixels wide, with a pin at a point in degrees."""
    here = window.fit(around, width)
    frame = shapely.box(*window.bounds(around))
    middle = here.pixels(shapely.get_coordinates(shapely.Point(pin)))[0].round().astype(int).tolist() if pin else None
    return Picture(
        here.width, here.height, list(_units(around, here, frame)),
        _outline(around.boundary, here) if around.boundary is not None else "", tuple(middle) if middle else None,
    )


def _units(around: Surroundings, here: Fit, frame: shapely.Geometry) -> Iterator[Shown]:
    for one in around.around:
        if not shapely.intersects(one.shape, frame):
            continue
        pixels = shapely.transform(one.shape, here.pixels)
        ring = shapely.maximum_inscribed_circle(shapely.clip_by_rect(pixels, 0, 0, here.width, here.height), tolerance=2)
        x, y = shapely.get_coordinates(ring)[0].round().astype(int).tolist() if not shapely.is_empty(ring) else (0, 0)
        yield Shown(one, path_of(shapely.simplify(pixels, 0.8)), (x, y) if shapely.length(ring) >= _ROOM else None)


def _outline(boundary: shapely.Geometry, here: Fit) -> str:
    return path_of(shapely.simplify(shapely.transform(boundary, here.pixels), 0.8))
