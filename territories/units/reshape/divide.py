"""Cutting one shape into several. Pure; shapes in EPSG:4326."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
import shapely
from shapely import LineString, MultiPolygon, STRtree
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from territories.imports.choosing import join

# Borders of children are followed by points this far apart, in degrees: about 4 m, half the width of a lane.
STEP = 0.00004
# Points a division is made of at most; a coarser step is taken for what is larger.
MOST_POINTS = 60_000
# Degrees: about a centimetre. On it the cells of Voronoi's diagram meet without cracks.
GRID = 1e-7


def by_line(shape: BaseGeometry, line: LineString) -> list[MultiPolygon]:
    """The pieces that ``line`` cuts ``shape`` into, from north to south; one when it does not cross it whole.

    A line that stops at a border, a hair inside, is carried on by a thousandth of its length at both ends. Islands that
    it leaves alone go with the nearest piece.
    """
    cut, alone = [], []
    longer = _longer(line)
    for part in getattr(shape, "geoms", [shape]):
        pieces = [piece for piece in split(part, longer).geoms if piece.area > 0]
        (cut if len(pieces) > 1 else alone).extend(pieces)
    if not cut:
        return [join([shape])]
    groups: list[list[BaseGeometry]] = [[piece] for piece in cut]
    for island in alone:
        groups[int(numpy.argmin(shapely.distance(numpy.asarray(cut, dtype=object), island)))].append(island)
    return sorted((join(group) for group in groups), key=lambda piece: -piece.representative_point().y)


def by_children(shape: BaseGeometry, children: Sequence[BaseGeometry], part_of: Sequence[int], parts: int) -> list[MultiPolygon]:
    """``shape`` in ``parts``: every point goes with the child nearest to it, ``part_of[n]`` being the part of the n-th.

    So the streets between blocks are shared out along their middle, and nothing is left over. Raises ValueError for a
    part without children.
    """
    if set(part_of) != set(range(parts)):
        raise ValueError("a part without children")
    edges = shapely.boundary(numpy.asarray(children, dtype=object))
    step = max(STEP, float(shapely.length(edges).sum()) / MOST_POINTS)
    points, owner = shapely.get_coordinates(shapely.segmentize(edges, step), return_index=True)
    # Points on a circle, as those of a grid of equal blocks are, give the diagram broken cells: none lies just where it was.
    points += numpy.random.default_rng(1).uniform(-step / 20, step / 20, points.shape)
    owner = numpy.asarray(part_of)[owner]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=shape))
    cells = shapely.make_valid(cells, method="structure", keep_collapsed=False)
    inside, at = STRtree(cells).query(shapely.points(points), predicate="intersects")
    belongs = numpy.zeros(len(cells), dtype=int)
    belongs[at] = owner[inside]
    divided, left = [], shape
    for part in range(parts - 1):
        ground = shapely.union_all(cells[belongs == part], grid_size=GRID)
        own = [child for child, number in zip(children, part_of, strict=True) if number == part]
        others = [child for child, number in zip(children, part_of, strict=True) if number != part]
        # A child wide enough to have its middle nearer to another's border is still whole in its own part.
        ground = shapely.difference(shapely.union_all([ground, *own]), shapely.union_all(others), grid_size=GRID)
        ground = shapely.intersection(ground, left, grid_size=GRID)
        divided.append(join(_areas(ground)))
        # The last part is what is left: two sides of one border drawn apart would leave cracks.
        left = shapely.difference(left, divided[-1], grid_size=GRID)
    return _whole([*divided, join(_areas(left))], children, part_of)


def _whole(parts: list[MultiPolygon], children: Sequence[BaseGeometry], part_of: Sequence[int]) -> list[MultiPolygon]:
    """``parts`` without crumbs: a piece in which no child of its part lies goes with the part it borders longest."""
    kept: list[list[BaseGeometry]] = [[] for _part in parts]
    crumbs: list[tuple[int, BaseGeometry]] = []
    for number, part in enumerate(parts):
        own = shapely.union_all([child for child, its in zip(children, part_of, strict=True) if its == number])
        for piece in part.geoms:
            if shapely.intersects(piece, own):
                kept[number].append(piece)
            else:
                crumbs.append((number, piece))
    for number, crumb in crumbs:
        edges = [shapely.length(shapely.intersection(crumb, shapely.union_all(pieces))) for pieces in kept]
        edges[number] = 0
        kept[int(numpy.argmax(edges)) if max(edges) > 0 else number].append(crumb)
    return [join(pieces) for pieces in kept]


def _areas(shape: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]


def _longer(line: LineString) -> LineString:
    points = shapely.get_coordinates(line)
    reach = max(line.length / 1000, 1e-7)
    head, tail = points[0] - points[1], points[-1] - points[-2]
    begin = points[0] + head / max(numpy.linalg.norm(head), 1e-12) * reach
    end = points[-1] + tail / max(numpy.linalg.norm(tail), 1e-12) * reach
    return LineString([begin, *points, end])
