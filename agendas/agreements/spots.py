"""Agreements that somebody put on the map, as points. A discreet one is never there."""

from __future__ import annotations

from sqlalchemy import Select, select

from app.core.fields import CODE, DAY, TEXT, one_of
from app.core.i18n import lazy
from app.core.labels import LABELS
from models import Agreement, Ancestry, Spot, TerritorialUnit, Theme
from models.agreement import AgreementState
from models.discretion import discreet
from models.ledger import EventKind as K
from territories.layers.levels import column
from territories.layers.registry import Breaks, Filter, Geometry, Layer, Scope, Style

_STATES = {str(state): words for state, words in LABELS if isinstance(state, AgreementState)}


def _source(scope: Scope) -> Select:
    found = (
        select(
            Spot.id.label("id"), Agreement.folio.label("folio"), Agreement.text.label("text"), Theme.code.label("theme"),
            Agreement.state.label("state"), Agreement.due.label("due"), TerritorialUnit.code.label("unit"),
        )
        .join(Agreement, Agreement.id == Spot.agreement_id).join(Theme, Theme.id == Agreement.theme_id)
        .join(TerritorialUnit, TerritorialUnit.id == Agreement.unit_id).where(~discreet())
    )
    if scope.unit_id is not None:
        found = found.where(Agreement.unit_id.in_(select(Ancestry.unit_id).where(Ancestry.ancestor_id == scope.unit_id)))
    if scope.theme_id is not None:
        found = found.where(Agreement.theme_id == scope.theme_id)
    return found.where(Agreement.state.in_(scope.states)) if scope.states else found


AGREEMENT_SPOTS = Layer(
    "agreement-spots", lazy("Acuerdos en su lugar"),
    lazy("Los acuerdos que alguien del territorio puso en el mapa. Los de seguridad y violencia nunca llevan un punto."),
    (
        column("folio", TEXT, lazy("Folio del acuerdo."), title=lazy("Folio")),
        column("text", TEXT, lazy("Qué se acordó, con las palabras de la asamblea."), title=lazy("Acuerdo")),
        column("theme", TEXT, lazy("Clave del tema."), title=lazy("Tema")),
        column("state", one_of(AgreementState), lazy("En qué va."), AgreementState, title=lazy("Estado")),
        column("due", DAY, lazy("La fecha vigente."), title=lazy("Para el")),
        column("unit", CODE, lazy("Clave de la unidad a la que pertenece."), title=lazy("Unidad")),
    ),
    _source, Style("states", "state", Breaks.CATEGORIES, words=_STATES),
    # Whatever is told of an agreement may change its state; a theme made reserved takes its points away.
    frozenset(one for one in K if one.startswith("agreement."))
    | {K.SPOT_SET, K.SPOT_REMOVED, K.THEME_TIGHTENED, K.THEME_MERGED, K.THEME_SEPARATED, K.IMPORT_APPLIED, K.PROBLEM_RAISED},
    geometry=Geometry.POINT, point=Spot.point, filters=frozenset({Filter.THEME, Filter.STATE}), states=AgreementState, zooms=(9, 16),
)
