"""Assemblies and what was raised in them, on the map (001-24, 001-39)."""

from __future__ import annotations

from sqlalchemy import Integer, Select, case, cast, func, null, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.fields import COUNT, TEXT, nullable, one_of
from app.core.i18n import lazy
from app.core.labels import LABELS
from app.core.permissions import Permission
from app.core.transaction import read_session
from assemblies.meetings import reserved
from models import Ancestry, Assembly, AssemblyBlock, Problem, TerritorialUnit, Theme
from models.assembly import AssemblyKind, AssemblyState, Gathered
from models.ledger import EventKind as K
from models.territory import LevelRole
from territories.layers.coverage import MOVED_BY, gathered
from territories.layers.levels import UNIT_FIELDS, column, units_of
from territories.layers.registry import BOUNDARIES, Breaks, Filter, Layer, Scope, Style

PUBLIC = tuple(one for one in AssemblyState if one is not AssemblyState.DRAFT)
_STATES = {str(state): words for state, words in LABELS if isinstance(state, AssemblyState) and state in PUBLIC}


def _assemblies(scope: Scope) -> Select:
    """Each block with the last assembly that was to gather it until the day of ``scope``, else the next one convened."""
    there, listed = aliased(Assembly), aliased(AssemblyBlock)
    told = [there.state.in_(sorted(scope.states & set(PUBLIC)) if scope.states else PUBLIC)]
    if scope.past:
        told.append(there.starts_at < scope.until)
    last = (
        select(there.id).join(listed, listed.assembly_id == there.id).where(listed.unit_id == TerritorialUnit.id, *told)
        .order_by(there.starts_at.desc(), there.id.desc()).limit(1).correlate(TerritorialUnit).scalar_subquery()
    )
    return (
        units_of(LevelRole.BLOCK, scope).join(AssemblyBlock, AssemblyBlock.unit_id == TerritorialUnit.id)
        .join(Assembly, Assembly.id == AssemblyBlock.assembly_id).where(Assembly.id == last)
        .add_columns(
            Assembly.folio.label("folio"), Assembly.title.label("title"), Assembly.kind.label("type"), Assembly.state.label("state"),
        )
    )


def _problems(scope: Scope) -> Select:
    """The territories with what was raised in them. What is reserved moves by months and steps (docs/adr/0009)."""
    theme, problem = aliased(Theme), aliased(Problem)
    named = [theme.sensitive.is_(False)]
    if scope.theme_id is not None:
        named.append(problem.theme_id == scope.theme_id)
    if scope.past:
        named.append(problem.raised_at < scope.until)
    plain = (
        select(func.count(problem.id)).select_from(Ancestry).join(problem, problem.unit_id == Ancestry.unit_id)
        .join(theme, theme.id == problem.theme_id).where(Ancestry.ancestor_id == TerritorialUnit.id, *named)
        .correlate(TerritorialUnit).scalar_subquery()
    )
    told: dict[int, int] = {}
    for one in reserved.published(read_session(), min(clock.now(), scope.until)):
        if scope.theme_id in (None, one.theme_id):
            told[one.unit_id] = told.get(one.unit_id, 0) + one.count
    kept = case(told, value=TerritorialUnit.id, else_=None) if told else null()
    return units_of(LevelRole.TERRITORY, scope).add_columns(plain.label("problems"), cast(kept, Integer).label("reserved"))


def _waiting(scope: Scope) -> Select:
    """The blocks that have not met of late, and whether somebody is already preparing it."""
    draft, listed = aliased(Assembly), aliased(AssemblyBlock)
    drafts = (
        select(func.count(draft.id)).join(listed, listed.assembly_id == draft.id)
        .where(listed.unit_id == TerritorialUnit.id, draft.state == AssemblyState.DRAFT).correlate(TerritorialUnit).scalar_subquery()
    )
    stands = gathered(TerritorialUnit.id, scope)
    found = units_of(LevelRole.BLOCK, scope).add_columns(stands.label("coverage"), drafts.label("drafts"))
    return found.where(stands.in_([str(Gathered.NEVER), str(Gathered.LONG_AGO)]))


_UNMET = {str(value): words for value, words in LABELS if value in (Gathered.NEVER, Gathered.LONG_AGO)}
MEETING_LAYERS = (
    Layer(
        "assemblies", lazy("Asambleas por cuadra"), lazy("La última asamblea que convocó a cada cuadra, y en qué terminó."),
        (
            *UNIT_FIELDS,
            column("folio", TEXT, lazy("Folio de la asamblea."), title=lazy("Folio")),
            column("title", TEXT, lazy("Cómo se llamó."), title=lazy("Asamblea")),
            column("type", one_of(AssemblyKind), lazy("De qué clase fue."), AssemblyKind, title=lazy("Clase")),
            column("state", one_of(PUBLIC), lazy("En qué va o en qué terminó."), AssemblyState, title=lazy("Estado")),
        ),
        _assemblies, Style("categories", "state", Breaks.CATEGORIES, words=_STATES), MOVED_BY, levels=(LevelRole.BLOCK,),
        filters=frozenset({Filter.ON, Filter.STATE}), states=PUBLIC, settings=("time_zone",), zooms=(12, 16),
    ),
    Layer(
        "problems", lazy("Problemas por territorio"),
        lazy("Cuántos problemas señalaron las asambleas de cada territorio. Los de seguridad y violencia, desde cinco y por meses."),
        (
            *UNIT_FIELDS,
            column("problems", COUNT, lazy("Problemas señalados, sin los de seguridad y violencia."), title=lazy("Problemas")),
            column(
                "reserved", nullable(COUNT), lazy("Los de seguridad y violencia que se pueden contar; vacío si son pocos."),
                title=lazy("Seguridad y violencia"),
            ),
        ),
        _problems, Style("warm", "problems", Breaks.QUANTILES),
        BOUNDARIES | {
            K.PROBLEM_RAISED, K.MINUTES_SEALED, K.ASSEMBLY_IMPORTED, K.THEME_CHANGED, K.THEME_TIGHTENED, K.THEME_MERGED, K.THEME_SEPARATED,
        },
        levels=(LevelRole.TERRITORY,), filters=frozenset({Filter.ON, Filter.THEME}), daily=True, asks=True, settings=("time_zone",),
        zooms=(6, 16),
    ),
    Layer(
        "waiting-blocks", lazy("Cuadras por convocar"),
        lazy("Las cuadras que nunca se han reunido o lo hicieron hace mucho y no están convocadas, con los borradores que ya hay."),
        (
            *UNIT_FIELDS,
            column("coverage", one_of(tuple(_UNMET)), lazy("Si nunca se ha reunido o fue hace mucho."), Gathered, title=lazy("Cobertura")),
            column("drafts", COUNT, lazy("Convocatorias en borrador que la incluyen."), title=lazy("Borradores")),
        ),
        _waiting, Style("categories", "coverage", Breaks.CATEGORIES, words=_UNMET), MOVED_BY, levels=(LevelRole.BLOCK,),
        permission=Permission.WORK_OVERSEE, daily=True, settings=("met_long_ago_days", "time_zone"), zooms=(12, 16),
    ),
)
