"""What there is: landing page, conformance and collections, as data that both JSON and HTML are written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.api.ogc.crs import CRS84, Crs
from app.api.ogc.media import GEOJSON, HTML, HTML_WORD, JSON, JSON_WORD, OPENAPI, REL, SCHEMA, Link, address, link, written_as
from app.api.ogc.tilesets import CONFORMS_TO as TILES
from app.api.ogc.tilesets import links_of
from app.core.dictionary import LICENCE
from app.core.i18n import _, lazy
from app.core.spatial.boxes import Bounds
from territories.layers.registry import Layer

PART_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
PART_3 = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
PART_2 = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf"
COMMON = "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf"
CONFORMS_TO = (
    f"{COMMON}/core", "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    f"{PART_1}/core", f"{PART_1}/geojson", f"{PART_1}/html", f"{PART_1}/oas30", f"{PART_2}/crs",
    f"{PART_3}/queryables", f"{PART_3}/queryables-query-parameters", f"{PART_3}/filter", f"{PART_3}/features-filter",
    f"{CQL2}/cql2-text", f"{CQL2}/basic-cql2", f"{CQL2}/advanced-comparison-operators", f"{CQL2}/basic-spatial-functions",
    f"{CQL2}/basic-spatial-functions-plus", f"{CQL2}/spatial-functions", *TILES,
)
ABOUT = lazy("Las capas públicas del mapa para programas de cartografía: límites, cobertura, acuerdos. Sin llave y solo de lectura.")


def landing(municipality: str, links: Sequence[Link]) -> dict[str, Any]:
    return {
        "title": f"Cuadra · {municipality}", "description": str(ABOUT), "attribution": municipality,
        "links": [
            *links,
            link("service-desc", written_as("/api", JSON_WORD), OPENAPI, _("Descripción OpenAPI 3.0")),
            link("service-doc", written_as("/api", HTML_WORD), HTML, _("La misma descripción, para leerla")),
            link("conformance", address("/conformance"), JSON, _("Lo que cumple de los estándares de OGC")),
            link("data", address("/collections"), JSON, _("Colecciones")),
            link(f"{REL}/tilesets-vector", address("/tiles"), JSON, _("Mosaicos vectoriales")),
            link(f"{REL}/styles", address("/styles"), JSON, _("Estilos")),
            link("license", LICENCE["path"], HTML, "CC BY 4.0"),
        ],
    }


def conformance() -> dict[str, Any]:
    return {"conformsTo": list(CONFORMS_TO)}


def collections(found: Sequence[Mapping[str, Any]], crs: Sequence[Crs], links: Sequence[Link]) -> dict[str, Any]:
    return {"links": list(links), "crs": [one.uri for one in crs], "collections": list(found)}


def collection(layer: Layer, extent: Bounds | None, crs: Sequence[Crs], links: Sequence[Link]) -> dict[str, Any]:
    """One collection. ``extent`` None: it has no features, so that nothing can be said of where they are."""
    at = f"/collections/{layer.name}"
    told: dict[str, Any] = {"id": layer.name, "title": str(layer.title), "description": str(layer.summary), "itemType": "feature"}
    if extent is not None:
        told["extent"] = {"spatial": {"bbox": [list(extent)], "crs": CRS84.uri}}
    return told | {
        "crs": [one.uri for one in crs], "storageCrs": CRS84.uri,
        "links": [
            *links,
            link("items", written_as(f"{at}/items", JSON_WORD), GEOJSON, _("Sus elementos, en GeoJSON")),
            link("items", written_as(f"{at}/items", HTML_WORD), HTML, _("Sus elementos, para leerlos")),
            link(f"{REL}/queryables", address(f"{at}/queryables"), SCHEMA, _("Por qué se puede filtrar")),
            *links_of(layer),
            link("license", LICENCE["path"], HTML, "CC BY 4.0"),
        ],
    }
