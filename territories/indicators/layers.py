"""A layer of the map for each indicator: the units it is measured in, painted by their values."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from flask_babel.speaklater import LazyString
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.core.fields import DAY, nullable
from app.core.i18n import lazy
from app.core.labels import local_name, local_text
from models import Indicator, IndicatorValue, TerritorialUnit
from models.indicator import Aggregation, Direction
from models.ledger import EventKind
from models.territory import LevelRole
from territories.indicators.queries import figures, indicators
from territories.layers.levels import UNIT_FIELDS, column, units_of
from territories.layers.registry import BOUNDARIES, Breaks, Filter, Layer, Scope, Style

PREFIX = "indicator-"
# What nobody wants more of is warm; what is neither good nor bad, or better when there is more of it, is not.
PALETTES = {Direction.LOWER: "warm", Direction.HIGHER: "sequential", Direction.NEITHER: "sequential"}
# A block is a pixel wide at zoom 11, as for the layers of the levels themselves.
FIRST_ZOOM = {LevelRole.ROOT: 0, LevelRole.OFFICE: 4, LevelRole.TERRITORY: 6, LevelRole.SECTION: 9, LevelRole.BLOCK: 12}
CLASSES = 5


def layer_name(indicator: Indicator) -> str:
    """Its word in addresses."""
    return f"{PREFIX}{indicator.code}"


def style_of(indicator: Indicator) -> Style:
    """How its values are painted: classes with as many units each."""
    return Style(PALETTES[indicator.direction], by="value", breaks=Breaks.QUANTILES, classes=CLASSES)


def layers(session: Session) -> Iterable[Layer]:
    """One for each indicator; one query."""
    return [layer_of(indicator) for indicator in indicators(session)]


def layer_of(indicator: Indicator) -> Layer:
    """The layer of ``indicator``, its words in the language of whoever reads them."""
    value, name = {"type": "number"}, LazyString(local_name, indicator)
    return Layer(
        layer_name(indicator), name, LazyString(local_text, indicator, "definition"),
        (
            *UNIT_FIELDS,
            column("value", nullable(value), lazy("Valor del indicador; vacío donde no hay dato."), title=name),
            column("starts_on", nullable(DAY), lazy("Desde qué día es el valor."), title=lazy("Desde")),
            column("ends_on", nullable(DAY), lazy("Hasta qué día es el valor, ese incluido."), title=lazy("Hasta")),
        ),
        partial(_source, indicator), style_of(indicator), BOUNDARIES | {EventKind.INDICATOR_CHANGED}, levels=(indicator.role,),
        filters=frozenset({Filter.ON}), zooms=(FIRST_ZOOM[indicator.role], 16),
    )


def _source(indicator: Indicator, scope: Scope) -> Select:
    def of_unit(what):
        return (
            select(what).where(
                IndicatorValue.indicator_id == indicator.id, IndicatorValue.unit_id == TerritorialUnit.id,
                IndicatorValue.starts_on == latest,
            ).correlate(TerritorialUnit).scalar_subquery()
        )

    latest = (
        select(func.max(IndicatorValue.starts_on))
        .where(IndicatorValue.indicator_id == indicator.id, IndicatorValue.starts_on <= scope.on).scalar_subquery()
    )
    units, value = units_of(indicator.role, scope), of_unit(IndicatorValue.value)
    if indicator.sensitive and indicator.aggregation is Aggregation.SUM:
        # What may be shown of a unit depends on its siblings; these are territories and not many.
        shown = figures(indicator, indicator.role, scope.on).subquery()
        units, value = units.outerjoin(shown, shown.c.unit_id == TerritorialUnit.id), shown.c.value
    return units.add_columns(
        value.label("value"), of_unit(IndicatorValue.starts_on).label("starts_on"), of_unit(IndicatorValue.ends_on).label("ends_on")
    )
