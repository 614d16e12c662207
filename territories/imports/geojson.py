"""Looks at a JSON file before the map library does: is it GeoJSON, in which encoding, and what of its CRS.

Runs in the reading process, within its limits. Sources: RFC 7946; the GeoJSON 2008 draft for `crs`; the
TopoJSON specification for quantised arcs.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from territories.imports.staging import Refusal


def settle_geojson(path: Path) -> tuple[bool, list[str]]:
    """Rewrite `path` as UTF-8 where it is not, and return (declares a CRS, codes of notes).

    Raises Refusal for JSON that is not GeoJSON, a TopoJSON among others.
    """
    raw, notes = path.read_bytes(), []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
        notes.append("transcoded")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal("damaged", reason="invalid") from None
    if document.get("type") == "Topology":
        raise _refusal_of_topojson(document)
    if document.get("type") not in ("FeatureCollection", "Feature"):
        raise Refusal("content", extension=".geojson")
    if not document.get("features", True):
        raise Refusal("no_features", reason="no_geometry")
    if notes:
        path.write_text(text, encoding="utf-8")
    if "crs" not in document:
        return True, [*notes, "assumed_4326"]
    # RFC 7946 dropped `crs`; where GeoJSON 2008 writes `"crs": null` it means "unknown", which is not degrees.
    return document["crs"] is not None, notes


def _refusal_of_topojson(document: dict) -> Refusal:
    try:
        numbers = list(_topojson_numbers(document))
    except (TypeError, KeyError, IndexError):
        return Refusal("damaged", reason="invalid")
    if numbers and (max(numbers) > 180 or min(numbers) < -180):
        return Refusal("topojson_pixels", reason="no_crs", low=round(min(numbers)), high=round(max(numbers)))
    return Refusal("topojson", reason="no_crs")


def _topojson_numbers(document: dict) -> Iterator[float]:
    """All coordinates of a topology as one stream of numbers, x and y together."""
    transform = document.get("transform")
    for arc in document.get("arcs", ()):
        x = y = 0
        for point in arc:
            if transform:
                x, y = x + point[0], y + point[1]
                yield x * transform["scale"][0] + transform["translate"][0]
                yield y * transform["scale"][1] + transform["translate"][1]
            else:
                yield from point[:2]
