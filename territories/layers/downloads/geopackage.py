"""A layer as a GeoPackage 1.3 (OGC 12-128r17), written row by row by SQLite itself.

A file of its own in a folder of its own: not the embedded database, which no other library of this process may open.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy
import shapely
from sqlalchemy import Connection, text
from sqlalchemy.engine import create_engine
from sqlalchemy.pool import NullPool

from app.core import clock
from app.core.db import dbapi
from app.core.fields import Column
from models.ledger import rfc3339

APPLICATION, VERSION = 0x47504B47, 10300
AT_ONCE = 500
# A blob's head: "GP", version 0, little end first with a box of four edges, or without any box for a point.
_BOXED, _BARE = 0b011, 0b001
WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],'
    'PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
 organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
 description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
 min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
 srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
 srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
 CONSTRAINT uk_gc_table_name UNIQUE (table_name),
 CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
 CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
 definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
 mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
 CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
 min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
 CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""
SCHEMA_EXTENSION = "http://www.geopackage.org/spec130/#extension_schema"
_TYPES = {"integer": "INTEGER", "number": "DOUBLE", "boolean": "BOOLEAN", "string": "TEXT"}
_FORMATS = {"date": "DATE", "date-time": "DATETIME"}


@dataclass(frozen=True)
class Table:
    """The one table of a file. ``about`` says licence and source; ``words`` are title and meaning of each field, which go
    with it (extension gpkg_schema)."""

    name: str
    fields: tuple[Column, ...]
    title: str
    about: str
    words: Mapping[str, tuple[str, str]]
    points: bool

    @property
    def form(self) -> str:
        return "POINT" if self.points else "MULTIPOLYGON"


def write(path: Path, table: Table, rows: Iterable[tuple[Mapping[str, Any], bytes | None]]) -> int:
    """Write ``rows``, each with its shape as WKB in EPSG:4326, as a new file; returns how many."""
    engine = create_engine(f"sqlite:///{path}", module=dbapi, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")
            connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
            for statement in filter(str.strip, TABLES.split(";")):
                connection.exec_driver_sql(statement)
            _describe(connection, table)
            written, box = _fill(connection, table, rows)
            edges = dict(zip(("west", "south", "east", "north"), box or (None,) * 4, strict=True))
            connection.execute(
                text("UPDATE gpkg_contents SET min_x = :west, min_y = :south, max_x = :east, max_y = :north"), edges
            )
            return written
    finally:
        engine.dispose()


def _describe(connection: Connection, table: Table) -> None:
    reference = text("INSERT INTO gpkg_spatial_ref_sys VALUES (:title, :id, :by, :id, :definition, NULL)")
    for srid, words, by, definition in (
        (-1, "Undefined cartesian SRS", "NONE", "undefined"), (0, "Undefined geographic SRS", "NONE", "undefined"),
        (4326, "WGS 84", "EPSG", WGS84),
    ):
        connection.execute(reference, {"title": words, "id": srid, "by": by, "definition": definition})
    columns = ", ".join(f"{_quoted(one.name)} {_type(one)}" for one in table.fields)
    connection.exec_driver_sql(
        f"CREATE TABLE {_quoted(table.name)} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {table.form}, {columns})"
    )
    connection.execute(
        text("INSERT INTO gpkg_contents VALUES (:name, 'features', :title, :about, :changed, NULL, NULL, NULL, NULL, 4326)"),
        {"name": table.name, "title": table.title, "about": table.about, "changed": rfc3339(clock.now())},
    )
    connection.execute(
        text("INSERT INTO gpkg_geometry_columns VALUES (:name, 'geom', :form, 4326, 0, 0)"), {"name": table.name, "form": table.form}
    )
    for one in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        connection.execute(
            text("INSERT INTO gpkg_extensions VALUES (:table, NULL, 'gpkg_schema', :at, 'read-write')"),
            {"table": one, "at": SCHEMA_EXTENSION},
        )
    connection.execute(
        text("INSERT INTO gpkg_data_columns VALUES (:table, :name, :name, :title, :about, NULL, NULL)"),
        [{"table": table.name, "name": name, "title": title, "about": about} for name, (title, about) in table.words.items()],
    )


def _fill(
    connection: Connection, table: Table, rows: Iterable[tuple[Mapping[str, Any], bytes | None]]
) -> tuple[int, tuple[float, ...] | None]:
    """How many rows there were, and the box around them all."""
    columns = ", ".join(["geom", *[_quoted(one.name) for one in table.fields]])
    places = ", ".join("?" * (len(table.fields) + 1))
    insert = f"INSERT INTO {_quoted(table.name)} ({columns}) VALUES ({places})"  # noqa: S608 — our own fields
    written, edges, waiting = 0, [], iter(rows)
    while part := list(islice(waiting, AT_ONCE)):
        shapes = [None if wkb is None else bytes(wkb) for _row, wkb in part]
        boxes = shapely.bounds(shapely.from_wkb(shapes))
        cells = [tuple(_cell(one.read(row)) for one in table.fields) for row, _wkb in part]
        blobs = [_blob(wkb, box, points=table.points) for wkb, box in zip(shapes, boxes, strict=True)]
        connection.exec_driver_sql(insert, [(blob, *cell) for blob, cell in zip(blobs, cells, strict=True)])
        written += len(part)
        edges.append(boxes)
    known = numpy.concatenate(edges) if edges else numpy.empty((0, 4))
    known = known[~numpy.isnan(known).any(axis=1)]
    return written, (*known[:, :2].min(axis=0).tolist(), *known[:, 2:].max(axis=0).tolist()) if len(known) else None


def _blob(wkb: bytes | None, box: Iterable[float], *, points: bool) -> bytes | None:
    if wkb is None:
        return None
    if points:
        return struct.pack("<2sBBi", b"GP", 0, _BARE, 4326) + wkb
    west, south, east, north = box
    return struct.pack("<2sBBi4d", b"GP", 0, _BOXED, 4326, west, east, south, north) + wkb


def _type(column: Column) -> str:
    return _FORMATS.get(column.cell.get("format", ""), _TYPES[column.cell["type"]])


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
