"""A walk drawn: its blocks numbered as they are walked, the line between them, and what lies around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from territories.units import map as drawn
from territories.walks.worth import Walk

# How much of the surroundings is drawn, in degrees: about a block on each side.
AROUND = 0.0009


@dataclass(frozen=True)
class Sketch:
    """``paths`` and ``spots`` follow ``walk.blocks``; ``beside`` is the path data of the blocks around."""

    walk: Walk
    view_box: str
    paths: tuple[str, ...]
    spots: tuple[tuple[int, int] | None, ...]
    beside: tuple[str, ...]

    @property
    def line(self) -> str:
        """The way from block to block as the points of a polyline."""
        return " ".join(f"{x},{y}" for x, y in (spot for spot in self.spots if spot))


def sketch(walk: Walk, surroundings: Sequence[tuple[int, bytes]]) -> Sketch | None:
    """``surroundings``: (id, WKB) of blocks near and far, of which the near ones are drawn. None without a shape."""
    own = {block.id for block in walk.blocks}
    middle = shapely.box(*shapely.total_bounds(shapely.from_wkb([block.outline for block in walk.blocks])))
    others = shapely.from_wkb([outline for unit_id, outline in surroundings if unit_id not in own])
    beside = shapely.intersection(others, shapely.box(*shapely.buffer(middle, AROUND).bounds)) if len(others) else others
    kept = shapely.to_wkb(beside[~shapely.is_empty(beside)]).tolist() if len(others) else []
    drawing = drawn.draw([*(block.outline for block in walk.blocks), *kept])
    if drawing is None:
        return None
    count = len(walk.blocks)
    return Sketch(walk, drawing.view_box, drawing.paths[:count], drawing.spots[:count], drawing.paths[count:])
