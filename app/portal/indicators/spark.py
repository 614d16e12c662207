"""A line of how a value went, small enough for a row of a table; the words beside it say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, MARGIN = 120, 28, 3


@dataclass(frozen=True)
class Spark:
    """``lines`` are the stretches without a gap, ``dots`` the values alone between two gaps, ``last`` where it ends."""

    lines: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    last: tuple[float, float]

    width, height = WIDTH, HEIGHT


def spark(points: Sequence[tuple[date, float | None]], days: Sequence[date]) -> Spark | None:
    """The line of ``points`` over ``days``, all the periods there are, in order; None where two values are not known.

    It goes from the least to the greatest of its own values: its shape is its own, and no two lines are to be compared.
    """
    values = {day: value for day, value in points if value is not None}
    if len(values) < 2:
        return None
    low, high = min(values.values()), max(values.values())
    step, room = (WIDTH - 2 * MARGIN) / max(1, len(days) - 1), HEIGHT - 2 * MARGIN
    places = [
        (round(MARGIN + step * number, 1), round(HEIGHT - MARGIN - room * ((values[day] - low) / (high - low) if high > low else 0.5), 1))
        if day in values else None
        for number, day in enumerate(days)
    ]
    lines, dots, run = [], [], []
    for place in (*places, None):
        if place is not None:
            run.append(place)
            continue
        if len(run) > 1:
            lines.append("M" + "L".join(f"{x:g} {y:g}" for x, y in run))
        dots += run if len(run) == 1 else []
        run = []
    return Spark(tuple(lines), tuple(dots), next(place for place in reversed(places) if place is not None))
