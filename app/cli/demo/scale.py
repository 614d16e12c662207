"""How much of a borough a demo tells: how many places, for how long, by how many people, and written how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.cli.demo.geography import SIZES, Size

A_YEAR = timedelta(days=390)


@dataclass(frozen=True)
class Scale:
    """``founded`` None is ``A_YEAR`` before the day of the demo. ``officials`` and ``promoters`` per territory,
    as a mean.

    ``again`` is how often a block meets a second time, ``imported`` how many agreements each
    territory brings from before.
    ``bulk`` writes rows many at a time instead of living each act through the services; ``pictures`` of each subject
    are seen again and again (None: each photo is its own).
    """

    size: Size
    founded: date | None = None
    bulk: bool = False
    again: float = 0.16
    imported: float = 1
    officials: float = 2
    promoters: float = 3
    pictures: int | None = None

    def first_day(self, today: date) -> date:
        return self.founded or today - A_YEAR


SCALES = {
    "small": Scale(SIZES["small"]),
    "full": Scale(
        SIZES["full"], founded=date(2018, 12, 3), bulk=True, again=0.3, imported=4, officials=280 / 130, promoters=1000 / 130, pictures=3,
    ),
}


def dealt(mean: float, turn: int) -> int:
    """How many fall to number ``turn`` (from 0) so that so many fall to each on average."""
    return round(mean * (turn + 1)) - round(mean * turn)


def scale_of(size: Scale | Size | str) -> Scale:
    """A scale by its name, or the usual one of a size."""
    if isinstance(size, str):
        return SCALES[size]
    return size if isinstance(size, Scale) else Scale(size)
