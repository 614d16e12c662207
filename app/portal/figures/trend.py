"""Months as columns of an SVG: no script, and the numbers are in the table under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 260
LEFT, BOTTOM, TOP = 62, 38, 18
_STEPS = (1, 2, 3, 4, 5, 6, 8)


@dataclass(frozen=True)
class Column:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Trend:
    """``columns`` one for each value; ``top`` the round number the highest line stands for, at ``TOP``."""

    columns: tuple[Column, ...]
    top: int

    width, height, left, bottom, highest = WIDTH, HEIGHT, LEFT, HEIGHT - BOTTOM, TOP

    def middle(self, number: int) -> float:
        """Where the label of the n-th column goes."""
        column = self.columns[number]
        return round(column.x + column.width / 2, 1)


def trend(values: Sequence[int]) -> Trend:
    """Columns from zero: half of one is half as high."""
    top = _round_up(max(values, default=0))
    room, step = HEIGHT - BOTTOM - TOP, (WIDTH - LEFT) / max(1, len(values))
    columns = []
    for number, value in enumerate(values):
        height = round(room * value / top, 1)
        left, top_edge = round(LEFT + number * step + step * 0.12, 1), round(HEIGHT - BOTTOM - height, 1)
        columns.append(Column(left, top_edge, round(step * 0.76, 1), height))
    return Trend(tuple(columns), top)


def _round_up(value: int) -> int:
    """The first round number that is not below ``value``."""
    scale = 1
    while True:
        for step in _STEPS:
            if step * scale >= value:
                return step * scale
        scale *= 10
