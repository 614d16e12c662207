"""Who leads a territory after whom: terms that ended, one that ends this month, a territory that waits for its lead (001-45)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from app.cli.demo.diary import Story
from app.cli.demo.town import DAY, Neighbourhood, Town
from models.territory import LevelRole

if TYPE_CHECKING:
    from app.cli.demo.staff import Staff

VACANT = 20 * DAY


def last_days(town: Town) -> dict[str, date]:
    """The last day of each first lead whose term has one, by the code of the territory."""
    first_day, found = town.scale.first_day(town.today), {}
    territories = town.borough.at(LevelRole.TERRITORY)
    for turn, territory in enumerate(territories):
        if turn and turn == len(territories) - 1:
            found[territory.code] = town.today - VACANT
        elif turn % 4 == 1:
            part = town.draw("succession", territory.code).uniform(0.3, 0.85)
            found[territory.code] = first_day + round(part * (town.today - first_day).days) * DAY
        elif turn % 24 == 4:
            found[territory.code] = town.today.replace(day=monthrange(town.today.year, town.today.month)[1])
    return found


def of_all(town: Town, staff: Staff) -> Iterator[Story]:
    """What follows each term that ended: another lead, but for the last territory."""
    for code, last in last_days(town).items():
        if last < town.today:
            where = next(one for one in town.neighbourhoods if one.plan.code == code)
            yield _after(town, staff, where, last, followed=where is not town.neighbourhoods[-1])


def _after(town: Town, staff: Staff, where: Neighbourhood, last: date, *, followed: bool) -> Story:
    yield town.at(last + DAY, 8)
    where.lead = staff.succeed(where.unit, last + DAY) if followed else None
