"""The tree itself as layers, one for each level."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from app.core.fields import CODE, TEXT, Column, nullable, one_of
from app.core.i18n import lazy
from models.territory import Ancestry, Level, LevelRole, TerritorialUnit, UnitKind
from territories.layers.registry import BOUNDARIES, Layer, Scope, Style
from territories.units.history import existed_on


def column(name: str, schema, meaning, words=None, title=None) -> Column:
    """A field of a layer: a column of its rows under its own name."""
    return Column(name, schema, meaning, lambda row: row[name], words, title)


UNIT_FIELDS = (
    column("code", CODE, lazy("Clave de la unidad. No cambia ni se repite."), title=lazy("Clave")),
    column("name", TEXT, lazy("Nombre de la unidad."), title=lazy("Nombre")),
    column("kind", nullable(one_of(UnitKind)), lazy("De qué tipo es un territorio."), UnitKind, title=lazy("Tipo")),
    column("parent", nullable(CODE), lazy("Clave de la unidad en la que está."), title=lazy("Está en")),
)


# Made once: another name for a table costs a tenth of what a page of features does.
_PARENT = aliased(TerritorialUnit)
_ABOVE = select(_PARENT.code).where(_PARENT.id == TerritorialUnit.parent_id).correlate(TerritorialUnit).scalar_subquery()


def units_of(role: LevelRole, scope: Scope) -> Select:
    """The units of a level that lie in the unit of ``scope``, or are it."""
    unit = TerritorialUnit
    # Values and no joins: whoever wants the rows of a box asks for them one by one.
    of_level = select(Level.id).where(Level.role == role).scalar_subquery()
    found = select(
        unit.id.label("id"), unit.code.label("code"), unit.name.label("name"), unit.kind.label("kind"), _ABOVE.label("parent")
    ).where(unit.level_id == of_level, was_there(scope, unit))
    return found if scope.unit_id is None else found.where(within(scope.unit_id))


def was_there(scope: Scope, unit: Any = TerritorialUnit) -> ColumnElement[bool]:
    """Whether a unit was in force on the day of ``scope``."""
    return existed_on(scope.on, unit) if scope.past else unit.valid_to.is_(None)


def within(unit_id: int):
    """Whether a unit is ``unit_id`` or lies in it."""
    return TerritorialUnit.id.in_(select(Ancestry.unit_id).where(Ancestry.ancestor_id == unit_id))


def _layer(role: LevelRole, name: str, title, summary, zooms: tuple[int, int]) -> Layer:
    return Layer(
        name, title, summary, UNIT_FIELDS, partial(units_of, role), Style("outline"), BOUNDARIES, levels=(role,), zooms=zooms
    )


# A block is a pixel wide at zoom 11: below that its tiles would hold thousands of specks.
LEVELS = (
    _layer(LevelRole.ROOT, "municipality", lazy("Municipio"), lazy("El límite del municipio."), (0, 16)),
    _layer(LevelRole.OFFICE, "directorates", lazy("Direcciones territoriales"), lazy("Los límites de las direcciones."), (4, 16)),
    _layer(LevelRole.TERRITORY, "territories", lazy("Territorios"), lazy("Los límites de los territorios."), (6, 16)),
    _layer(LevelRole.SECTION, "sections", lazy("Secciones"), lazy("Los límites de las secciones."), (9, 16)),
    _layer(LevelRole.BLOCK, "blocks", lazy("Cuadras"), lazy("Los límites de las cuadras."), (12, 16)),
)
