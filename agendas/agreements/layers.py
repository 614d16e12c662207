"""How the agreements of each territory go, on the map: open, late, and the share that was kept (001-24)."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from agendas.agreements.share import figures_below
from app.core.fields import COUNT, nullable
from app.core.i18n import lazy
from models import Agreement, TerritorialUnit
from models.agreement import AgreementState
from models.ledger import EventKind as K
from models.territory import Level, LevelRole
from territories.layers.coverage import percent_of
from territories.layers.levels import UNIT_FIELDS, column, units_of
from territories.layers.registry import BOUNDARIES, Filter, Layer, Scope
from territories.layers.styles import SHARE


def _source(scope: Scope) -> Select:
    narrowed = []
    if scope.theme_id is not None:
        narrowed.append(Agreement.theme_id == scope.theme_id)
    if scope.states:
        narrowed.append(Agreement.state.in_(sorted(scope.states)))
    territories = select(TerritorialUnit.id).join(Level, Level.id == TerritorialUnit.level_id).where(Level.role == LevelRole.TERRITORY)
    figures = figures_below(territories, scope.on, *narrowed, until=scope.until if scope.past else None)
    counted = {name: func.coalesce(figures.c[name], 0) for name in ("owed", "late", "kept", "of")}
    return (
        units_of(LevelRole.TERRITORY, scope).outerjoin(figures, figures.c.unit_id == TerritorialUnit.id)
        .add_columns(*(figure.label(name) for name, figure in counted.items()))
        .add_columns(percent_of(counted["kept"], counted["of"]).label("percent"))
    )


AGREEMENT_FIGURES = Layer(
    "agreements", lazy("Acuerdos por territorio"),
    lazy("Cuántos acuerdos de cada territorio están por cumplirse, cuántos van tarde y qué parte se cumplió a tiempo."),
    (
        *UNIT_FIELDS,
        column("owed", COUNT, lazy("Acuerdos por cumplirse, también los que están en pausa."), title=lazy("Por cumplirse")),
        column("late", COUNT, lazy("De ellos, los que van tarde."), title=lazy("Tarde")),
        column("kept", COUNT, lazy("Verificados, con el informe a más tardar en la primera fecha."), title=lazy("Cumplidos")),
        column("of", COUNT, lazy("Verificados, más los abiertos que van tarde."), title=lazy("De")),
        column("percent", nullable(COUNT), lazy("Los cumplidos a tiempo, en porcentaje."), title=lazy("Porcentaje")),
    ),
    _source, SHARE,
    BOUNDARIES | frozenset(one for one in K if one.startswith("agreement.")) | {K.THEME_MERGED, K.THEME_SEPARATED},
    levels=(LevelRole.TERRITORY,), filters=frozenset({Filter.ON, Filter.THEME, Filter.STATE}), states=AgreementState, daily=True,
    settings=("time_zone",), zooms=(6, 16),
)
