"""Shapes in and out of the database as WKB, the form both engines read without rounding, and out as GeoJSON."""

from __future__ import annotations

from geoalchemy2 import WKTElement
from sqlalchemy import BindParameter, ColumnElement, LargeBinary, String, bindparam, func, literal, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

SRID = 4326


def shape_from_wkb(parameter: str, srid: int = SRID) -> ColumnElement:
    """The geometry in EPSG:``srid`` of the WKB bytes bound to ``parameter``."""
    bound: BindParameter[bytes] = bindparam(parameter, type_=LargeBinary)
    return func.ST_GeomFromWKB(bound, srid)


def wkb_of(column: ColumnElement) -> ColumnElement[bytes]:
    """The WKB bytes of a geometry column: GeoAlchemy's own way back goes through text in hexadecimal."""
    return type_coerce(func.ST_AsBinary(column), LargeBinary)


class geojson_of(FunctionElement):  # noqa: N801 — reads as the SQL function it stands for
    """The text of a geometry as GeoJSON (RFC 7946, 3.1.6: outer rings counterclockwise), made by the database.

    ``srid`` transforms from EPSG:4326 first; ``swapped`` writes northing before easting; points are not ``oriented``.
    """

    type = String()
    inherit_cache = True
    name = "geojson_of"

    def __init__(self, column: ColumnElement, *, decimals: int, srid: int = SRID, swapped: bool = False, oriented: bool = True):
        shape = func.ST_ForcePolygonCCW(column) if oriented else column
        if srid != SRID:
            shape = func.ST_Transform(shape, srid)
        super().__init__(_swapped(shape) if swapped else shape, literal(decimals))


class _swapped(FunctionElement):  # noqa: N801
    inherit_cache = True
    name = "swapped"


@compiles(_swapped, "postgresql")
def _flip(element, compiler, **options) -> str:
    return f"ST_FlipCoordinates({compiler.process(element.clauses, **options)})"


@compiles(_swapped, "sqlite")
def _swap(element, compiler, **options) -> str:
    return f"SwapCoords({compiler.process(element.clauses, **options)})"


@compiles(geojson_of, "postgresql")
def _postgis(element, compiler, **options) -> str:
    # Without the 0, what is not in EPSG:4326 would carry a "crs" that RFC 7946 took out.
    return f"ST_AsGeoJSON({compiler.process(element.clauses, **options)}, 0)"


@compiles(geojson_of, "sqlite")
def _spatialite(element, compiler, **options) -> str:
    return f"AsGeoJSON({compiler.process(element.clauses, **options)}, 0)"


def point_of(longitude: float, latitude: float) -> WKTElement:
    """A point in degrees, as a column of points in EPSG:4326 takes it."""
    return WKTElement(f"POINT({longitude} {latitude})", srid=SRID)


class wkt_of(FunctionElement):  # noqa: N801
    """``wkt_of(geometry, decimals)``: the text of a geometry as WKT (OGC 06-103r4), made by the database."""

    type = String()
    inherit_cache = True
    name = "wkt_of"


@compiles(wkt_of, "postgresql")
def _wkt_postgis(element, compiler, **options) -> str:
    return f"ST_AsText({compiler.process(element.clauses, **options)})"


@compiles(wkt_of, "sqlite")
def _wkt_spatialite(element, compiler, **options) -> str:
    return f"AsWkt({compiler.process(element.clauses, **options)})"
