"""What the pages of indicators show: definitions, one indicator over the units of a level, where it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from app.portal.indicators.spark import Spark, spark
from models import Indicator, IndicatorValue, Level, TerritorialUnit
from models.territory import LevelRole
from territories.indicators.layers import style_of
from territories.indicators.periods import Period
from territories.indicators.queries import figures, series_of
from territories.layers import legend
from territories.layers.classes import Class, class_of, classify
from territories.units import map as drawn
from territories.units.history import ancestry_on

# Beyond this a drawing is grey with edges, and too heavy for a phone.
MOST_DRAWN = 400


@dataclass(frozen=True)
class Known:
    """An indicator and the periods it has values of, the last first."""

    indicator: Indicator
    periods: tuple[Period, ...]

    def at(self, on: date) -> Period | None:
        """The last period begun by a day."""
        return next((period for period in self.periods if period.starts_on <= on), None)


def known(session: Session, code: str | None = None) -> list[Known]:
    """The indicators that have values (or the one of that code, with or without), by name; one query."""
    days = (
        select(IndicatorValue.indicator_id, IndicatorValue.starts_on, func.max(IndicatorValue.ends_on).label("ends_on"))
        .group_by(IndicatorValue.indicator_id, IndicatorValue.starts_on).subquery()
    )
    query = (
        select(Indicator, days.c.starts_on, days.c.ends_on).join(days, days.c.indicator_id == Indicator.id, isouter=code is not None)
        .order_by(Indicator.name_es, Indicator.id, days.c.starts_on.desc())
    )
    if code is not None:
        query = query.where(Indicator.code == code)
    found: dict[int, tuple[Indicator, list[Period]]] = {}
    for indicator, starts_on, ends_on in session.execute(query):
        kept = found.setdefault(indicator.id, (indicator, []))
        if starts_on is not None:
            kept[1].append(Period(starts_on, ends_on))
    return [Known(indicator, tuple(periods)) for indicator, periods in found.values()]


def levels(session: Session) -> dict[LevelRole, Level]:
    return {level.role: level for level in session.scalars(select(Level))}


def levels_and_offices(session: Session) -> tuple[dict[LevelRole, Level], dict[str, str]]:
    """The levels, and the units that an indicator is usually narrowed to, code to name; one query."""
    office = and_(TerritorialUnit.level_id == Level.id, Level.role == LevelRole.OFFICE, TerritorialUnit.valid_to.is_(None))
    rows = session.execute(
        select(Level, TerritorialUnit.code, TerritorialUnit.name).outerjoin(TerritorialUnit, office).order_by(TerritorialUnit.search_name)
    ).all()
    return {level.role: level for level, _code, _name in rows}, {code: name for _level, code, name in rows if code is not None}


@dataclass(frozen=True)
class Shown:
    """What an address asks for: one indicator, in one period, over the units of one level inside one unit."""

    indicator: Indicator
    role: LevelRole
    on: date
    within: int | None = None


def ranking(session: Session, shown: Shown) -> Select:
    """``id, code, name, search_name, outline, value, covered, parts, withheld, place, ties``, one row a unit.

    ``place``: 1 for the greatest value, the same for equals; none without a value. Made whole before anybody pages it:
    a place is one among all.
    """
    table = figures(
        shown.indicator, shown.role, shown.on, tree=ancestry_on(session, shown.on), within=shown.within
    ).subquery()
    unit = TerritorialUnit
    whole = (
        select(
            unit.id, unit.code, unit.name, unit.search_name, table.c.value, table.c.covered, table.c.parts, table.c.withheld,
            case((table.c.value.is_not(None), func.rank().over(order_by=table.c.value.desc().nulls_last()))).label("place"),
            func.count(table.c.value).over(partition_by=table.c.value).label("ties"),
        )
        .select_from(unit).join(table, table.c.unit_id == unit.id)
    ).subquery("ranking")
    return select(whole).select_from(whole)


@dataclass(frozen=True)
class Area:
    """A unit on the map and the class its value falls into."""

    code: str
    name: str
    value: float | None
    withheld: bool
    entry: legend.Entry
    path: str
    spot: tuple[int, int] | None


@dataclass(frozen=True)
class Choropleth:
    """Units side by side by one indicator. ``view_box`` is None where nothing is drawn; ``many``: too many to draw."""

    areas: Sequence[Area]
    classes: Sequence[Class]
    view_box: str | None
    width: int
    many: bool
    covered: int
    parts: int

    @cached_property
    def legend(self) -> list[legend.Entry]:
        return legend.shown(legend.entries(self.classes))

    @cached_property
    def tiles(self) -> list[legend.Tile]:
        return legend.tiles(self.classes)


def choropleth(session: Session, shown: Shown, query: Select) -> Choropleth:
    """The map of the units of ``query``, a ranking; one query."""
    table = query.subquery()
    rows: Sequence[Any] = session.execute(
        select(table, TerritorialUnit.outline).join(TerritorialUnit, TerritorialUnit.id == table.c.id).order_by(table.c.search_name)
    ).all()
    classes = classify([row.value for row in rows], style_of(shown.indicator))
    entries = legend.entries(classes)
    many = len(rows) > MOST_DRAWN
    drawing = None if many else drawn.draw([row.outline for row in rows])
    paths = drawing.paths if drawing else [""] * len(rows)
    spots = drawing.spots if drawing else [None] * len(rows)
    areas = [
        Area(row.code, row.name, row.value, bool(row.withheld), entries[class_of(row.value, classes)], path, spot)
        for row, path, spot in zip(rows, paths, spots, strict=True)
    ] if classes else []
    return Choropleth(
        areas, classes, drawing.view_box if drawing else None, drawing.width if drawing else drawn.WIDTH, many,
        sum(row.covered for row in rows), sum(row.parts for row in rows),
    )


@dataclass(frozen=True)
class Ranked:
    """A row of the ranking with how its value went."""

    code: str
    name: str
    value: float | None
    covered: int
    parts: int
    withheld: bool
    place: int | None
    ties: int
    line: Spark | None
    first: tuple[date, float] | None
    last: tuple[date, float] | None


def with_lines(session: Session, shown: Shown, rows: Sequence[Any], days: Sequence[date]) -> list[Ranked]:
    """``rows`` of a ranking, each with its line over ``days``; two queries, none where there is one period."""
    series = series_of(session, shown.indicator, [row.id for row in rows], shown.on, role=shown.role) if len(days) > 1 else {}
    return [_ranked(row, series.get(row.id, ()), days) for row in rows]


def _ranked(row: Any, points: Sequence[tuple[date, float | None]], days: Sequence[date]) -> Ranked:
    told = [(day, value) for day, value in points if value is not None]
    return Ranked(
        row.code, row.name, row.value, row.covered, row.parts, bool(row.withheld), row.place, row.ties, spark(points, days),
        told[0] if told else None, told[-1] if told else None,
    )
