"""A drawn map of what a change or an import does to units: by colour and by pattern, the borders that were dashed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.core.i18n import lazy
from territories.layers import legend
from territories.layers.classes import class_of, classify
from territories.layers.registry import Breaks, Style
from territories.units import map as drawn
from territories.units.reshape.plan import Act, Consequences
from territories.units.services import outline_of

# Beyond this many shapes each class is one path, without a name for each.
NAMED = 400


class What(StrEnum):
    """What becomes of the ground of a unit, in the order of the legend."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MISSING = "missing"
    REJECTED = "rejected"


UPWARDS = (What.UNCHANGED, What.MISSING, What.CHANGED, What.NEW, What.REJECTED)
WORDS = {
    What.NEW: lazy("nuevas"), What.CHANGED: lazy("con otro límite"), What.UNCHANGED: lazy("vecinas, sin cambios"),
    What.MISSING: lazy("se retiran"), What.REJECTED: lazy("rechazadas"),
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """A unit to draw: ``outline`` is WKB, EPSG:4326, or None for one without; ``label`` is written inside it where it fits."""

    what: What
    outline: bytes | None
    title: str = ""
    label: str = ""


@dataclass(frozen=True)
class Picture:
    """``shapes`` are (entry of the legend, path, title), ``before`` the paths of borders that were, ``behind`` those of
    what lies around, ``labels`` (x, y, text). ``count`` is how many shapes there are, also where they are drawn as one path
    for each class."""

    view_box: str
    shapes: tuple[tuple[legend.Entry, str, str], ...]
    before: tuple[str, ...]
    behind: tuple[str, ...]
    legend: tuple[legend.Entry, ...]
    tiles: tuple[legend.Tile, ...]
    labels: tuple[tuple[int, int, str], ...]
    count: int

    @property
    def dense(self) -> bool:
        return self.count > len(self.shapes)


def picture(
    shapes: Sequence[Shape], *, before: Sequence[bytes | None] = (), behind: Sequence[bytes | None] = (), words: Mapping[What, Any] = WORDS
) -> Picture | None:
    """One map of all of these; None when there is nothing to draw."""
    drawing = drawn.draw([*behind, *(one.outline for one in shapes), *before])
    if drawing is None:
        return None
    ours, spots = (each[len(behind) : len(behind) + len(shapes)] for each in (drawing.paths, drawing.spots))
    classes = classify([one.what for one in shapes], Style("changes", by="what", breaks=Breaks.CATEGORIES, words=words))
    entries = legend.entries(classes, prefix="change")
    # What comes is drawn over what it lies on.
    over = sorted((pair for pair in zip(shapes, ours, strict=True) if pair[1]), key=lambda pair: UPWARDS.index(pair[0].what))
    paths = [(entries[class_of(one.what, classes)], path, one.title) for one, path in over]
    if len(paths) > NAMED:
        merged: dict[int, str] = {}
        for entry, path, _title in paths:
            merged[entries.index(entry)] = merged.get(entries.index(entry), "") + path
        paths_drawn = tuple((entries[place], path, "") for place, path in merged.items())
    else:
        paths_drawn = tuple(paths)
    return Picture(
        drawing.view_box, paths_drawn, tuple(path for path in drawing.paths[len(behind) + len(shapes) :] if path),
        tuple(path for path in drawing.paths[: len(behind)] if path), tuple(one for one in entries if one.count),
        tuple(legend.tiles(classes, prefix="change")),
        tuple((*spot, one.label) for one, spot in zip(shapes, spots, strict=True) if one.label and spot), len(paths),
    )


def drawn_change(coming: Consequences) -> Picture | None:
    """What a draft does: its parts, what lies around, the borders that were."""
    draft = coming.draft
    shapes = [Shape(What.UNCHANGED, outline_of(one.shape), one.name) for one in coming.around.siblings if one.shape is not None]
    shapes += [
        Shape(What.CHANGED if part.unit_id else What.NEW, outline_of(part.shape), f"{part.code} {part.name}", part.code)
        for part in draft.parts
    ]
    if draft.act is Act.RETIRE:
        shapes += [Shape(What.MISSING, outline_of(one.shape), one.name) for one in draft.ended if one.shape is not None]
    return picture(shapes, before=[outline_of(one.shape) for one in draft.sources if one.shape is not None])
