"""Neighbours who volunteer, counted by territory: few enough are never told (DOMAIN.md 7, 001-08)."""

from __future__ import annotations

from sqlalchemy import Integer, Select, case, cast, null

from app.core.fields import COUNT, nullable
from app.core.i18n import lazy
from app.core.transaction import read_session
from app.portal.units.liaisons import liaisons_of_territories
from models import TerritorialUnit
from models.ledger import EventKind as K
from models.territory import LevelRole
from territories.layers.levels import UNIT_FIELDS, column, units_of
from territories.layers.registry import BOUNDARIES, Breaks, Layer, Scope, Style


def _source(scope: Scope) -> Select:
    # What may be told of one depends on its siblings and on all above it, whoever is asked for.
    shown = liaisons_of_territories(read_session(), scope.on)
    count = case(shown, value=TerritorialUnit.id, else_=None) if shown else null()
    return units_of(LevelRole.TERRITORY, scope).add_columns(cast(count, Integer).label("liaisons"))


LIAISONS = Layer(
    "liaisons", lazy("Enlaces comunitarios por territorio"),
    lazy("Cuántas vecinas y vecinos son enlaces en cada territorio. Donde son menos de cinco no se dice, ni donde se podría deducir."),
    (
        *UNIT_FIELDS,
        column("liaisons", nullable(COUNT), lazy("Enlaces en funciones; vacío donde son tan pocos que no se dice."), title=lazy("Enlaces")),
    ),
    _source, Style("sequential", "liaisons", Breaks.QUANTILES),
    BOUNDARIES | {K.LIAISON_JOINED, K.ROLE_GRANTED, K.ROLE_CHANGED, K.ROLE_ENDED, K.ACCOUNT_CLOSED, K.ACCOUNT_REOPENED, K.DATA_ERASED},
    levels=(LevelRole.TERRITORY,), daily=True, asks=True, settings=("time_zone",), zooms=(6, 16),
)
