"""A layer as a file, written while it is read.

What a request knows (its language above all) is asked before the first row: the rest goes out after it has ended.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import literal
from sqlalchemy.orm import Session

from app.core.dictionary import LICENCE, in_all, table_field
from app.core.fields import TEXT, Column
from app.core.i18n import SOURCE, force_locale, lazy
from app.core.sheets import csv_line
from app.core.spatial.shapes import wkb_of, wkt_of
from app.core.streams import PIECE, pieces
from territories.layers import features
from territories.layers.downloads import geopackage
from territories.layers.features import DECIMALS, SHAPE, Asked
from territories.layers.registry import Geometry, Layer

GEOJSON, GPKG, CSV = "geojson", "gpkg", "csv"
MEDIA = {GEOJSON: "application/geo+json", GPKG: "application/geopackage+sqlite3", CSV: "text/csv"}
WKT = Column("wkt", TEXT, lazy("La forma, en WKT: grados, longitud y latitud (EPSG:4326)."), lambda row: row[SHAPE], title=lazy("Forma"))


@dataclass(frozen=True)
class Source:
    """Where a file comes from, as it says itself: the ``municipality``, the unit and the day it is of, the addresses
    of the layer's page."""

    municipality: str
    unit: str
    on: date
    about: str

    def file(self, layer: Layer, ending: str) -> str:
        """``cuadra-blocks-T-07-2026-03-14.geojson``"""
        return f"cuadra-{layer.name}-{self.unit}-{self.on.isoformat()}.{ending}"


def columns_of(layer: Layer) -> tuple[Column, ...]:
    """The columns of a flat file."""
    return (*layer.fields, WKT)


def geojson(session: Session, asked: Asked, source: Source) -> Iterator[bytes]:
    """RFC 7946, a feature a line; licence and source go before them as foreign members (6.1)."""
    head = {
        "type": "FeatureCollection", "name": asked.layer.name, "title": str(asked.layer.title), "date": source.on.isoformat(),
        "unit": source.unit, "source": source.municipality, "license": LICENCE["path"], "describedby": source.about,
    }
    return pieces(_features(session, asked, json.dumps(head, ensure_ascii=False)[:-1] + ', "features": ['))


def _features(session: Session, asked: Asked, head: str) -> Iterator[str]:
    yield head
    comma = "\n"
    for row in features.each_row(session, asked, features.shape_text(asked)):
        yield comma + features.feature_text(asked.layer, row)
        comma = ",\n"
    yield "\n]}\n"


def csv(session: Session, asked: Asked, _source: Source) -> Iterator[bytes]:
    """RFC 4180 with a header; what a spreadsheet would run is only text (see app.core.sheets)."""
    columns = columns_of(asked.layer)
    rows = features.each_row(session, asked, wkt_of(asked.shape, literal(DECIMALS)))
    return pieces(_lines(columns, rows))


def _lines(columns: tuple[Column, ...], rows: Iterator[Any]) -> Iterator[str]:
    yield csv_line([column.name for column in columns])
    for row in rows:
        yield csv_line([column.read(row) for column in columns])


def gpkg(session: Session, asked: Asked, source: Source) -> Iterator[bytes]:
    """A GeoPackage. It is whole before its first byte leaves, and nothing of it stays on the disk."""
    table = geopackage.Table(
        asked.layer.name, asked.layer.fields, title=str(asked.layer.title), points=asked.layer.geometry is Geometry.POINT,
        about=f"{source.municipality}, {source.on.isoformat()}. {LICENCE['title']}, {LICENCE['path']}. {source.about}",
        words={one.name: (one.heading, str(one.meaning)) for one in asked.layer.fields},
    )
    return _whole(session, asked, table)


def _whole(session: Session, asked: Asked, table: geopackage.Table) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="cuadra-") as folder:
        path = Path(folder) / "layer.gpkg"
        geopackage.write(path, table, ((row, row[SHAPE]) for row in features.each_row(session, asked, wkb_of(asked.shape))))
        with path.open("rb") as file:
            while part := file.read(PIECE):
                yield part


WRITERS = {GEOJSON: geojson, GPKG: gpkg, CSV: csv}


def schema(layer: Layer, source: Source) -> dict[str, Any]:
    """What the files of a layer hold, in the words of Data Package 2.0."""
    with force_locale(SOURCE):
        told = {"name": layer.name, "title": str(layer.title), "description": str(layer.summary)}
    return told | {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json", "titles": in_all(layer.title),
        "descriptions": in_all(layer.summary), "licenses": [LICENCE], "sources": [{"title": source.municipality, "path": source.about}],
        "crs": "EPSG:4326", "fields": [table_field(one) for one in columns_of(layer)], "missingValues": [""],
    }


