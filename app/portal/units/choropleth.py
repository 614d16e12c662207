"""The two maps of a unit: how many of its blocks met, and how many of its agreements were kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agendas.agreements.share import Shares
from models.territory import LevelRole
from territories.units import map as drawn
from territories.units.queries import Below, Child, shade_of


class Measure(StrEnum):
    """What the map shows; the first when nobody chooses."""

    COVERAGE = "coverage"
    KEPT = "kept"


@dataclass(frozen=True)
class Area:
    """A unit on the map: ``part`` of ``of`` (blocks that met, or agreements kept), as whole per cent (None
    without data) as its own page rounds it, its class 0 to 5 or None."""

    code: str
    name: str
    role: LevelRole
    part: int
    of: int
    percent: int | None
    path: str
    spot: tuple[int, int] | None

    @property
    def shade(self) -> int | None:
        return shade_of(self.part, self.of)


@dataclass(frozen=True)
class Choropleth:
    """Units side by side by one measure. ``view_box`` is None where nothing is drawn; ``more`` when not all are here."""

    measure: Measure
    areas: list[Area]
    view_box: str | None
    width: int
    more: bool

    @property
    def only_blocks(self) -> bool:
        """A block met or did not: of blocks alone, coverage is yes or no."""
        return self.measure is Measure.COVERAGE and all(area.role is LevelRole.BLOCK for area in self.areas)


def choropleth(below: Below, measure: Measure, shares: Mapping[int, Shares], *, width: int = drawn.WIDTH) -> Choropleth:
    """The map of the units of ``below``; ``shares`` by unit id where the measure is what was kept.

    Kept is measured by the first date promised, as the figures beside it are.
    """
    children = below.children
    drawing = drawn.draw([child.outline for child in children], width=width) if not below.more else None
    paths = drawing.paths if drawing else [""] * len(children)
    spots = drawing.spots if drawing else [None] * len(children)
    areas = [
        Area(child.code, child.name, child.role, *_parts(child, measure, shares), path, spot)
        for child, path, spot in zip(children, paths, spots, strict=True)
    ]
    return Choropleth(measure, areas, drawing.view_box if drawing else None, width, below.more)


def _parts(child: Child, measure: Measure, shares: Mapping[int, Shares]) -> tuple[int, int, int | None]:
    if measure is Measure.COVERAGE:
        return child.coverage.met, child.coverage.of, child.coverage.percent if child.coverage.of else None
    share = shares.get(child.id, Shares()).first
    return share.kept, share.of, share.percent
