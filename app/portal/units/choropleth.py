"""The two maps of a unit: how many of its blocks met, and how many of its agreements were kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from agendas.agreements.share import Shares
from app.core.i18n import lazy
from models.territory import LevelRole
from territories.layers import legend
from territories.layers.classes import Class, class_of, classify
from territories.layers.styles import MET, SHARE
from territories.units import map as drawn
from territories.units.queries import Below, Child, whole_percent


class Measure(StrEnum):
    """What the map shows; the first when nobody chooses."""

    COVERAGE = "coverage"
    KEPT = "kept"


NOTHING = {Measure.COVERAGE: lazy("sin cuadras registradas"), Measure.KEPT: lazy("ningún acuerdo que medir")}


@dataclass(frozen=True)
class Area:
    """A unit on the map: ``part`` of ``of`` (blocks that met, or agreements kept), as whole per cent (None
    without data) as its own page rounds it, and how the class it falls into is drawn."""

    code: str
    name: str
    role: LevelRole
    part: int
    of: int
    percent: int | None
    entry: legend.Entry
    path: str
    spot: tuple[int, int] | None


@dataclass(frozen=True)
class Choropleth:
    """Units side by side by one measure. ``view_box`` is None where nothing is drawn; ``more`` when not all are here.
    ``only_blocks``: a block met or did not, so that coverage of blocks alone is yes or no."""

    measure: Measure
    areas: list[Area]
    view_box: str | None
    width: int
    more: bool
    only_blocks: bool
    classes: Sequence[Class]

    @property
    def legend(self) -> list[legend.Entry]:
        """All classes: what nothing falls into today may hold something tomorrow."""
        rows = legend.entries(self.classes)
        return legend.shown(rows) if self.only_blocks else rows

    @property
    def tiles(self) -> list[legend.Tile]:
        return legend.tiles(self.classes)


def choropleth(below: Below, measure: Measure, shares: Mapping[int, Shares], *, width: int = drawn.WIDTH) -> Choropleth:
    """The map of the units of ``below``; ``shares`` by unit id where the measure is what was kept.

    Kept is measured by the first date promised, as the figures beside it are.
    """
    children = below.children
    drawing = drawn.draw([child.outline for child in children], width=width) if not below.more else None
    paths = drawing.paths if drawing else [""] * len(children)
    spots = drawing.spots if drawing else [None] * len(children)
    parts = [_parts(child, measure, shares) for child in children]
    only_blocks = measure is Measure.COVERAGE and all(child.role is LevelRole.BLOCK for child in children)
    values = [bool(part) if only_blocks and of else whole_percent(part, of) for part, of, _percent in parts]
    style = MET if only_blocks else SHARE
    classes = classify(values, replace(style, words={**style.words, None: NOTHING[measure]}))
    entries = legend.entries(classes)
    areas = [
        Area(child.code, child.name, child.role, *figures, entries[class_of(value, classes)], path, spot)
        for child, figures, value, path, spot in zip(children, parts, values, paths, spots, strict=True)
    ]
    return Choropleth(measure, areas, drawing.view_box if drawing else None, width, below.more, only_blocks, classes)


def _parts(child: Child, measure: Measure, shares: Mapping[int, Shares]) -> tuple[int, int, int | None]:
    if measure is Measure.COVERAGE:
        return child.coverage.met, child.coverage.of, child.coverage.percent if child.coverage.of else None
    share = shares.get(child.id, Shares()).first
    return share.kept, share.of, share.percent
