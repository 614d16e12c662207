"""Shapes in and out of the database as WKB, the form both engines read without rounding."""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, LargeBinary, bindparam, func, type_coerce

SRID = 4326


def shape_from_wkb(parameter: str) -> ColumnElement:
    """The geometry in EPSG:4326 of the WKB bytes bound to ``parameter``."""
    bound: BindParameter[bytes] = bindparam(parameter, type_=LargeBinary)
    return func.ST_GeomFromWKB(bound, SRID)


def wkb_of(column: ColumnElement) -> ColumnElement[bytes]:
    """The WKB bytes of a geometry column: GeoAlchemy's own way back goes through text in hexadecimal."""
    return type_coerce(func.ST_AsBinary(column), LargeBinary)
