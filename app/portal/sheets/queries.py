"""What a map on paper shows: a measure or a layer of the units of a place, each with its boundary in full."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, literal, or_, select
from sqlalchemy.orm import Session

from agendas.agreements.share import figures_below
from app.core.formatters import number
from app.core.i18n import _
from app.core.spatial.shapes import wkb_of
from app.portal.explore.asked import Asked
from app.portal.units.choropleth import NOTHING, Measure
from models.territory import Level, LevelRole, TerritorialUnit
from territories.layers.levels import units_of
from territories.layers.registry import Breaks, Geometry, Layer, Scope, Style
from territories.layers.styles import MET, SHARE
from territories.units.history import boundary_on, source_on
from territories.units.queries import Place, blocks_met, whole_percent

# More would be neither read on a wall nor drawn while somebody waits.
MOST = 1000


@dataclass(frozen=True)
class Thing:
    """A unit to draw, or a point of a layer of points: its value falls into a class, ``words`` say it in the table, and
    ``streets`` say where a block is."""

    name: str
    value: Any
    words: str
    shape: bytes
    streets: str = ""


@dataclass(frozen=True)
class Subject:
    """``things`` of the layer; under points, ``ground`` holds the units that they lie in. ``lines`` are the boundaries of
    what lies between them and the place, ``outline`` that of the place; ``sources`` say who drew them, ``on`` is the day
    that the values are of. ``here`` is the name of the one to point at."""

    title: str
    note: str
    style: Style
    geometry: Geometry
    things: list[Thing]
    ground: list[bytes]
    lines: list[bytes]
    outline: bytes | None
    sources: list[str]
    on: date
    here: str | None = None


class TooMany(ValueError):
    """More things than a sheet can hold: how many, and the most it takes."""

    def __init__(self, count: int):
        super().__init__(count)
        self.count = count


def drawn_role(place: Place) -> LevelRole:
    """What a map of ``place`` is made of: territories of what holds territories, else blocks."""
    return LevelRole.TERRITORY if place.level.role in (LevelRole.ROOT, LevelRole.OFFICE) else LevelRole.BLOCK


def around(place: Place) -> int:
    """The id of the unit to draw: of a block the one that it lies in, with its neighbours."""
    return place.unit.parent_id if place.is_block and place.unit.parent_id is not None else place.unit.id


def measured(session: Session, place: Place, measure: Measure, today: date) -> Subject:
    """The units of a place by ``measure``; three queries. Raises TooMany."""
    scope = Scope(today, today, around(place))
    units = _drawable(units_of(drawn_role(place), scope).where(TerritorialUnit.id != scope.unit_id), scope)
    if not session.scalar(select(units.exists())):
        units = _drawable(_directly_below(scope.unit_id), scope)
    ids = units.with_only_columns(TerritorialUnit.id)
    found = blocks_met(ids) if measure is Measure.COVERAGE else figures_below(ids, today)
    part, of = (found.c.met, found.c.blocks) if measure is Measure.COVERAGE else (found.c.kept, found.c.of)
    rows = _rows(session, (
        units.join(Level, Level.id == TerritorialUnit.level_id).outerjoin(found, found.c.unit_id == TerritorialUnit.id)
        .add_columns(func.coalesce(part, 0).label("part"), func.coalesce(of, 0).label("of"), Level.role.label("role"))
    ))
    only_blocks = measure is Measure.COVERAGE and all(row.role is LevelRole.BLOCK for row in rows)
    style = MET if only_blocks else SHARE
    values = [bool(row.part) if only_blocks and row.of else whole_percent(row.part, row.of) for row in rows]
    things = [
        Thing(row.name, value, _part(row, measure, only_blocks), row.boundary, _streets(row.unit_streets))
        for row, value in zip(rows, values, strict=True)
    ]
    style = replace(style, words={**style.words, None: NOTHING[measure]})
    if measure is Measure.KEPT:
        title, note = _("Acuerdos cumplidos"), _("Parte de los acuerdos verificados o vencidos que se cumplieron en su primera fecha.")
    else:
        title = _("Cuadras reunidas")
        note = _("Cuadras que ya se reunieron en asamblea.") if only_blocks else _("Parte de las cuadras que ya se reunieron en asamblea.")
    return _subject(session, place, scope, title, note, style, Geometry.AREA, things, rows)


def of_layer(session: Session, place: Place, asked: Asked) -> Subject:
    """A layer as the map page shows it; two queries, three for points. Raises TooMany."""
    layer, scope = asked.layer, asked.scope
    source = layer.source(scope)
    if layer.geometry is Geometry.POINT:
        rows = _rows(session, source.add_columns(wkb_of(layer.point).label("boundary")))
        below = units_of(drawn_role(place), Scope(scope.today, scope.today, scope.unit_id))
        ground = _rows(session, _drawable(below, scope))
    else:
        rows = ground = _rows(session, _drawable(source, scope))
    by = layer.style.by
    values = [row._mapping[by] if by else None for row in rows]
    things = [
        Thing(
            str(row._mapping.get("name", row.id)), value, _cell(layer, value), row.boundary,
            _streets(row.unit_streets) if layer.geometry is Geometry.AREA else "",
        )
        for row, value in zip(rows, values, strict=True)
    ]
    kept = {one.key: one for one in asked.state.listing.filters if one.key not in ("layer", "on")}
    narrowed = [f"{kept[key].label}: {kept[key].words(value)}." for key, value in asked.state.values.items() if key in kept]
    return _subject(
        session, place, scope, str(layer.title), " ".join([str(layer.summary), *narrowed]), layer.style, layer.geometry, things, ground,
        ground=[row.boundary for row in ground] if layer.geometry is Geometry.POINT else [],
    )


def _subject(
    session: Session, place: Place, scope: Scope, title: str, note: str, style: Style, geometry: Geometry, things: list[Thing],
    rows: Sequence[Row], *, ground: Sequence[bytes] = (),
) -> Subject:
    between = {row.above_id for row in rows} - {None}
    unit = TerritorialUnit
    shape = boundary_on(scope.on) if scope.past else unit.geom
    lines = session.execute(
        select(unit.id, wkb_of(shape).label("shape")).where(or_(unit.id == scope.unit_id, unit.id.in_(between)), unit.geom.is_not(None))
    ).all()
    return Subject(
        title, note, style, geometry, sorted(things, key=lambda one: _natural(one.name)), list(ground),
        [row.shape for row in lines if row.id != scope.unit_id], next((row.shape for row in lines if row.id == scope.unit_id), None),
        sorted({row.boundary_source for row in rows} - {""}), scope.on, place.unit.name if place.is_block else None,
    )


def _drawable(units: Select, scope: Scope) -> Select:
    """Of the units those with a boundary, with what drawing needs of them as it was on the day."""
    shape, source = (boundary_on(scope.on), source_on(scope.on)) if scope.past else (TerritorialUnit.geom, TerritorialUnit.source)
    return units.where(TerritorialUnit.geom.is_not(None)).add_columns(
        wkb_of(shape).label("boundary"), source.label("boundary_source"),
        TerritorialUnit.parent_id.label("above_id"), TerritorialUnit.streets.label("unit_streets"),
    )


def _directly_below(unit_id: int | None) -> Select:
    """Where levels are skipped: whatever there is."""
    unit = TerritorialUnit
    return select(unit.id, unit.code, unit.name).where(unit.parent_id == unit_id, unit.valid_to.is_(None))


def _rows(session: Session, statement: Select) -> Sequence[Row]:
    rows = session.execute(statement.limit(MOST + 1)).all()
    if len(rows) > MOST:
        raise TooMany(session.scalar(select(func.count()).select_from(statement.order_by(None).with_only_columns(literal(1)).subquery())))
    return rows


def _part(row: Row, measure: Measure, only_blocks: bool) -> str:
    """The numerator and the denominator of a unit."""
    if not row.of:
        return str(NOTHING[measure])
    if only_blocks:
        return str(MET.words[bool(row.part)])
    if measure is Measure.KEPT:
        return _("%(kept)s de %(of)s acuerdos", kept=number(row.part), of=number(row.of))
    return _("%(met)s de %(of)s cuadras", met=number(row.part), of=number(row.of))


def _streets(lines: str) -> str:
    return ", ".join(lines.split("\n"))


def _cell(layer: Layer, value: Any) -> str:
    if value is None or layer.style.by is None:
        return str(layer.style.words.get(None) or _("sin datos")) if layer.style.by else ""
    if layer.style.breaks is Breaks.CATEGORIES:
        return str(layer.style.words.get(value, value))
    return number(value)


def _natural(name: str) -> list:
    """Manzana 2 comes before Manzana 10."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in re.split(r"(\d+)", name) if part]
