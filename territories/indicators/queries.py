"""Values of indicators: of the units they are measured in, and of those above as each indicator declares.

    values_of(session, population, LevelRole.OFFICE, today)   # {unit id: Value(value=…, of=10, covered=9)}

Everything here is made of :func:`figures`, one statement over ``Ancestry``: pages, files, layers of the map and priorities
show the same numbers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Float, FromClause, Select, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from models import Ancestry, Indicator, IndicatorValue, Level, TerritorialUnit
from models.indicator import Aggregation
from models.territory import LEVEL_ORDER, LevelRole
from territories.indicators.periods import Period
from territories.units.history import ancestry_on, existed_on

# Counts of what is told of security or violence are shown from here on (DOMAIN.md 7); zero is no secret.
SMALLEST = 5


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a unit; None where there is no data, or where it may not be shown (``withheld``).

    ``of``: how many units of the indicator's level it is made of; ``covered``: how many of them have data.
    """

    value: float | None
    of: int
    covered: int
    withheld: bool = False

    @property
    def covered_share(self) -> float:
        """From 0 to 1."""
        return self.covered / self.of if self.of else 0.0


def indicators(session: Session) -> list[Indicator]:
    """All of them, by name."""
    return list(session.scalars(select(Indicator).order_by(Indicator.name_es, Indicator.id)))


def find(session: Session, code: str) -> Indicator | None:
    return session.scalar(select(Indicator).where(Indicator.code == code))


def roles_of(indicator: Indicator) -> tuple[LevelRole, ...]:
    """The levels that have values, from the root down to the one it is measured in."""
    if indicator.aggregation is Aggregation.NONE:
        return (indicator.role,)
    return LEVEL_ORDER[: LEVEL_ORDER.index(indicator.role) + 1]


def period_at(session: Session, indicator: Indicator, on: date) -> Period | None:
    """The last period begun by ``on`` that has values, None before the first: every unit is shown in the same one."""
    latest = select(func.max(IndicatorValue.starts_on)).where(
        IndicatorValue.indicator_id == indicator.id, IndicatorValue.starts_on <= on
    )
    found = session.execute(
        select(IndicatorValue.starts_on, func.max(IndicatorValue.ends_on))
        .where(IndicatorValue.indicator_id == indicator.id, IndicatorValue.starts_on == latest.scalar_subquery())
        .group_by(IndicatorValue.starts_on)
    ).one_or_none()
    return Period(*found) if found else None


def periods_of(session: Session, indicator: Indicator) -> list[Period]:
    """Every period with values, the last first."""
    rows = session.execute(
        select(IndicatorValue.starts_on, func.max(IndicatorValue.ends_on)).where(IndicatorValue.indicator_id == indicator.id)
        .group_by(IndicatorValue.starts_on).order_by(IndicatorValue.starts_on.desc())
    )
    return [Period(*row) for row in rows]


def values_of(
    session: Session, indicator: Indicator, level_role: LevelRole, on: date, *, within: int | None = None
) -> dict[int, Value]:
    """The value on a day of each unit of a level; two queries, one of them about whether the tree was another then.

    Units without data are there, with None: never 0. Empty for a level that the indicator does not reach: values go up
    the tree, never down. ``within``: only the units that lie in this one, or are it.
    """
    if level_role not in roles_of(indicator):
        return {}
    rows = session.execute(figures(indicator, level_role, on, tree=ancestry_on(session, on), within=within))
    return {row.unit_id: Value(row.value, row.parts, row.covered, bool(row.withheld)) for row in rows}


def series_of(
    session: Session, indicator: Indicator, unit_ids: Collection[int], until: date, *, role: LevelRole
) -> dict[int, list[tuple[date, float | None]]]:
    """For each of those units of one level, (first day of the period, value) up to a day, in order; periods without
    data are absent, and one that may not be shown has None."""
    found: dict[int, list[tuple[date, float | None]]] = {unit_id: [] for unit_id in unit_ids}
    if role not in roles_of(indicator) or not found:
        return found
    table = figures(indicator, role, until, tree=ancestry_on(session, until), every_period=True).subquery()
    for row in session.execute(
        select(table.c.unit_id, table.c.starts_on, table.c.value).where(table.c.unit_id.in_(found)).order_by(table.c.starts_on)
    ):
        found[row.unit_id].append((row.starts_on, row.value))
    return found


