"""Vector tiles and styles as OGC API - Tiles (OGC 20-057) and OGC API - Styles tell of them. The tiles themselves are
where the map has them, under ``/tiles``: links say where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.api.ogc.crs import CRS84
from app.api.ogc.media import JSON, REL, Link, address, link
from app.core.i18n import _
from app.core.links import whole
from app.core.spatial.boxes import Bounds
from territories.layers.registry import Geometry, Layer

SCHEME = "WebMercatorQuad"
SCHEME_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{SCHEME}"
CRS_URI = "http://www.opengis.net/def/crs/EPSG/0/3857"
MVT, STYLE = "application/vnd.mapbox-vector-tile", "application/vnd.mapbox.style+json"
CONF = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
CONFORMS_TO = (f"{CONF}/core", f"{CONF}/tileset", f"{CONF}/tilesets-list", f"{CONF}/geodata-tilesets", f"{CONF}/mvt")


def at(layer: Layer) -> str:
    return f"/collections/{layer.name}/tiles/{SCHEME}"


def tilejson(layer: Layer) -> str:
    return whole(f"/tiles/{layer.name}.json")


def tilesets(layers: Iterable[Layer], links: Sequence[Link]) -> dict[str, Any]:
    return {"links": list(links), "tilesets": [_short(one, [link("self", address(at(one)), JSON)]) for one in layers]}


def _short(layer: Layer, links: Sequence[Link]) -> dict[str, Any]:
    return {
        "title": str(layer.title), "dataType": "vector", "crs": CRS_URI, "tileMatrixSetURI": SCHEME_URI,
        "links": [*links, link(f"{REL}/tiling-scheme", SCHEME_URI, JSON)],
    }


def tileset(layer: Layer, box: Bounds | None, links: Sequence[Link]) -> dict[str, Any]:
    """One tileset. In the address of a tile the column goes before the row."""
    first, last = layer.zooms
    template = whole(f"/tiles/{layer.name}/{{tileMatrix}}/{{tileCol}}/{{tileRow}}.mvt")
    fields = {one.name: {"description": str(one.meaning)} | one.cell for one in layer.fields}
    more = {"boundingBox": {"lowerLeft": box[:2], "upperRight": box[2:], "crs": CRS84.uri}} if box else {}
    return _short(layer, [
        *links, link("item", template, MVT) | {"templated": True}, link("describedby", tilejson(layer), JSON, "TileJSON"),
        link(f"{REL}/geodata", address(f"/collections/{layer.name}"), JSON, layer.title),
        link("stylesheet", address(f"/styles/{layer.name}"), STYLE, _("Estilo MapLibre")),
    ]) | more | {
        "description": str(layer.summary), "accessConstraints": "unclassified", "license": "CC-BY-4.0",
        "layers": [{
            "id": layer.name, "title": str(layer.title), "dataType": "vector", "minTileMatrix": str(first), "maxTileMatrix": str(last),
            "geometryDimension": 2 if layer.geometry is Geometry.AREA else 0, "propertiesSchema": {"type": "object", "properties": fields},
        }],
    }


def styles(layers: Iterable[Layer], links: Sequence[Link]) -> dict[str, Any]:
    return {
        "links": list(links),
        "styles": [
            {"id": one.name, "title": str(one.title), "links": [link("stylesheet", address(f"/styles/{one.name}"), STYLE)]}
            for one in layers
        ],
    }


def links_of(layer: Layer) -> list[Link]:
    """From a collection to its tiles, its style and its files."""
    return [
        link(f"{REL}/tilesets-vector", address(f"/collections/{layer.name}/tiles"), JSON, _("Mosaicos vectoriales")),
        link(f"{REL}/styles", address("/styles"), JSON, _("Estilos")),
    ]
