"""Vector tiles (Mapbox Vector Tile 2.1) out of a query: PostGIS makes them itself, SpatiaLite's rows are encoded here.

Both give one layer of ``mercator.EXTENT`` positions with ``mercator.BUFFER`` around it, its features numbered by ``id``;
their properties are the other columns, of which what is NULL is absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import mapbox_vector_tile
import shapely
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Double,
    Integer,
    Numeric,
    Select,
    Subquery,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.core.spatial import mercator
from app.core.spatial.mercator import BUFFER, EXTENT, Box
from app.core.spatial.shapes import wkb_of
from models.operations import DataVersion

_CORNERS = ("west", "south", "east", "north")
SHAPE = "_shape"
_NUMBERS = (Integer, Numeric)


@dataclass(frozen=True, eq=False)
class Drawing:
    """What goes on a tile: ``rows`` with a column ``id`` and one for each property, and where they lie. Its statement is
    written once: keep it.

    ``shape`` is a mapped column with a spatial index, EPSG:``srid`` (3857 or 4326): of a table of ``rows``, or of one of its
    own where ``joined`` says by which column it points at which column of ``rows``. ``part``, a column of the shape's table
    and its value, says which of them are meant where there is an index for each part (``few``: of some hundreds of shapes).
    """

    name: str
    rows: Select
    shape: InstrumentedAttribute
    srid: int = mercator.SRID
    joined: tuple[InstrumentedAttribute, InstrumentedAttribute] | None = None
    part: tuple[InstrumentedAttribute, int] | None = None
    few: bool = False

    @property
    def column(self) -> Column:
        return self.shape.property.columns[0]

    @property
    def of_part(self) -> tuple[ColumnElement[bool], ...]:
        return (self.part[0] == self.part[1],) if self.part else ()


def tile(connection: Connection, drawing: Drawing, box: Box) -> tuple[bytes | None, int | None]:
    """The tile of ``box``, None where nothing lies on it, and the number of the data's version it is of where the same
    statement tells it (PostGIS); one statement."""
    asked = box.wider((box.east - box.west) / EXTENT * BUFFER)
    if drawing.srid != mercator.SRID:
        asked = asked.degrees
    corners = {"asked_west": asked.west, "asked_south": asked.south, "asked_east": asked.east, "asked_north": asked.north}
    if connection.dialect.name == "postgresql":
        corners |= {"tile_west": box.west, "tile_south": box.south, "tile_east": box.east, "tile_north": box.north}
        made, number = connection.exec_driver_sql(_written(connection.dialect, drawing), corners).one()
        return bytes(made) or None, number
    rows = connection.exec_driver_sql(_written(connection.dialect, drawing), corners).mappings()
    return encoded(drawing, rows, box), None


@lru_cache(maxsize=1000)
def _written(dialect: Dialect, drawing: Drawing) -> str:
    """The text of the statement: building and compiling it takes longer than PostGIS does over a small tile."""
    statement = (_of_postgis if dialect.name == "postgresql" else _of_spatialite)(drawing)
    made = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    spelled = "%({})s" if dialect.name == "postgresql" else ":{}"
    for name in (f"{which}_{one}" for which in ("asked", "tile") for one in _CORNERS):
        made = made.replace(f"@{name}@", spelled.format(name))
    return made


def _of_postgis(drawing: Drawing) -> Select:
    asked, whole = (
        func.ST_MakeEnvelope(*(literal_column(f"CAST(@{which}_{one}@ AS float8)") for one in _CORNERS), srid)
        for which, srid in (("asked", drawing.srid), ("tile", mercator.SRID))
    )
    # An integer, or a sum of integers, which PostgreSQL makes numeric, would otherwise be written as text.
    columns = [
        cast(one, BigInteger if isinstance(one.type, Integer) else Double).label(one.name) if isinstance(one.type, _NUMBERS) else one
        for one in drawing.rows.selected_columns
    ]
    rows = drawing.rows.with_only_columns(*columns, maintain_column_froms=True)
    inside = (drawing.shape.op("&&")(asked), *drawing.of_part)
    if drawing.joined is None:
        shape = drawing.shape if drawing.srid == mercator.SRID else func.ST_Transform(drawing.shape, mercator.SRID)
        made = rows.add_columns(func.ST_AsMVTGeom(shape, whole, EXTENT, BUFFER).label(SHAPE)).where(*inside).subquery("row")
        return _encoded_there(drawing, made)
    ours, theirs = drawing.joined
    near = select(ours.label("whose"), drawing.shape.label(SHAPE)).where(*inside).cte("near")
    drawn = func.ST_AsMVTGeom(near.c[SHAPE], whole, EXTENT, BUFFER).label(SHAPE)
    if drawing.few:
        made = rows.join(near, theirs == near.c.whose).add_columns(drawn).subquery("row")
    else:
        # From the shapes in the box to their rows, one by one, whatever the planner thinks of the number of either: it
        # cannot know how many units a level has, and would read all of a country's for a tile of fifty.
        each = rows.where(theirs == near.c.whose).offset(0).lateral("each")
        made = select(*each.c, drawn).select_from(near.join(each, true())).subquery("row")
    return _encoded_there(drawing, made)


def _encoded_there(drawing: Drawing, rows: Subquery) -> Select:
    made = select(func.ST_AsMVT(literal_column('"row"'), drawing.name, EXTENT, SHAPE, "id")).select_from(rows)
    return select(made.scalar_subquery(), select(DataVersion.number).scalar_subquery())


def _of_spatialite(drawing: Drawing) -> Select:
    spatial, key = drawing.column, next(iter(drawing.column.table.primary_key))
    index = table(f"idx_{spatial.table.name}_{spatial.name}", *map(column, ("pkid", "xmin", "xmax", "ymin", "ymax")))
    west, south, east, north = (literal_column(f"@asked_{one}@") for one in _CORNERS)
    inside = (index.c.xmax >= west, index.c.xmin <= east, index.c.ymax >= south, index.c.ymin <= north)
    rows = drawing.rows.add_columns(wkb_of(drawing.shape).label(SHAPE))
    if drawing.joined is None:
        return rows.where(key.in_(select(index.c.pkid).where(*inside)))
    ours, theirs = drawing.joined
    rows = rows.join(spatial.table, ours == theirs)
    if drawing.few:
        # From the few shapes to the index, by number: asked for the box, it would give thousands of another part.
        return rows.where(*drawing.of_part, exists().where(index.c.pkid == key, *inside))
    # From the box to the shapes and on to the rows. The sum keeps SQLite from beginning with all shapes of the part, the
    # second condition from beginning with all units of the level.
    there = select(index.c.pkid).where(*inside)
    meant = (drawing.part[0] + 0 == drawing.part[1],) if drawing.part else ()
    return rows.where(key.in_(there), *meant, theirs.in_(select(ours).where(key.in_(there))))


def encoded(drawing: Drawing, rows: Iterable[Mapping[str, Any]], box: Box) -> bytes | None:
    """What ST_AsMVTGeom and ST_AsMVT do: move to the positions of the tile, cut, round, put rings in their direction.
    Each row has its shape under ``SHAPE``, as WKB."""
    found = list(rows)
    if not found:
        return None
    shapes = shapely.from_wkb([row[SHAPE] for row in found])
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
    kept = {name: _plain(value) for name, value in row.items() if value is not None and name not in ("id", SHAPE)}
    return kept | {name: bool(kept[name]) for name in truths & kept.keys()}


def _plain(value: Any) -> Any:
    """What a tile can hold: text, numbers and truths."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value.isoformat() if isinstance(value, date) else value
