"""Where shapes lie: which unit holds each, and which of them overlap. Shares are of area, on the ellipsoid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from territories.imports.equal_area import area_m2

# Two containers hold "the same share" within this: published borders never agree to the metre.
TIE = 0.01
# Over half outside its parent is refused (001-02).
MOST_OUTSIDE = 0.5
OVERLAP_M2 = 1.0
# A tenth of a shape is enough for its holder to be offered as the parent.
WORTH_NAMING = 0.1


@dataclass(frozen=True, slots=True)
class Container:
    """A unit that may be a parent."""

    code: str
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Place:
    """Where one shape belongs: `inside` is the share of its area in `parent`, None when nothing holds any of it.

    `candidates` are all the units a person could have chosen, the chosen one first, when there was a choice.
    `climbed` when no unit of the nearest level holds half of the shape.
    """

    parent: str | None
    inside: float
    candidates: tuple[str, ...] = ()
    climbed: bool = False

    @property
    def is_outside(self) -> bool:
        return 1 - self.inside > MOST_OUTSIDE


def place(
    shapes: Sequence[BaseGeometry],
    levels: Sequence[Sequence[Container]],
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Place]:
    """The parent of each shape: the largest overlap in the nearest level that holds half of it.

    `levels` run from the nearest to the root, since a level may be skipped. A tie takes the smallest container. A
    shape split among several, none with half, climbs to the level that holds it, with those as candidates.
    """
    shapes = np.asarray(shapes, dtype=object)
    places = [Place(None, 0.0)] * len(shapes)
    split: dict[int, tuple[str, ...]] = {}
    levels = [level for level in levels if level]
    waiting = np.arange(len(shapes))
    for depth, containers in enumerate(levels):
        if not len(waiting):
            break
        sizes = area_m2([container.shape for container in containers])
        unplaced = []
        for index, held in zip(waiting, _shares(shapes[waiting], containers, on_progress), strict=True):
            best = _best(held, containers, sizes)
            if best.is_outside:
                unplaced.append(index)
                by_share = sorted(held, key=lambda position: -held[position])
                split.setdefault(index, tuple(containers[at].code for at in by_share if held[at] >= WORTH_NAMING))
            elif depth > 0:
                others = best.candidates or (best.parent,)
                best = replace(best, climbed=True, candidates=(*others, *split[index]))
            if best.inside > places[index].inside:
                places[index] = best
        waiting = np.asarray(unplaced, dtype=int)
    return places


def share_inside(shape: BaseGeometry, container: BaseGeometry) -> float:
    """The share of the area of `shape` that lies in `container`, 0 to 1."""
    return _shares(np.asarray([shape], dtype=object), [Container("", container)])[0].get(0, 0.0)


def overlaps(shapes: Sequence[BaseGeometry]) -> list[tuple[int, int, float]]:
    """Pairs of positions whose shapes share over 1 m², with the area in m², the largest first."""
    shapes = np.asarray(shapes, dtype=object)
    if len(shapes) < 2:
        return []
    one, other = STRtree(shapes).query(shapes)
    one, other = one[one < other], other[one < other]
    # Neighbours that only touch are nearly all pairs, and cheaper to tell apart than to intersect.
    shapely.prepare(shapes)
    touching = shapely.touches(shapes[one], shapes[other])
    one, other = one[~touching], other[~touching]
    areas = area_m2(_intersection(shapes[one], shapes[other])) if len(one) else np.empty(0)
    found = [(int(a), int(b), float(area)) for a, b, area in zip(one, other, areas, strict=True) if area > OVERLAP_M2]
    return sorted(found, key=lambda pair: -pair[2])


def _best(held: dict[int, float], containers: Sequence[Container], sizes: np.ndarray) -> Place:
    if not held:
        return Place(None, 0.0)
    most = max(held.values())
    tied = sorted(
        (position for position, share in held.items() if share >= most - TIE),
        key=lambda position: (sizes[position], containers[position].code),
    )
    codes = tuple(containers[position].code for position in tied)
    return Place(codes[0], held[tied[0]], codes if len(codes) > 1 else ())


def _shares(
    shapes: np.ndarray,
    containers: Sequence[Container],
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[dict[int, float]]:
    """For each shape, {position of container: share of the shape's area inside it}."""
    held: list[dict[int, float]] = [{} for _ in shapes]
    areas, tree = area_m2(shapes), STRtree(shapes)
    for position, container in enumerate(containers):
        shapely.prepare(container.shape)
        near = tree.query(container.shape, predicate="intersects")
        whole = shapely.covers(container.shape, shapes[near])
        for index in near[whole]:
            held[index][position] = 1.0
        partly = near[~whole]
        if len(partly):
            common = area_m2(_intersection(container.shape, shapes[partly]))
            for index, area in zip(partly, common, strict=True):
                if area > 0:
                    held[index][position] = min(1.0, float(area / areas[index]))
        on_progress(position + 1, len(containers))
    return held


def _intersection(one, other):
    try:
        return shapely.intersection(one, other)
    except shapely.errors.GEOSException:
        # A shape drawn in our own editor years ago may be invalid; a share of it is still wanted.
        return shapely.intersection(shapely.make_valid(one), shapely.make_valid(other))
