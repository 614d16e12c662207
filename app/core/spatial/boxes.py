"""Which rows lie where, through the spatial index of either engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from geoalchemy2 import Geometry
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Column, ColumnElement, LargeBinary, Select, and_, column, func, literal, literal_column, select, table, union_all
from sqlalchemy.orm import Session

from app.core.spatial.shapes import SRID, wkb_of

Bounds = tuple[float, float, float, float]


def constant(shape: BaseGeometry) -> ColumnElement:
    """``shape`` (EPSG:4326) as SQL."""
    return func.ST_GeomFromWKB(literal(shapely.to_wkb(shape), LargeBinary), SRID)


def touches(session: Session, column: ColumnElement, area: BaseGeometry) -> ColumnElement[bool]:
    """Whether a geometry has a point in common with ``area`` (EPSG:4326), rows far away being skipped by the index."""
    return and_(near(session, column, area.bounds), func.ST_Intersects(column, constant(area)) == true_of(session))


def near(session: Session, shape: ColumnElement, bounds: Bounds) -> ColumnElement[bool]:
    """Whether the box around a geometry meets ``bounds`` (west, south, east, north), asked of the index alone.

    SpatiaLite never uses its R*Tree by itself: the rows are those the tree names. What is not a column of a table
    (a point computed for each row) has no index, and every row is near.
    """
    if session.get_bind().dialect.name == "postgresql":
        return shape.op("&&")(func.ST_MakeEnvelope(*bounds, SRID))
    stored = getattr(getattr(shape, "table", None), "c", {}).get(getattr(shape, "name", ""))
    if not isinstance(stored, Column) or not isinstance(stored.type, Geometry):
        return func.coalesce(func.MbrIntersects(shape, func.BuildMbr(*bounds, SRID)), 0) == 1
    [key] = stored.table.primary_key
    west, south, east, north = bounds
    tree = table(f"idx_{stored.table.name}_{stored.name}", *[column(name) for name in ("pkid", "xmin", "xmax", "ymin", "ymax")]).c
    return key.in_(select(tree.pkid).where(tree.xmax >= west, tree.xmin <= east, tree.ymax >= south, tree.ymin <= north))


def true_of(session: Session) -> Any:
    """What a spatial predicate gives for yes: SpatiaLite knows only numbers, and -1 for what it cannot tell."""
    return True if session.get_bind().dialect.name == "postgresql" else 1


def extents_of(session: Session, asked: Sequence[tuple[Select, ColumnElement]]) -> list[Bounds | None]:
    """The box (EPSG:4326) around the geometry column of each statement's rows, None where there are none; one query."""
    if not asked:
        return []
    if session.get_bind().dialect.name == "postgresql":
        west, south, east, north = func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax
    else:
        west, south, east, north = func.MbrMinX, func.MbrMinY, func.MbrMaxX, func.MbrMaxY
    drawn = [rows.order_by(None).add_columns(shape.label("shape")).subquery().c.shape for rows, shape in asked]
    parts = [
        select(
            literal_column(str(number)).label("number"), func.min(west(shape)).label("west"), func.min(south(shape)).label("south"),
            func.max(east(shape)).label("east"), func.max(north(shape)).label("north"),
        )
        for number, shape in enumerate(drawn)
    ]
    found = {row.number: row for row in session.execute(union_all(*parts))}
    return [
        None if found[number].west is None else (found[number].west, found[number].south, found[number].east, found[number].north)
        for number in range(len(asked))
    ]


def box_of(bounds: Bounds) -> BaseGeometry:
    """A box as a shape; one without width or height is the line or the point that it is."""
    west, south, east, north = bounds
    if west == east and south == north:
        return shapely.Point(west, south)
    return shapely.LineString([(west, south), (east, north)]) if west == east or south == north else shapely.box(*bounds)


def shape_from(session: Session, shape: BaseGeometry, srid: int) -> BaseGeometry:
    """A shape of the projected system ``srid`` in EPSG:4326, its sides bent as they are there; one query."""
    west, south, east, north = shape.bounds
    # A side bends between its corners: sixteen pieces of it keep within metres over a whole country.
    piece = max(east - west, north - south, 1.0) / 16
    given = func.ST_GeomFromWKB(literal(shapely.to_wkb(shapely.segmentize(shape, piece)), LargeBinary), srid)
    return shapely.from_wkb(bytes(session.scalar(select(wkb_of(func.ST_Transform(given, SRID))))))
