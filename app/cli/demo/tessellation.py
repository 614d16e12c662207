"""From lines to blocks that fit: faces of an arrangement, joined along whole edges, so that nothing gaps or overlaps."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

GRID = 1e-6  # degrees, about a tenth of a metre: what six decimals can say
_NEAR = 2e-5  # degrees: how far the middle of an edge may lie from the street it runs along
_FRONT = 1.5e-4  # degrees, some 16 m: a shorter front is a corner, not a front

Edge = tuple[tuple[float, float], tuple[float, float]]


@dataclass
class Mosaic:
    """Faces by number. ``polygons`` are simple, share exact vertices and partition the plane they cover.

    ``parents`` says which territory a face is in, ``borders`` how long (degrees) an edge two faces share, ``marks``
    what the caller wants remembered of a face. Joining faces forgets the numbers of those absorbed.
    """

    polygons: dict[int, Polygon]
    borders: dict[int, dict[int, float]]
    parents: dict[int, int] = field(default_factory=dict)
    marks: dict[int, StrEnum] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[BaseGeometry]) -> Mosaic:
        """The faces closed by lines (EPSG:4326); loose ends are dropped."""
        noded = shapely.union_all(list(lines), grid_size=GRID)
        found = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
        # Snap rounding leaves k * 1e-6 with the last bit astray; the same rounding for each keeps shared vertices shared.
        rounded = [shapely.transform(face, lambda spots: spots.round(6)) for face in found]
        rounded.sort(key=lambda face: (-face.bounds[3], face.bounds[0], face.area))
        polygons = dict(enumerate(rounded))
        owners: dict[Edge, list[int]] = defaultdict(list)
        for number, face in polygons.items():
            for edge in _edges(face):
                owners[edge].append(number)
        borders: dict[int, dict[int, float]] = {number: {} for number in polygons}
        for edge, pair in owners.items():
            if len(pair) == 2:
                one, other = pair
                borders[one][other] = borders[one].get(other, 0) + math.dist(*edge)
                borders[other][one] = borders[one][other]
        return cls(polygons, borders)

    def assign(self, shapes: list[BaseGeometry]) -> None:
        """Give each face the number of the shape it lies in, or is nearest to."""
        tree = shapely.STRtree(shapes)
        for number, face in self.polygons.items():
            self.parents[number] = int(tree.nearest(face.representative_point()))

    def faces_by_parent(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for face in sorted(self.polygons):
            found[self.parents[face]].append(face)
        return found

    def absorb_slivers(self, least: Mapping[int, float]) -> None:
        """Join each face smaller than ``least`` of its parent (square degrees), or thin as a blade, to the neighbour
        it shares most with, in the same parent where there is one."""
        heap = [(face.area, number) for number, face in self.polygons.items()]
        heapq.heapify(heap)
        while heap:
            area, number = heapq.heappop(heap)
            face = self.polygons.get(number)
            if face is None or face.area != area:
                continue
            wanted = least[self.parents[number]]
            thin = 4 * math.pi * area / face.length**2 < 0.28 and area < 2.2 * wanted
            if area >= wanted and not thin:
                continue
            into = self._best_neighbour(number)
            if into is None:
                continue
            self.join(into, number)
            heapq.heappush(heap, (self.polygons[into].area, into))

    def _best_neighbour(self, number: int) -> int | None:
        around = self.borders[number]
        if not around:
            return None
        return max(around, key=lambda other: (self.parents[other] == self.parents[number], around[other], -other))

    def join(self, into: int, gone: int) -> None:
        """Make ``gone`` part of ``into``, its neighbour."""
        self.polygons[into] = shapely.coverage_union_all([self.polygons[into], self.polygons.pop(gone)])
        for other, length in self.borders.pop(gone).items():
            del self.borders[other][gone]
            if other != into:
                self.borders[into][other] = self.borders[other][into] = self.borders[into].get(other, 0) + length
        self.marks.pop(gone, None)

    def mark_at(self, spot: BaseGeometry, mark: StrEnum) -> None:
        """Mark the face that covers ``spot``, if one does."""
        for number, face in self.polygons.items():
            if face.covers(spot):
                self.marks[number] = mark
                return

    def swallow_neighbours(self, face: int, count: int) -> None:
        """Join ``face`` with up to ``count`` unmarked neighbours of its parent, as long as the whole stays compact."""
        for _ in range(count):
            around = {}
            for other in sorted(self.borders[face]):
                if self.parents[other] == self.parents[face] and other not in self.marks:
                    whole = shapely.MultiPolygon([self.polygons[face], self.polygons[other]])
                    around[other] = whole.area / whole.convex_hull.area
            if around and max(around.values()) > 0.86:
                self.join(face, max(around, key=lambda other: (around[other], -other)))

    def connect_parents(self) -> None:
        """Give a face cut off from the rest of its parent to the parent it touches most."""
        for faces in self.faces_by_parent().values():
            for part in self._parts(faces)[1:]:
                for face in part:
                    self.parents[face] = self._parent_beside(face, set(part))

    def _parent_beside(self, face: int, part: set[int]) -> int:
        shares: dict[int, float] = defaultdict(float)
        for other, length in self.borders[face].items():
            if other not in part:
                shares[self.parents[other]] += length
        return max(shares, key=lambda parent: (shares[parent], -parent)) if shares else self.parents[face]

    def _parts(self, faces: list[int]) -> list[list[int]]:
        """Connected groups, the largest first."""
        left, found = set(faces), []
        for start in faces:
            if start not in left:
                continue
            left.discard(start)
            part, edge = [start], [start]
            while edge:
                for other in sorted(self.borders[edge.pop()]):
                    if other in left:
                        left.discard(other)
                        part.append(other)
                        edge.append(other)
            found.append(part)
        return sorted(found, key=len, reverse=True)

    def gather(self, faces: list[int], count: int) -> list[list[int]]:
        """``count`` connected groups of about as many faces each, in reading order, as are the faces of each."""
        centres = {face: self.polygons[face].centroid.coords[0] for face in faces}
        groups = self._halve(faces, count, centres)
        home = {face: number for number, group in enumerate(groups) for face in group}
        for number in range(len(groups)):
            for part in self._parts([face for face in faces if home[face] == number])[1:]:
                for face in part:
                    beside = {home[other]: length for other, length in self.borders[face].items() if home.get(other, number) != number}
                    if beside:
                        home[face] = max(beside, key=lambda group: (beside[group], -group))
        gathered = [[face for face in faces if home[face] == number] for number in range(len(groups))]
        kept = [sorted(group, key=lambda face: (-round(centres[face][1], 3), centres[face][0])) for group in gathered if group]
        return sorted(kept, key=lambda group: -sum(centres[face][1] for face in group) / len(group))

    def _halve(self, faces: list[int], count: int, centres: Mapping[int, tuple[float, float]]) -> list[list[int]]:
        if count == 1 or len(faces) < 2:
            return [faces]
        spots = [centres[face] for face in faces]
        wide = max(x for x, _ in spots) - min(x for x, _ in spots)
        high = max(y for _, y in spots) - min(y for _, y in spots)
        ordered = sorted(faces, key=lambda face: (centres[face][0 if wide > high else 1], face))
        middle = max(1, len(faces) * (count // 2) // count)
        return self._halve(ordered[:middle], count // 2, centres) + self._halve(ordered[middle:], count - count // 2, centres)

    def fronts(self, lines: list[BaseGeometry]) -> dict[int, list[int]]:
        """For each face the numbers of the lines it fronts on, the longest front first."""
        tree = shapely.STRtree(lines)
        keys, lengths, middles = [], [], []
        for number, face in self.polygons.items():
            for (ax, ay), (bx, by) in _edges(face):
                keys.append(number)
                lengths.append(math.dist((ax, ay), (bx, by)))
                middles.append(((ax + bx) / 2, (ay + by) / 2))
        at, nearest = tree.query_nearest(shapely.points(middles), max_distance=_NEAR, all_matches=False)
        shares: dict[int, dict[int, float]] = {number: defaultdict(float) for number in self.polygons}
        for position, line in zip(at.tolist(), nearest.tolist(), strict=True):
            shares[keys[position]][line] += lengths[position]
        found = {}
        for number, share in shares.items():
            ordered = sorted(share, key=lambda line: (-share[line], line))
            found[number] = [line for line in ordered if share[line] > _FRONT] or ordered[:1]
        return found


def _edges(face: Polygon) -> Iterable[Edge]:
    for ring in (face.exterior, *face.interiors):
        for one, other in pairwise(ring.coords):
            yield (one, other) if one < other else (other, one)