def figures(
    indicator: Indicator, role: LevelRole, on: date, *, tree: FromClause | None = None, within: int | None = None,
    every_period: bool = False,
) -> Select:
    """``unit_id, starts_on, value, covered, parts, withheld`` of each unit of ``role``, a level the indicator reaches.

    One row a unit, of the last period begun by ``on``; with ``every_period`` one for each period until then that has data.
    ``tree``: what ``Ancestry`` was on the day (``territories.units.history.ancestry_on``), as it is now unless given.
    """
    tree = Ancestry.__table__.alias() if tree is None else tree
    unit, part, measured = aliased(TerritorialUnit), aliased(TerritorialUnit), aliased(IndicatorValue)
    latest = select(func.max(IndicatorValue.starts_on)).where(
        IndicatorValue.indicator_id == indicator.id, IndicatorValue.starts_on <= on
    ).scalar_subquery()
    of_part = and_(
        measured.unit_id == part.id, measured.indicator_id == indicator.id,
        measured.starts_on <= on if every_period else measured.starts_on == latest,
    )
    weight, weighted_by = _weight(indicator, part, measured, on)
    value, counted = measured.value, measured.value.is_not(None)
    if role is indicator.role:
        made = func.max(value)
    elif indicator.aggregation is Aggregation.SUM:
        made = func.sum(value)
    else:
        # Without a weight a part cannot count, and is told of as not covered.
        counted = and_(counted, weight > 0)
        made = func.sum(case((counted, value * weight))) / func.nullif(func.sum(case((counted, weight))), 0)
    query = (
        select(
            unit.id.label("unit_id"), unit.parent_id.label("parent_id"),
            (measured.starts_on if every_period else literal(None)).label("starts_on"), made.label("value"),
            func.sum(case((counted, 1), else_=0)).label("covered"), func.count(part.id).label("parts"),
        )
        .select_from(unit)
        .join(tree, tree.c.ancestor_id == unit.id)
        .join(part, part.id == tree.c.unit_id)
        .join(measured, of_part, isouter=not every_period)
        .where(unit.level_id == _level(role), part.level_id == _level(indicator.role), existed_on(on, unit), existed_on(on, part))
        .group_by(unit.id, unit.parent_id, *((measured.starts_on,) if every_period else ()))
    )
    if weighted_by is not None:
        query = query.outerjoin(weighted_by, weighted_by.c.unit_id == part.id)
    inside = select(tree.c.unit_id).where(tree.c.ancestor_id == within)
    if indicator.sensitive and indicator.aggregation is Aggregation.SUM:
        # Narrowed last: what may be shown of a unit depends on its siblings, whoever is asked for.
        shown = _withheld(query.subquery())
        return shown if within is None else shown.where(shown.selected_columns.unit_id.in_(inside))
    table = (query if within is None else query.where(unit.id.in_(inside))).subquery()
    return select(table.c.unit_id, table.c.starts_on, table.c.value, table.c.covered, table.c.parts, literal(0).label("withheld"))


def _level(role: LevelRole):
    return select(Level.id).where(Level.role == role).scalar_subquery()


def _weight(indicator: Indicator, part, measured, on: date):
    """What a value weighs in a mean, and the table it comes from where that is another indicator."""
    if indicator.aggregation is Aggregation.AREA_MEAN:
        return part.area_m2, None
    population = cast(part.population, Float)
    if indicator.weights_id is None:
        return func.coalesce(measured.denominator, population), None
    other = aliased(IndicatorValue)
    latest = select(func.max(IndicatorValue.starts_on)).where(
        IndicatorValue.indicator_id == indicator.weights_id, IndicatorValue.starts_on <= on
    ).scalar_subquery()
    table = select(other.unit_id, other.value).where(
        other.indicator_id == indicator.weights_id, other.starts_on == latest
    ).subquery()
    return func.coalesce(measured.denominator, table.c.value), table


def _withheld(table) -> Select:
    """Counts under five hidden; where a unit has one hidden child alone, its next smallest too, or it would be what is
    left of the sum."""
    hidden = and_(table.c.value > 0, table.c.value < SMALLEST)
    family = (table.c.parent_id, table.c.starts_on)
    ranked = select(
        table.c.unit_id, table.c.starts_on, table.c.value, table.c.covered, table.c.parts, case((hidden, 1), else_=0).label("hidden"),
        func.sum(case((hidden, 1), else_=0)).over(partition_by=family).label("hidden_here"),
        func.row_number().over(
            partition_by=(*family, case((and_(table.c.value >= SMALLEST), 1), else_=0)), order_by=(table.c.value, table.c.unit_id)
        ).label("place"),
    ).subquery()
    also = and_(ranked.c.hidden_here == 1, ranked.c.value >= SMALLEST, ranked.c.place == 1)
    withheld = case((or_(ranked.c.hidden == 1, also), 1), else_=0)
    return select(
        ranked.c.unit_id, ranked.c.starts_on, case((withheld == 0, ranked.c.value)).label("value"), ranked.c.covered, ranked.c.parts,
        withheld.label("withheld"),
    )
