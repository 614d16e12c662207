"""Vector tiles (Mapbox Vector Tile 2.1) out of a query: PostGIS makes them itself, SpatiaLite's rows are encoded here.

Both give one layer of ``mercator.EXTENT`` positions with ``mercator.BUFFER`` around it, its features numbered by ``id``;
their properties are the other columns, of which what is NULL is absent.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import mapbox_vector_tile
import shapely
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    Integer,
    Numeric,
    Select,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.spatial import mercator
from app.core.spatial.mercator import BUFFER, EXTENT, Box
from app.core.spatial.shapes import wkb_of

_CORNERS = ("west", "south", "east", "north")
_SHAPE = "_shape"
_NUMBERS = (Integer, Numeric)
# Texts of statements by engine and drawing. Building and compiling one takes longer than PostGIS does over a small tile.
_texts: dict[tuple[str, Hashable], str] = {}
MOST_TEXTS = 1000


@dataclass(frozen=True)
class Drawing:
    """What goes on a tile: ``rows`` with a column ``id`` and one for each property, the geometry of each in ``shape``
    (a mapped column with a spatial index, EPSG:``srid``, 3857 or 4326). No two different drawings have the same ``key``.

    ``part``, a mapped column and its value, says which rows of the geometry's table are meant where that has an index for
    each (``few``: of some hundreds of them, not of thousands).
    """

    key: Hashable
    name: str
    rows: Select
    shape: InstrumentedAttribute
    srid: int = mercator.SRID
    part: tuple[InstrumentedAttribute, int] | None = None
    few: bool = False

    @property
    def column(self) -> Column:
        return self.shape.property.columns[0]


def tile(session: Session, drawing: Drawing, zoom: int, x: int, y: int) -> bytes | None:
    """The tile, None where nothing lies on it. One statement. Raises ValueError where there is no such tile."""
    box = mercator.box_of(zoom, x, y)
    asked = box.wider(mercator.unit_of(zoom) * BUFFER)
    if drawing.srid != mercator.SRID:
        asked = asked.degrees
    dialect = session.get_bind().dialect
    statement = _texts.get((dialect.name, drawing.key)) or _written(dialect, drawing)
    corners = {f"asked_{one}": getattr(asked, one) for one in _CORNERS}
    if dialect.name == "postgresql":
        corners |= {f"tile_{one}": getattr(box, one) for one in _CORNERS}
        return bytes(session.connection().exec_driver_sql(statement, corners).scalar_one()) or None
    rows = session.connection().exec_driver_sql(statement, corners).mappings()
    return _encoded(drawing, rows, box)


def _written(dialect: Dialect, drawing: Drawing) -> str:
    if len(_texts) >= MOST_TEXTS:
        _texts.clear()
    statement = (_of_postgis if dialect.name == "postgresql" else _of_spatialite)(drawing)
    made = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    spelled = "%({})s" if dialect.name == "postgresql" else ":{}"
    for name in (f"{which}_{one}" for which in ("asked", "tile") for one in _CORNERS):
        made = made.replace(f"@{name}@", spelled.format(name))
    return _texts.setdefault((dialect.name, drawing.key), made)


def _of_postgis(drawing: Drawing) -> Select:
    asked, whole = (
        func.ST_MakeEnvelope(*(literal_column(f"CAST(@{which}_{one}@ AS float8)") for one in _CORNERS), srid)
        for which, srid in (("asked", drawing.srid), ("tile", mercator.SRID))
    )
    shape = drawing.shape if drawing.srid == mercator.SRID else func.ST_Transform(drawing.shape, mercator.SRID)
    # An integer, or a sum of integers, which PostgreSQL makes numeric, would otherwise be written as text.
    columns = [
        cast(one, BigInteger if isinstance(one.type, Integer) else Double).label(one.name) if isinstance(one.type, _NUMBERS) else one
        for one in drawing.rows.selected_columns
    ]
    rows = (
        drawing.rows.with_only_columns(*columns, maintain_column_froms=True)
        .add_columns(func.ST_AsMVTGeom(shape, whole, EXTENT, BUFFER).label(_SHAPE))
        .where(drawing.shape.op("&&")(asked), *(one == value for one, value in _parts(drawing)))
        .subquery("row")
    )
    return select(func.ST_AsMVT(literal_column('"row"'), drawing.name, EXTENT, _SHAPE, "id")).select_from(rows)


def _parts(drawing: Drawing) -> tuple[tuple[InstrumentedAttribute, int], ...]:
    return (drawing.part,) if drawing.part else ()


def _of_spatialite(drawing: Drawing) -> Select:
    spatial, key = drawing.column, next(iter(drawing.column.table.primary_key))
    index = table(f"idx_{spatial.table.name}_{spatial.name}", *map(column, ("pkid", "xmin", "xmax", "ymin", "ymax")))
    west, south, east, north = (literal_column(f"@asked_{one}@") for one in _CORNERS)
    inside = (index.c.xmax >= west, index.c.xmin <= east, index.c.ymax >= south, index.c.ymin <= north)
    rows = drawing.rows.add_columns(wkb_of(drawing.shape).label(_SHAPE))
    if drawing.few:
        # From the few rows to the index, by number: asked for the box, it would give thousands that are not meant.
        listed = exists().where(index.c.pkid == key, *inside)
        return rows.where(listed, *(one == value for one, value in _parts(drawing)))
    # From the box to the rows: the sum keeps SQLite from beginning with all rows of the part.
    return rows.where(key.in_(select(index.c.pkid).where(*inside)), *(one + 0 == value for one, value in _parts(drawing)))


def _encoded(drawing: Drawing, rows: Iterable[Mapping[str, Any]], box: Box) -> bytes | None:
    """What ST_AsMVTGeom and ST_AsMVT do: move to the positions of the tile, cut, round, put rings in their direction."""
    found = list(rows)
    if not found:
        return None
    shapes = shapely.from_wkb([row[_SHAPE] for row in found])
    if drawing.srid != mercator.SRID:
        shapes = mercator.to_mercator(shapes)
    scale = EXTENT / (box.east - box.west)
    shapes = shapely.transform(shapes, lambda points: (points - (box.west, box.north)) * (scale, -scale))
    shapes = shapely.clip_by_rect(shapes, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    shapes = shapely.orient_polygons(shapely.set_precision(shapes, 1))
    truths = {one.name for one in drawing.rows.selected_columns if isinstance(one.type, Boolean)}
    features = [
        {"id": row["id"], "geometry": shape, "properties": _properties(row, truths)}
        for row, shape in zip(found, shapes, strict=True) if not shape.is_empty
    ]
    if not features:
        return None
    options = {"extents": EXTENT, "y_coord_down": True, "check_winding_order": False}
    return mapbox_vector_tile.encode({"name": drawing.name, "features": features}, default_options=options)


def _properties(row: Mapping[str, Any], truths: set[str]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if value is not None and name not in ("id", _SHAPE)}
    return kept | {name: bool(kept[name]) for name in truths & kept.keys()}
