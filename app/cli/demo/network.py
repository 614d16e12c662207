"""The streets of the invented borough, as lines on a plane: metres east and north of its centre.

Nothing here is closed into blocks; :mod:`app.cli.demo.geography` does that, once, for the whole borough,
so that neighbours share the same vertices.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import shapely
import shapely.affinity
import shapely.ops
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

Spot = tuple[float, float]
Warp = Callable[[Spot], Spot]

OVERSHOOT = 2.0  # metres; a street that stops short of the one it meets would leave its block open


@dataclass(frozen=True)
class Street:
    """``line`` in plane metres (one or several pieces); ``rank`` 0 for what bounds territories, 1 for streets."""

    line: BaseGeometry
    rank: int
    key: int


@dataclass(frozen=True)
class Layout:
    """How a patch is laid out. ``depth`` and ``length`` of a block in metres, ``bend`` of its streets in metres."""

    depth: float
    length: float
    jitter: float
    bend: float
    broken: float
    missing: float


def outline(rng: Random, area: float) -> Polygon:
    """The boundary of a borough of about ``area`` square metres: a stretched blob with two straight sides."""
    waves = [(k, rng.uniform(-1, 1) * 0.17 / k**0.8, rng.uniform(0, math.tau)) for k in range(2, 9)]
    fine = [(k, rng.uniform(-1, 1) * 0.08 / k, rng.uniform(0, math.tau)) for k in (9, 13, 17, 23, 31, 40)]
    tilt = rng.uniform(-0.6, 0.6)
    ring = []
    for step in range(220):
        angle = math.tau * step / 220
        radius = 1 + sum(size * math.sin(k * angle + phase) for k, size, phase in waves)
        if math.sin(angle + tilt) > -0.2:
            radius += sum(size * math.sin(k * angle + phase) for k, size, phase in fine)
        ring.append((1.28 * radius * math.cos(angle), radius * math.sin(angle) * 0.86))
    blob = shapely.affinity.rotate(Polygon(ring).buffer(0), math.degrees(tilt), origin=(0, 0))
    for _ in range(2):
        blob = blob & _side(LineString(_far(rng.uniform(0, math.tau), 0.93, 4)), 8)
    scale = math.sqrt(area / blob.area)
    scaled = shapely.affinity.scale(blob, scale, scale, origin=(0, 0))
    centre = scaled.centroid
    return shapely.affinity.translate(scaled, -centre.x, -centre.y)


def _far(angle: float, distance: float, reach: float) -> list[Spot]:
    """Two points of the line at ``distance`` from the origin in the direction ``angle``."""
    x, y = distance * math.cos(angle), distance * math.sin(angle)
    along = (-math.sin(angle) * reach, math.cos(angle) * reach)
    return [(x - along[0], y - along[1]), (x + along[0], y + along[1])]


def _side(line: LineString, reach: float) -> Polygon:
    """What lies on the left of an open line that crosses everything within ``reach``."""
    (x1, y1), (x2, y2) = line.coords[0], line.coords[-1]
    size = math.hypot(x2 - x1, y2 - y1)
    across = (-(y2 - y1) / size * reach, (x2 - x1) / size * reach)
    return Polygon([*line.coords, (x2 + across[0], y2 + across[1]), (x1 + across[0], y1 + across[1])]).buffer(0)


def axis(shape: Polygon) -> tuple[float, float, float]:
    """Direction (radians) of the longer side of the box round ``shape``, and its two lengths in metres."""
    corners = list(shape.minimum_rotated_rectangle.exterior.coords)
    first, second = (math.dist(a, b) for a, b in list(pairwise(corners))[:2])
    (ax, ay), (bx, by) = (corners[0], corners[1]) if first >= second else (corners[1], corners[2])
    return math.atan2(by - ay, bx - ax), max(first, second), min(first, second)


def cut(shape: Polygon, share: float, rng: Random, wiggle: float) -> tuple[Polygon, Polygon, BaseGeometry]:
    """Two connected parts of ``shape``, the first with about ``share`` of the area, and the line between them.

    ``wiggle`` is how far the line strays, as a share of its length: 0.01 a railway, 0.06 a ravine.
    """
    for attempt in range(40):
        first, second, line = _try_cut(shape, share, rng, wiggle / (1 + attempt / 4))
        if first.geom_type == second.geom_type == "Polygon" and min(first.area, second.area) > 0.2 * shape.area * min(share, 1 - share):
            return first, second, line
    raise ValueError("no line cuts this shape in two")


def _try_cut(shape: Polygon, share: float, rng: Random, wiggle: float) -> tuple[BaseGeometry, BaseGeometry, BaseGeometry]:
    direction = axis(shape)[0] + rng.gauss(0, 0.16)
    centre, reach = shape.centroid, 3 * math.sqrt(shape.area) + shape.length
    ux, uy = math.cos(direction), math.sin(direction)

    def spot(along: float, away: float) -> Spot:
        return centre.x + ux * away - uy * along, centre.y + uy * away + ux * along

    size = math.sqrt(shape.area)
    waves = [(rng.uniform(0.5, 1) * wiggle * size / k, k * math.tau / (1.5 * size), rng.uniform(0, math.tau)) for k in (1, 2, 4, 9)]

    def strays(along: float) -> float:
        return sum(far * math.sin(turn * along + phase) for far, turn, phase in waves)

    low, high = -reach / 2, reach / 2
    for _ in range(14):
        middle = (low + high) / 2
        if (shape & _side(LineString([spot(-reach, middle), spot(reach, middle)]), reach)).area > share * shape.area:
            high = middle
        else:
            low = middle
    step = max(25.0, shape.length / 160)
    turns = [number * step for number in range(-round(0.4 * shape.length / step), round(0.4 * shape.length / step) + 1)]
    line = LineString([spot(along, middle + strays(along)) for along in (-reach, *turns, reach)])
    half = _side(line, reach)
    return _biggest(shape & half), _biggest(shape - half), line & shape.buffer(OVERSHOOT)


def _biggest(shape: BaseGeometry) -> BaseGeometry:
    """The one part that matters; a shape with a second part of weight is left as it is, for the caller to refuse."""
    parts = sorted(getattr(shape, "geoms", [shape]), key=lambda part: -part.area)
    return parts[0] if len(parts) == 1 or parts[1].area < 0.02 * parts[0].area else shape


def warp(rng: Random, bend: float, wavelength: float) -> Warp:
    """A smooth displacement of the plane of about ``bend`` metres. Bending more than a tenth of the wavelength would fold it."""
    waves = [
        (rng.uniform(0, math.tau), rng.uniform(0, math.tau), math.tau / wavelength / rng.uniform(0.7, 1.5), rng.uniform(0, math.tau))
        for _ in range(4)
    ]

    def bent(spot: Spot) -> Spot:
        x, y = spot
        for heading, push, turn, phase in waves:
            far = bend / 2 * math.sin(turn * (spot[0] * math.cos(heading) + spot[1] * math.sin(heading)) + phase)
            x, y = x + far * math.cos(push), y + far * math.sin(push)
        return x, y

    return bent


def grid(shape: Polygon, rng: Random, layout: Layout) -> list[list[list[Spot]]]:
    """The streets of a patch: each street is a list of pieces, each piece a list of spots, not yet clipped.

    Streets run along the longest side of the patch, as colonias are drawn from an avenue; ``broken`` is how often
    the cross streets of a row do not continue the last row's, ``missing`` how often one was never opened.
    """
    heading = _longest_side(shape) + rng.gauss(0, 0.03)
    ux, uy = math.cos(heading), math.sin(heading)
    middle = shape.centroid
    bent = warp(rng, layout.bend, 6 * layout.length)
    turned = [((x - middle.x) * ux + (y - middle.y) * uy, (y - middle.y) * ux - (x - middle.x) * uy) for x, y in shape.exterior.coords]
    # Twice the bend: what is drawn must reach the edge of the patch after it has been bent.
    west, east, south, north = (
        found + side * (2 * layout.bend + layout.depth) for at in (0, 1)
        for found, side in ((min(spot[at] for spot in turned), -1), (max(spot[at] for spot in turned), 1))
    )

    def put(u: float, v: float) -> Spot:
        return bent((middle.x + u * ux - v * uy, middle.y + u * uy + v * ux))

    def steps(low: float, high: float, size: float) -> list[float]:
        at, found = low + rng.uniform(0, size), []
        while at < high:
            found.append(at)
            at += size * rng.uniform(1 - layout.jitter, 1 + layout.jitter)
        return found

    def stops(low: float, high: float) -> list[float]:
        return _range(low, high, 35.0) if layout.bend > 1 else [low, high]

    rows = steps(south, north, layout.depth)
    streets = [[[put(u, v) for u in stops(west, east)]] for v in rows]
    crossings = steps(west, east, layout.length)
    pieces: dict[tuple[int, int], list[list[Spot]]] = {}
    generation = 0
    for low, high in pairwise(rows):
        if rng.random() < layout.broken:
            crossings, generation = steps(west, east, layout.length), generation + 1
        for number, u in enumerate(crossings):
            if rng.random() >= layout.missing:
                piece = [put(u, v) for v in stops(low - OVERSHOOT, high + OVERSHOOT)]
                pieces.setdefault((generation, number), []).append(piece)
    return streets + list(pieces.values())


def contours(shape: Polygon, rng: Random, summit: Spot, layout: Layout) -> list[list[list[Spot]]]:
    """The streets of a hillside: rings that follow the slope round ``summit`` and short climbs between them."""
    sway = [(k, rng.uniform(0.03, 0.09) / k, rng.uniform(0, math.tau)) for k in (2, 3, 5)]

    def put(radius: float, angle: float) -> Spot:
        far = radius * (1 + sum(size * math.sin(k * angle + phase) for k, size, phase in sway))
        return summit[0] + far * math.cos(angle), summit[1] + far * math.sin(angle)

    reach = max(math.dist(summit, corner) for corner in shape.exterior.coords) * 1.3
    radius, radii = layout.depth * 1.6, []
    while radius < reach:
        radii.append(radius)
        radius += layout.depth * rng.uniform(0.85, 1.2)
    streets = []
    for ring in radii:
        turns = max(24, int(math.tau * ring / 30))
        streets.append([[put(ring, math.tau * step / turns) for step in range(turns + 1)]])
    for low, high in pairwise(radii):
        climbs = max(3, round(math.tau * low / layout.length))
        start = rng.uniform(0, math.tau)
        for climb in range(climbs):
            if rng.random() < layout.missing:
                continue
            angle = start + math.tau * (climb + rng.uniform(-0.15, 0.15)) / climbs
            lean = rng.uniform(-0.2, 0.2) * layout.depth / low
            stops = ((low - 2 * OVERSHOOT, angle), ((low + high) / 2, angle + lean), (high + 2 * OVERSHOOT, angle + lean))
            streets.append([[put(*stop) for stop in stops]])
    return streets


def clip(street: list[list[Spot]], shape: Polygon) -> BaseGeometry | None:
    """The part of a street inside ``shape``, or None."""
    inside = shapely.MultiLineString(street).intersection(shape)
    lines = [part for part in getattr(inside, "geoms", [inside]) if part.geom_type == "LineString" and part.length > 4 * OVERSHOOT]
    return shapely.MultiLineString(lines) if lines else None


def _longest_side(shape: Polygon) -> float:
    corners = list(shape.simplify(25).exterior.coords)
    (ax, ay), (bx, by) = max(pairwise(corners), key=lambda side: math.dist(*side))
    return math.atan2(by - ay, bx - ax)


def _range(low: float, high: float, step: float) -> list[float]:
    count = max(1, math.ceil((high - low) / step))
    return [low + (high - low) * number / count for number in range(count + 1)]


def within(spot: Spot, distance: float, shape: Polygon) -> bool:
    return Point(spot).distance(shape) <= distance
