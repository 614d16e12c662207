"""A selection as pages show it, saved or still being made: its rows, its map, what moves when a weight does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from models import PrioritySelection
from models.priority import Place
from territories.layers import legend
from territories.layers.classes import Class, class_of, classify
from territories.layers.registry import Breaks, Style
from territories.priorities.queries import Member
from territories.priorities.ranking import Move, Ranked
from territories.units import map as drawn

STYLE = Style("warm", by="score", breaks=Breaks.QUANTILES, classes=5)


@dataclass(frozen=True)
class Row:
    """A unit. ``parts``: for each criterion ``{code, value, need, points}``; ``entry`` is how its class is drawn."""

    code: str
    name: str
    place: Place
    rank: int | None
    score: float | None
    parts: Sequence[Mapping[str, Any]]
    entry: legend.Entry
    path: str
    spot: tuple[int, int] | None

    @property
    def chosen(self) -> bool:
        return self.place is Place.CHOSEN


@dataclass(frozen=True)
class Board:
    """``recipe`` as it is kept; ``rows`` in their order; ``moves`` those of each weight; ``view_box`` None without a map."""

    recipe: Mapping[str, Any]
    rows: list[Row]
    moves: Sequence[Mapping[str, Any]]
    view_box: str | None
    classes: Sequence[Class]

    @property
    def ranked(self) -> list[Row]:
        return [row for row in self.rows if row.rank is not None]

    @property
    def chosen(self) -> list[Row]:
        return [row for row in self.rows if row.chosen]

    @property
    def behind(self) -> list[Row]:
        return [row for row in self.rows if row.place is Place.BEHIND]

    @property
    def unranked(self) -> dict[Place, list[Row]]:
        """Those without data and those outside, in that order; only where there are some."""
        found = {place: [row for row in self.rows if row.place is place] for place in (Place.NO_DATA, Place.OUTSIDE)}
        return {place: rows for place, rows in found.items() if rows}

    @property
    def tied(self) -> bool:
        """Whether the last chosen and the first left behind have the same score: the order of codes decided."""
        return bool(self.chosen and self.behind) and self.chosen[-1].score == self.behind[0].score

    @property
    def names(self) -> dict[str, str]:
        return {row.code: row.name for row in self.rows}

    @property
    def legend(self) -> list[legend.Entry]:
        return legend.shown(legend.entries(self.classes))

    @property
    def tiles(self) -> list[legend.Tile]:
        return legend.tiles(self.classes)


def of_ranked(recipe: Mapping[str, Any], found: Sequence[Ranked], moves: Sequence[Move], outlines: Mapping[int, bytes]) -> Board:
    rows = [
        (one.unit.code, one.unit.name, one.place, one.rank, one.score, [asdict(part) for part in one.parts], outlines.get(one.unit.id))
        for one in found
    ]
    return _board(recipe, rows, [asdict(one) for one in moves])


def of_saved(selection: PrioritySelection, members: Sequence[Member]) -> Board:
    rows = [
        (one.code, one.kept.name, one.kept.place, one.kept.rank, one.kept.score, one.kept.parts, one.outline) for one in members
    ]
    return _board(selection.recipe, rows, selection.sensitivity)


def _board(recipe: Mapping[str, Any], rows: Sequence[tuple], moves: Sequence[Mapping[str, Any]]) -> Board:
    drawing = drawn.draw([row[-1] for row in rows])
    classes = classify([row[4] for row in rows], STYLE)
    entries = legend.entries(classes)
    paths = drawing.paths if drawing else [""] * len(rows)
    spots = drawing.spots if drawing else [None] * len(rows)
    return Board(
        recipe,
        [
            Row(*row[:-1], entries[class_of(row[4], classes)], path, spot)
            for row, path, spot in zip(rows, paths, spots, strict=True)
        ],
        moves, drawing.view_box if drawing else None, classes,
    )
