"""The OpenAPI 3.0 document, with a path for each collection that everybody may see.

Version 3.0 and not 3.1, as the standard's requirement class says and its clients read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.api.contract import Parameter
from app.api.ogc import items, parameters
from app.api.ogc.crs import Crs
from app.api.ogc.media import GEOJSON, HTML, JSON, OPENAPI, SCHEMA
from app.api.ogc.tilesets import SCHEME, STYLE
from app.core.fields import Schema
from app.core.i18n import force_locale
from territories.layers.registry import Layer

LINK: Schema = {
    "type": "object", "required": ["href", "rel"],
    "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
}
LINKS: Schema = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
PROBLEM: Schema = {
    "type": "object", "required": ["type", "title", "status"],
    "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}},
}


def _thing(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


_COLLECTION = _thing(id={"type": "string"}, title={"type": "string"}, links=LINKS, crs={"type": "array", "items": {"type": "string"}})
_SCHEMAS: dict[str, Schema] = {
    "Link": LINK, "Problem": PROBLEM, "Collection": _COLLECTION,
    "Landing": _thing(title={"type": "string"}, links=LINKS),
    "Conformance": _thing(conformsTo={"type": "array", "items": {"type": "string"}}),
    "Collections": _thing(links=LINKS, collections={"type": "array", "items": {"$ref": "#/components/schemas/Collection"}}),
    "Any": {"type": "object"},
}


def document(layers: Iterable[Layer], systems: Sequence[Crs], *, base: str) -> dict[str, Any]:
    """The description of the API at ``base``, in English: those who read it program."""
    with force_locale("en"):
        return _document(layers, systems, base)


def _document(layers: Iterable[Layer], systems: Sequence[Crs], base: str) -> dict[str, Any]:
    schemas = dict(_SCHEMAS)
    paths = {
        "/": _get("landing", "Landing page", {JSON: "Landing"}),
        "/conformance": _get("conformance", "What this conforms to", {JSON: "Conformance"}),
        "/api": _get("api", "This document", {OPENAPI: "Any"}),
        "/collections": _get("collections", "The collections", {JSON: "Collections"}),
        "/tiles": _get("tilesets", "Vector tiles of every collection", {JSON: "Any"}),
        "/styles": _get("styles", "Styles for MapLibre, one for each collection", {JSON: "Any"}),
    }
    for layer in layers:
        name, word = layer.name, f"Feature_{layer.name.replace('-', '_')}"
        schemas[word] = _feature(layer)
        schemas[f"{word}_collection"] = _thing(
            type={"type": "string", "enum": ["FeatureCollection"]},
            features={"type": "array", "items": {"$ref": f"#/components/schemas/{word}"}},
            numberReturned={"type": "integer", "minimum": 0}, links=LINKS,
        )
        at = f"/collections/{name}"
        paths |= {
            at: _get(f"collection_{name}", str(layer.title), {JSON: "Collection"}),
            f"{at}/tiles": _get(f"tilesets_{name}", "Its vector tiles", {JSON: "Any"}),
            f"{at}/tiles/{SCHEME}": _get(f"tileset_{name}", "Its vector tiles in Web Mercator", {JSON: "Any"}),
            f"/styles/{name}": _get(f"style_{name}", "Its style for MapLibre", {STYLE: "Any"}),
            f"{at}/queryables": _get(f"queryables_{name}", "What it can be filtered by", {SCHEMA: "Any"}),
            f"{at}/items": _get(
                f"items_{name}", str(layer.summary), {GEOJSON: f"{word}_collection"}, items.parameters_of(layer), systems=systems
            ),
            f"{at}/items/{{featureId}}": _get(
                f"item_{name}", "One of them, by its code", {GEOJSON: word}, items.ONE, in_path=("featureId",), systems=systems
            ),
        }
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Cuadra", "version": "1", "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
            "description": (
                "The public layers of the map (OGC API - Features). Read only, no key, any site may read it (CORS). Errors are RFC 9457."
            ),
        },
        "servers": [{"url": base}], "paths": paths, "components": {"schemas": schemas},
    }


def _get(
    operation: str, summary: str, answers: dict[str, str], known: Sequence[Parameter] = (parameters.FORMAT,),
    in_path: Sequence[str] = (), systems: Sequence[Crs] = (),
) -> dict[str, Any]:
    content: dict[str, Any] = {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}} for media, schema in answers.items()}
    responses = {
        "200": {"description": "OK", "content": content | {HTML: {"schema": {"type": "string"}}}},
        "400": _problem("A parameter or a value that is not in this document"),
        "503": _problem("The database cannot be reached; Retry-After says when to come back"),
    }
    if in_path:
        responses["404"] = _problem("No such feature")
    inputs = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in in_path]
    return {
        "get": {
            "operationId": operation.replace("-", "_"), "summary": summary,
            "parameters": [*inputs, *[_parameter(one, systems) for one in known]], "responses": responses,
        }
    }


def _parameter(one: Parameter, systems: Sequence[Crs]) -> dict[str, Any]:
    schema = one.schema
    if one in parameters.SYSTEMS:
        schema = {"type": "string", "format": "uri", "enum": [system.uri for system in systems]}
    return {
        "name": one.name, "in": "query", "required": one.required, "style": "form", "explode": False, "schema": schema,
        "description": one.description,
    }


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _feature(layer: Layer) -> Schema:
    properties = {one.name: _as_30(one.schema) for one in layer.fields}
    return {
        "type": "object", "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]}, "id": {"type": "string"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "required": list(properties), "properties": properties}, "links": LINKS,
        },
    }


def _as_30(schema: Schema) -> Schema:
    """A schema of ours in the words of OpenAPI 3.0, where null is not a type."""
    if "anyOf" not in schema:
        return schema
    inner = schema["anyOf"][0]
    return inner | {"nullable": True} | ({"enum": [*inner["enum"], None]} if "enum" in inner else {})
