"""The files of open data, written as they are read so that memory does not grow with the municipality.

Rows and column names are those of the API (app.api.fields).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from agendas.agreements.queries import each_agreement
from app.api import fields
from app.api.queries import each_assembly
from app.core.fields import Column, Field, columns_of
from app.core.i18n import lazy
from app.core.sheets import csv_line
from app.portal.open_data import queries
from models.territory import LevelRole

CSV, GEOJSON = "text/csv", "application/geo+json"


@dataclass(frozen=True)
class Site:
    """What rows need to know and a stream can no longer ask, its request being over: the base of addresses
    and the municipality's day."""

    base: str
    day: date

    def agreement(self, folio: str) -> str:
        return f"{self.base}/a/{folio}"

    def assembly(self, folio: str) -> str:
        return f"{self.base}/assemblies/{folio}"

    def unit(self, code: str) -> str:
        return f"{self.base}/t/{code}"


@dataclass(frozen=True)
class Resource:
    """One file: its name, what it holds, its fields, and ``write(session, site)``, the lines of its text."""

    name: str
    file: str
    title: Any
    about: Any
    fields: tuple[Field, ...]
    write: Callable[..., Iterator[str]]
    key: tuple[str, ...]

    @property
    def format(self) -> str:
        return self.file.rpartition(".")[2]

    @property
    def is_map(self) -> bool:
        return self.format == "geojson"

    @property
    def mediatype(self) -> str:
        return GEOJSON if self.is_map else CSV

    @property
    def properties(self) -> tuple[Field, ...]:
        """The properties of each feature of a map: the API's, but for those no file has."""
        return tuple(field for field in self.fields if field.columns)

    @property
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.fields)


def table(columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A CSV (RFC 4180) with a header."""
    yield csv_line([column.name for column in columns])
    for row in rows:
        yield csv_line([column.read(row) for column in columns])


def collection(features: Iterable[queries.Feature]) -> Iterator[str]:
    """A GeoJSON FeatureCollection (RFC 7946), a feature a line."""
    yield '{"type":"FeatureCollection","features":['
    comma = ""
    for feature in features:
        yield comma + json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        comma = ",\n"
    yield "]}\n"


def agreements_csv(session: Session, site: Site) -> Iterator[str]:
    """Every agreement, the oldest first."""
    return table(columns_of(fields.AGREEMENT), each_agreement(session, site.agreement, site.day))


def agreements_geojson(session: Session, site: Site) -> Iterator[str]:
    """Every agreement with a point inside its unit."""
    return collection(queries.each_agreement_on_the_map(session, site.agreement, site.day))


def assemblies_csv(session: Session, site: Site) -> Iterator[str]:
    """Every assembly once convened, the oldest first."""
    return table(columns_of(fields.ASSEMBLY), each_assembly(session, site.assembly))


def units_csv(session: Session, site: Site, level: LevelRole | None = None) -> Iterator[str]:
    """The units in force, or those of one level, without their boundaries."""
    return table(columns_of(fields.UNIT), (one["properties"] for one in queries.each_unit(session, site.unit, site.day, level=level)))


def units_geojson(session: Session, site: Site, level: LevelRole | None = None) -> Iterator[str]:
    """The units in force, or those of one level, with their boundaries."""
    return collection(queries.each_unit(session, site.unit, site.day, level=level, drawn=True))


def problems_csv(session: Session, _site: Site) -> Iterator[str]:
    """Problems counted by territory and theme."""
    return table(columns_of(fields.PROBLEM_COUNT), queries.each_problem_count(session))


RESOURCES = (
    Resource(
        "agreements", "agreements.csv", lazy("Acuerdos"),
        lazy("Un renglón por acuerdo: qué, quién lo debe, para cuándo, en qué va y qué dicen los vecinos."),
        fields.AGREEMENT, agreements_csv, ("folio",),
    ),
    Resource(
        "agreements-map", "agreements.geojson", lazy("Acuerdos en el mapa"),
        lazy("Los mismos acuerdos, cada uno donde se puso en el mapa o, si nadie lo puso, en un punto dentro de su cuadra o territorio."),
        fields.AGREEMENT, agreements_geojson, ("folio",),
    ),
    Resource(
        "assemblies", "assemblies.csv", lazy("Asambleas"),
        lazy("Un renglón por asamblea convocada, con las cuadras que reúne y cuántas personas asistieron."),
        fields.ASSEMBLY, assemblies_csv, ("folio",),
    ),
    Resource(
        "units", "units.csv", lazy("Unidades territoriales"),
        lazy("Cada unidad con las cuadras que ya se reunieron y los acuerdos cumplidos. Con «?level=territory» baja solo un nivel."),
        fields.UNIT, units_csv, ("code",),
    ),
    Resource(
        "units-map", "units.geojson", lazy("Límites de las unidades"),
        lazy("Las mismas unidades con sus límites. Con «?level=territory» baja solo un nivel."),
        fields.UNIT, units_geojson, ("code",),
    ),
    Resource(
        "problems", "problems.csv", lazy("Problemas planteados"),
        lazy(
            "Cuántos problemas se plantearon en cada territorio, por tema. Los de seguridad y violencia solo se cuentan por "
            "territorio, al cerrar el mes."
        ),
        fields.PROBLEM_COUNT, problems_csv, ("unit", "theme"),
    ),
)
