"""The blocks of a territory grouped into walks of at most eight blocks and at most a kilometre and a half on foot.

The method is greedy, and the same blocks in the same order always give the same walks. On a plane in metres:

1. two blocks are *neighbours* when no more than ``STREET`` metres separate their edges (an STRtree finds them);
2. a walk begins at the block with the fewest neighbours left, so that corners are not left behind alone, and takes the
   neighbour that lengthens it least (cheapest insertion), again and again, while it stays within ``MOST`` and ``LONGEST``;
3. the blocks of a walk left with fewer than ``FEWEST`` go, one by one, to the walk within ``APART`` metres that they
   lengthen least, where one can take them;
4. the order of each walk is mended by exchanges of two steps until none shortens it (2-opt).

What is bounded: no walk exceeds ``MOST`` blocks or ``LONGEST`` metres, and each block is in exactly one. That there are
as few walks as could be is not promised: that is a capacitated clustering, NP-hard, and somebody wants to leave now.
Insertion alone gives paths at most twice the shortest (Rosenkrantz, Stearns and Lewis, 1977). Cost: the tree and, for
each block, its neighbours by the steps of one walk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import cos, dist, inf, radians

import numpy
import shapely

STREET = 60.0
APART = 300.0
FEWEST, MOST = 3, 8
LONGEST = 1_500.0
METRES_PER_DEGREE = 111_195.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Path:
    """``order``: positions of the blocks as they are walked. ``metres``: between their middles, in straight lines."""

    order: tuple[int, ...]
    metres: float


def in_metres(outlines: Sequence[bytes]) -> numpy.ndarray:
    """``outlines`` (WKB, EPSG:4326) on a local plane in metres: x shrunk by the cosine of the middle latitude.

    Over fifty kilometres it strays from a projected CRS by less than one part in two hundred, and here nothing longer
    than a kilometre and a half is measured.
    """
    shapes = shapely.from_wkb(list(outlines))
    if not len(shapes):
        return shapes
    west, south, _east, north = shapely.total_bounds(shapes)
    scale = numpy.array([METRES_PER_DEGREE * cos(radians((south + north) / 2)), METRES_PER_DEGREE])
    return shapely.transform(shapes, lambda points: (points - (west, south)) * scale)


def group(shapes: numpy.ndarray) -> list[Path]:
    """Walks over ``shapes`` (metres); each shape is in exactly one."""
    if not len(shapes):
        return []
    middles = [tuple(point) for point in shapely.get_coordinates(shapely.point_on_surface(shapes)).tolist()]
    walks = _grown(_within(STREET, shapes, range(len(shapes))), middles)
    small = [one for walk in walks if len(walk) < FEWEST for one in walk]
    _join(walks, _within(APART, shapes, small), middles)
    return [_mended(walk, middles) for walk in walks if walk]


def _within(metres: float, shapes: numpy.ndarray, of: Sequence[int]) -> dict[int, list[int]]:
    """For each position in ``of``, the others whose edges are no farther than ``metres``, in order."""
    asked = numpy.asarray(of, dtype=int)
    found: dict[int, list[int]] = {one: [] for one in asked.tolist()}
    if found:
        here, there = shapely.STRtree(shapes).query(shapes[asked], predicate="dwithin", distance=metres)
        for one, other in sorted(zip(asked[here].tolist(), there.tolist(), strict=True)):
            if one != other:
                found[one].append(other)
    return found


def _grown(near: dict[int, list[int]], middles: Sequence[Point]) -> list[list[int]]:
    free, left = set(near), {one: len(found) for one, found in near.items()}
    corners = [(count, one) for one, count in left.items()]
    heapify(corners)
    walks = []

    def take(one: int) -> None:
        free.discard(one)
        for other in near[one]:
            left[other] -= 1
            if other in free:
                heappush(corners, (left[other], other))

    while free:
        count, seed = heappop(corners)
        # What was pushed with an older count is skipped: the newer entry of the same block came out before it.
        if seed not in free or count != left[seed]:
            continue
        walk, length, around = [seed], 0.0, set(near[seed]) & free
        take(seed)
        while around and len(walk) < MOST:
            added, one, place = min(_cheapest(other, walk, middles) for other in around)
            if length + added > LONGEST:
                break
            walk.insert(place, one)
            length += added
            take(one)
            around = (around | set(near[one])) & free
        walks.append(walk)
    return walks


def _cheapest(one: int, walk: Sequence[int], middles: Sequence[Point]) -> tuple[float, int, int]:
    """(metres added, ``one``, where it goes) of the cheapest place for ``one`` in ``walk``."""
    point = middles[one]
    to = [dist(point, middles[other]) for other in walk]
    best = min((to[0], 0), (to[-1], len(walk)))
    for place in range(1, len(walk)):
        added = to[place - 1] + to[place] - dist(middles[walk[place - 1]], middles[walk[place]])
        best = min(best, (added, place))
    return best[0], one, best[1]


def _join(walks: list[list[int]], near: dict[int, list[int]], middles: Sequence[Point]) -> None:
    """Empty what small walks can be emptied, in place."""
    walk_of = {one: number for number, walk in enumerate(walks) for one in walk}
    for one, others in near.items():
        here = walk_of[one]
        if len(walks[here]) >= FEWEST:
            continue
        best = (inf, -1, -1)
        for number in sorted({walk_of[other] for other in others} - {here}):
            walk = walks[number]
            added, _one, place = _cheapest(one, walk, middles)
            if len(walk) < MOST and _length(walk, middles) + added <= LONGEST:
                best = min(best, (added, number, place))
        if best[1] >= 0:
            walks[here].remove(one)
            walks[best[1]].insert(best[2], one)
            walk_of[one] = best[1]


def _length(order: Iterable[int], middles: Sequence[Point]) -> float:
    points = [middles[one] for one in order]
    return sum(map(dist, points, points[1:]))


def _mended(walk: list[int], middles: Sequence[Point]) -> Path:
    """``walk`` in the order that no turning around of a part of it shortens, from the end that comes first."""
    order, metres = list(walk), _length(walk, middles)
    turned = True
    while turned:
        turned = False
        for start in range(len(order) - 1):
            for end in range(start + 2, len(order) + 1):
                other = order[:start] + order[start:end][::-1] + order[end:]
                length = _length(other, middles)
                if length < metres - 1e-6:
                    order, metres, turned = other, length, True
    return Path(tuple(order if order[0] <= order[-1] else order[::-1]), metres)
