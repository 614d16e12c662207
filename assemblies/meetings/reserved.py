"""How many sensitive problems a territory may show (DOMAIN.md 7, docs/adr/0009).

A running total told again and again gives each addition away: two minutes a week apart, subtracted,
say what one street fears. So the total only moves when a month closes, and only by a step that holds
at least five problems of at least three assemblies; what is short of a step waits for the next month.
A month is that of the sealing of the minutes, because nothing joins an assembly once they are sealed:
a total that was told is never told differently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from models import Ancestry, Level, Minutes, Problem, TerritorialUnit, Theme
from models.settings import setting
from models.territory import LevelRole

SMALLEST_STEP = 5
FEWEST_ASSEMBLIES = 3


@dataclass(frozen=True)
class Counted:
    """Problems of a sensitive theme in a territory, in all its assemblies, as last told."""

    unit_id: int
    theme_id: int
    count: int


def told(monthly: Iterable[Iterable[int]]) -> int:
    """The total that may be told after these closed months, oldest first; each holds the count of each of
    its assemblies that raised any. Pure."""
    total, waiting = 0, []
    for month in monthly:
        waiting += month
        if sum(waiting) >= SMALLEST_STEP and len(waiting) >= FEWEST_ASSEMBLIES:
            total += sum(waiting)
            waiting = []
    return total


def published(session: Session, now: datetime, *, territory_id: int | None = None) -> list[Counted]:
    """What each territory (or one) may show of each sensitive theme, from the months closed before ``now``.

    A theme without a step yet is absent, whether it has no problem or a few. One query and the setting.
    """
    zone = ZoneInfo(setting(session, "time_zone"))
    opening = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    query = (
        select(Ancestry.ancestor_id, Problem.theme_id, Minutes.sealed_at, func.count(Problem.id))
        .join(Theme, Theme.id == Problem.theme_id).join(Minutes, Minutes.assembly_id == Problem.assembly_id)
        .join(Ancestry, Ancestry.unit_id == Problem.unit_id)
        # Territories alone: a total of more than one, less what each tells, would be what they withhold.
        .join(TerritorialUnit, TerritorialUnit.id == Ancestry.ancestor_id)
        .join(Level, and_(Level.id == TerritorialUnit.level_id, Level.role == LevelRole.TERRITORY))
        .where(Theme.sensitive.is_(True), Minutes.sealed_at < opening)
        .group_by(Ancestry.ancestor_id, Problem.theme_id, Problem.assembly_id, Minutes.sealed_at)
        .order_by(Ancestry.ancestor_id, Problem.theme_id, Minutes.sealed_at, Problem.assembly_id)
    )
    if territory_id is not None:
        query = query.where(Ancestry.ancestor_id == territory_id)
    months: dict[tuple[int, int], dict[tuple[int, int], list[int]]] = {}
    for unit_id, theme_id, sealed_at, count in session.execute(query):
        sealed = sealed_at.astimezone(zone)
        months.setdefault((unit_id, theme_id), {}).setdefault((sealed.year, sealed.month), []).append(count)
    counted = [Counted(*key, told(by_month.values())) for key, by_month in months.items()]
    return [one for one in counted if one.count]
