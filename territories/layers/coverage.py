"""Which blocks have met: the layer that says where to convene next (001-07, 001-44)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from app.core.fields import COUNT, nullable, one_of
from app.core.i18n import lazy
from app.core.labels import LABELS
from models import Ancestry, Assembly, AssemblyBlock, Level, TerritorialUnit
from models.assembly import MET, AssemblyState, Gathered
from models.ledger import EventKind as K
from models.territory import LevelRole
from territories.layers.levels import UNIT_FIELDS, column, units_of, was_there
from territories.layers.registry import BOUNDARIES, Breaks, Filter, Layer, Scope, Style
from territories.layers.styles import SHARE
from territories.units.history import closure_on
from territories.units.queries import AHEAD

MOVED_BY = BOUNDARIES | {
    K.ASSEMBLY_CONVENED, K.ASSEMBLY_RESCHEDULED, K.ASSEMBLY_OPENED, K.ASSEMBLY_HELD, K.ASSEMBLY_NOT_HELD, K.ASSEMBLY_CANCELLED,
    K.ASSEMBLY_IMPORTED, K.MINUTES_SEALED,
}


def was_held(scope: Scope) -> ColumnElement[bool]:
    """Whether an assembly had been held by the day of ``scope``."""
    held = Assembly.state.in_(MET)
    return and_(held, Assembly.starts_at < scope.until) if scope.past else held


def was_ahead(scope: Scope) -> ColumnElement[bool]:
    """Whether an assembly was convened and still to come on the day of ``scope``. One cancelled since is left out."""
    if not scope.past:
        return Assembly.state.in_(AHEAD)
    known = Assembly.state.not_in((AssemblyState.DRAFT, AssemblyState.CANCELLED))
    return and_(known, Assembly.convened_at < scope.until, Assembly.starts_at >= scope.until - timedelta(days=1))


def gathers(unit_id: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a block is listed on an assembly of ``conditions``."""
    return exists().where(AssemblyBlock.unit_id == unit_id, Assembly.id == AssemblyBlock.assembly_id, *conditions)


def gathered(unit_id: Any, scope: Scope) -> ColumnElement[str]:
    """How a block stood on the day of ``scope``; a block that met long ago and is convened again is convened."""
    held = was_held(scope)
    since = scope.until - timedelta(days=scope.long_ago_days)
    return case(
        (gathers(unit_id, held, Assembly.starts_at >= since), str(Gathered.MET)),
        (gathers(unit_id, was_ahead(scope)), str(Gathered.CONVENED)),
        (gathers(unit_id, held), str(Gathered.LONG_AGO)),
        else_=str(Gathered.NEVER),
    )


def _blocks(scope: Scope) -> Select:
    times = (
        select(func.count(Assembly.id)).join(AssemblyBlock, AssemblyBlock.assembly_id == Assembly.id)
        .where(AssemblyBlock.unit_id == TerritorialUnit.id, was_held(scope)).correlate(TerritorialUnit).scalar_subquery()
    )
    return units_of(LevelRole.BLOCK, scope).add_columns(gathered(TerritorialUnit.id, scope).label("coverage"), times.label("times"))


def _units(role: LevelRole, scope: Scope) -> Select:
    block = aliased(TerritorialUnit)
    met = func.sum(case((gathers(block.id, was_held(scope)), 1), else_=0))

    def below(figure: ColumnElement) -> ScalarSelect:
        path = closure_on(scope.on) if scope.past else Ancestry.__table__
        return (
            select(figure).select_from(path).join(block, block.id == path.c.unit_id).join(Level, Level.id == block.level_id)
            .where(path.c.ancestor_id == TerritorialUnit.id, Level.role == LevelRole.BLOCK, was_there(scope, block))
            .correlate(TerritorialUnit).scalar_subquery()
        )

    return units_of(role, scope).add_columns(
        func.coalesce(below(met), 0).label("met"), below(func.count(block.id)).label("of"),
        below(percent_of(met, func.count(block.id))).label("percent"),
    )


def percent_of(part: ColumnElement[int], of: ColumnElement[int]) -> ColumnElement[int | None]:
    """SQL for ``territories.units.queries.whole_percent``."""
    share = part * 100 // of
    return case((of == 0, None), (part == 0, 0), (part == of, 100), (share < 1, 1), else_=share)


_WORDS = {str(value): words for value, words in LABELS if isinstance(value, Gathered)}
COVERAGE = (
    Layer(
        "coverage", lazy("Cobertura por cuadra"),
        lazy("Qué cuadras se han reunido en asamblea, cuáles están convocadas y cuáles nunca se han reunido."),
        (
            *UNIT_FIELDS,
            column("coverage", one_of(Gathered), lazy("Si la cuadra se ha reunido en asamblea."), Gathered, title=lazy("Cobertura")),
            column("times", COUNT, lazy("Cuántas asambleas suyas se celebraron."), title=lazy("Asambleas")),
        ),
        _blocks, Style("coverage", "coverage", Breaks.CATEGORIES, words=_WORDS), MOVED_BY, levels=(LevelRole.BLOCK,),
        filters=frozenset({Filter.ON}), daily=True, settings=("met_long_ago_days", "time_zone"), zooms=(12, 16),
    ),
    Layer(
        "coverage-territories", lazy("Cobertura por territorio"),
        lazy("Qué parte de las cuadras de cada territorio se ha reunido en asamblea."),
        (
            *UNIT_FIELDS,
            column("met", COUNT, lazy("Cuadras que se han reunido."), title=lazy("Se han reunido")),
            column("of", COUNT, lazy("Cuadras que hay."), title=lazy("De")),
            column("percent", nullable(COUNT), lazy("Las que se han reunido, en porcentaje."), title=lazy("Porcentaje")),
        ),
        partial(_units, LevelRole.TERRITORY), SHARE, MOVED_BY, levels=(LevelRole.TERRITORY,), filters=frozenset({Filter.ON}),
        daily=True, settings=("time_zone",), zooms=(6, 16),
    ),
)
