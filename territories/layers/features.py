"""The rows of a layer as features: what downloads and the OGC API are written from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.core.spatial.shapes import geojson_of
from app.core.streams import STREAMED
from models.ledger import rfc3339
from models.territory import TerritorialUnit
from territories.layers.registry import Geometry, Layer, Scope
from territories.units.history import boundary_on

# A tenth of a metre: more would pretend to know more, and weigh it (RFC 7946, 11.2).
DECIMALS = 6
SHAPE, NAME = "_shape", "_name"
# Up to here all rows are read at one go: a cursor of the database costs more than their memory. One more than a page
# has, since whoever asks for a page looks whether another follows.
AT_ONCE = 1_001


@dataclass(frozen=True)
class Asked:
    """Which rows of a layer. ``source`` is made once, because what it joins has other names each time; ``shape`` is what
    is drawn of each row; ``after`` is the row id that the page before ended with."""

    layer: Layer
    source: Select
    shape: ColumnElement
    after: int | None = None
    limit: int | None = None

    def column(self, name: str) -> ColumnElement:
        """The source's column called ``name``, for a condition. Raises KeyError."""
        found = self.source.selected_columns[name]
        return getattr(found, "element", found)

    def narrowed(self, *conditions: ColumnElement) -> Asked:
        return replace(self, source=self.source.where(*conditions))


def ask(layer: Layer, scope: Scope) -> Asked:
    """The rows of ``layer`` in ``scope``: of a past day with the boundaries of that day, which no index knows."""
    then = scope.past and layer.geometry is Geometry.AREA
    return Asked(layer, layer.source(scope).order_by(None), boundary_on(scope.on) if then else layer.shape)


def naming_field(layer: Layer) -> str | None:
    """The field that names each row for good. None where only its number does."""
    names = {one.name for one in layer.fields}
    return next((name for name in ("folio", "code") if name in names), None)


def named(asked: Asked, name: str) -> Asked:
    """Only the row called ``name``: the code of its unit, its folio or its number; letters of either case."""
    if asked.layer.geometry is Geometry.AREA:
        return asked.narrowed(TerritorialUnit.code_key == name.lower())
    field = naming_field(asked.layer)
    if field is not None:
        return asked.narrowed(asked.column(field) == name)
    return asked.narrowed(asked.column("id") == (int(name) if name.isdecimal() and len(name) < 16 else -1))


def _name(asked: Asked) -> ColumnElement:
    """What a feature is called. A row number would change with a new import; the code of a unit never does."""
    if asked.layer.geometry is Geometry.AREA:
        return TerritorialUnit.code
    return asked.column(naming_field(asked.layer) or "id")


def drawn(asked: Asked, shape: ColumnElement) -> Select:
    """The page that ``asked`` means, in the order of the rows' ids, with ``shape`` and the name of each feature."""
    key = asked.column("id")
    page = asked.source.add_columns(shape.label(SHAPE), _name(asked).label(NAME)).order_by(key)
    if asked.after is not None:
        page = page.where(key > asked.after)
    return page if asked.limit is None else page.limit(asked.limit)


def shape_text(asked: Asked, *, decimals: int = DECIMALS, srid: int | None = None, swapped: bool = False) -> ColumnElement[str]:
    """The geometry of each row as GeoJSON, in EPSG:4326 unless ``srid`` says otherwise."""
    chosen = {} if srid is None else {"srid": srid}
    return geojson_of(
        asked.shape, decimals=decimals, swapped=swapped, oriented=asked.layer.geometry is Geometry.AREA, **chosen
    )


def each_row(session: Session, asked: Asked, shape: ColumnElement) -> Iterator[Mapping[str, Any]]:
    """The rows of ``drawn`` as mappings, few of them in memory at a time."""
    page = drawn(asked, shape)
    if asked.limit is None or asked.limit > AT_ONCE:
        page = page.execution_options(yield_per=STREAMED)
    return session.execute(page).mappings()


def properties_of(layer: Layer, row: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name: one.read(row) for one in layer.fields}


def feature_text(layer: Layer, row: Mapping[str, Any], *, more: str = "") -> str:
    """A GeoJSON Feature. Its geometry was made text by the database and is not read again; ``more`` are further members."""
    return (
        f'{{"type":"Feature","id":{_written(str(row[NAME]))},"geometry":{row[SHAPE] or "null"},'
        f'"properties":{_written(properties_of(layer, row))}{more}}}'
    )


def plain(value: Any) -> Any:
    """A value that JSON has no word for. Raises TypeError for one nobody expected."""
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain).encode


def count_of(session: Session, asked: Asked) -> int:
    """How many rows are meant, whatever the page. What each row costs is left out by the databases themselves: a
    statement with fewer columns would join what only those columns tied to it."""
    return session.scalar(select(func.count()).select_from(asked.source.subquery()))
