"""The legend of a layer: the same rows for pages, for the styles of tiles and for paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from territories.layers.classes import Class, Holds
from territories.layers.palettes import CARD, INK, MISSING, PATTERNS, STONE, edge_on

# Whoever has no words for these in the data still needs them in the legend when something falls into them.
_WHEN_USED = (Holds.NO_DATA, Holds.REST)


@dataclass(frozen=True)
class Entry:
    """A row of the legend and how its class is drawn: its colour and, over it, the pattern called ``tile`` (None for none).
    ``line`` is the colour of its edge, ``number`` the place of an interval in the order, 0 for the lowest, None for what has
    no order."""

    holds: Holds
    label: Any
    count: int
    number: int | None
    colour: str
    tile: str | None
    line: str
    dashed: bool

    @property
    def fill(self) -> str:
        """For an SVG attribute. A browser that draws no pattern shows the colour."""
        return f"url(#{self.tile}) {self.colour}" if self.tile else self.colour

    @property
    def attributes(self) -> dict[str, str | None]:
        """Those of an SVG shape of this class: its edge is white where ink would disappear, dashed where nothing is known."""
        return {"fill": self.fill, "class": "map-missing" if self.dashed else "map-deep" if self.line == CARD else None}


@dataclass(frozen=True)
class Tile:
    """An SVG pattern: ``path`` in ``grain`` over a square of ``ground``."""

    id: str
    size: int
    path: str
    ground: str
    grain: str
    weight: float


def entries(classes: Sequence[Class], *, prefix: str = "map") -> list[Entry]:
    """One entry for each class, in their order; ``prefix`` is that of the ids of :func:`tiles`."""
    return [
        Entry(
            one.holds, one.label, one.count, place if one.holds is Holds.INTERVAL else None,
            one.colour, f"{prefix}-{place}" if PATTERNS[one.pattern].path else None,
            INK if one.missing else edge_on(one.colour), one.missing,
        )
        for place, one in enumerate(classes)
    ]


def shown(rows: Sequence[Entry]) -> list[Entry]:
    """The rows that a reader needs: no data and the rest only where something falls into them."""
    return [row for row in rows if row.count or row.holds not in _WHEN_USED]


def tiles(classes: Sequence[Class], *, prefix: str = "map") -> list[Tile]:
    """The patterns that the fills of :func:`entries` point to."""
    patterns = [(place, one, PATTERNS[one.pattern]) for place, one in enumerate(classes)]
    return [
        Tile(
            f"{prefix}-{place}", pattern.size, pattern.path, one.colour,
            STONE if pattern is MISSING else edge_on(one.colour), 1.5 if pattern is MISSING else 1,
        )
        for place, one, pattern in patterns
        if pattern.path
    ]


def as_json(classes: Sequence[Class]) -> list[dict[str, Any]]:
    """The legend for programs; a bound is null where there is none."""
    return [
        {
            "holds": str(one.holds), "lower": one.lower, "upper": one.upper, "label": str(one.label),
            "colour": one.colour, "pattern": one.pattern, "count": one.count,
        }
        for one in classes
    ]
