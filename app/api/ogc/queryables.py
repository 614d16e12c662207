"""What features can be filtered by, as a JSON Schema (OGC API - Features, Part 3)."""

from __future__ import annotations

from typing import Any

from app.api.ogc.media import address
from territories.layers.registry import Geometry, Layer

DRAFT = "https://json-schema.org/draft/2020-12/schema"
SHAPE = "geometry"


def schema(layer: Layer) -> dict[str, Any]:
    """The queryables of a layer: its fields and its geometry, nothing else."""
    form = "geometry-multipolygon" if layer.geometry is Geometry.AREA else "geometry-point"
    properties = {one.name: {"title": str(one.meaning)} | one.cell for one in layer.fields}
    return {
        "$schema": DRAFT, "$id": address(f"/collections/{layer.name}/queryables"), "type": "object", "title": str(layer.title),
        "properties": properties | {SHAPE: {"format": form, "x-ogc-role": "primary-geometry"}}, "additionalProperties": False,
    }
