"""The kinds of lists that can be brought in: what each needs, who may bring it, and its template."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.admin.imports.boundaries import LIMITS, Boundaries
from app.admin.imports.forms import TableForm, UnitsForm, table_form
from app.admin.imports.plans import Engine
from app.admin.imports.queries import levels
from app.admin.imports.tables import Tables
from app.core import tabular
from app.core.forms import Versioned
from app.core.i18n import lazy
from app.core.permissions import Permission
from app.core.tabular.reader import MAX_BYTES
from models.intake import ImportRun


@dataclass(frozen=True)
class Kind:
    """``accept`` are the extensions of its files; ``encrypted``: its rows may hold names, so its file is kept encrypted.

    ``columns`` names the template that asks for the columns, ``form`` makes what it shows, ``template`` gives an
    empty file to fill and its media type; ``companion``: its rows may name files that come along in a ZIP;
    ``made`` is the endpoint of the list where what was written is seen.
    """

    slug: str
    title: Any
    needs: Any
    accept: str
    most_bytes: int
    permission: Permission
    encrypted: bool
    engine: Engine
    columns: str
    form: Callable[[Session, ImportRun], Versioned]
    template: Callable[[], tuple[bytes, str]]
    template_name: str
    companion: bool = False
    made: str | None = None


def units_template() -> tuple[bytes, str]:
    """A square in Iztapalapa, to be replaced: what a boundary file has to look like."""
    square = [[-99.1, 19.35], [-99.09, 19.35], [-99.09, 19.36], [-99.1, 19.36], [-99.1, 19.35]]
    feature = {
        "type": "Feature", "properties": {"clave": "07-001", "nombre": "San Miguel", "tipo": "colonia", "unidad_superior": "07"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }  # fmt: skip
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
    return json.dumps(collection, ensure_ascii=False, indent=1).encode(), "application/geo+json"


def _units_form(session: Session, run: ImportRun) -> UnitsForm:
    return UnitsForm.of(run.plan["look"]["fields"], levels(session), run.options, run.version)


def _table_form(session: Session, run: ImportRun) -> TableForm:
    return table_form(session, tabular.kind_named(run.kind), run.plan["look"]["fields"], run.options, run.version)


UNITS = Kind(
    "units", lazy("Unidades y sus límites"),
    lazy("Un mapa con un polígono por unidad y una columna con su clave: GeoJSON, GeoPackage, Shapefile en .zip o KML."),
    ".geojson,.json,.gpkg,.zip,.kml", LIMITS.file_bytes, Permission.UNITS_IMPORT, encrypted=False, engine=Boundaries(),
    columns="units", form=_units_form, template=units_template, template_name="unidades.geojson",
)  # fmt: skip
# One sentence of what the list of each kind must say.
NEEDS = {
    "bodies": lazy("Una lista de áreas, colectivos y mesas, cada una con su clave, su nombre y de qué nivel es."),
    "people": lazy("Una lista de personas con su cargo, la unidad o instancia en que lo tienen y desde cuándo."),
    "assemblies": lazy("Una lista de asambleas ya realizadas: fecha, unidad, cuadras y cuántas personas fueron."),
    "indicators": lazy("Una tabla con el valor de un indicador en cada unidad, por clave o por nombre; de uno o de varios periodos."),
    "agreements": lazy("Una lista de acuerdos que ya existen: qué se acordó, dónde, quién lo debe y para cuándo."),
}  # fmt: skip
WITH_COMPANION = frozenset({"assemblies"})
MADE = {
    "bodies": "bodies.index", "people": "people.index", "assemblies": "convene.index", "agreements": "work.agreement_list",
    "indicators": "indicators.index",
}


def kinds() -> list[Kind]:
    """All of them, in the order in which a borough needs them."""
    return [UNITS, *map(_table, tabular.kinds())]


def kind_named(slug: str) -> Kind:
    """Raises KeyError for a kind nobody offers."""
    return UNITS if slug == UNITS.slug else _table(tabular.kind_named(slug))


def _table(kind: tabular.Kind) -> Kind:
    return Kind(
        kind.name, kind.label, NEEDS[kind.name], ".csv,.tsv,.txt,.xlsx", MAX_BYTES, kind.permission, encrypted=True, engine=Tables(kind),
        columns="tables", form=_table_form, template=lambda: (tabular.template_csv(kind), "text/csv"), template_name=f"{kind.name}.csv",
        companion=kind.name in WITH_COMPANION, made=MADE[kind.name],
    )
