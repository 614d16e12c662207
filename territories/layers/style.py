"""A layer as MapLibre paints it (MapLibre Style Specification, version 8), by the same classes as everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from territories.layers.classes import Class, Holds
from territories.layers.palettes import INK, STONE
from territories.layers.registry import Geometry, Layer

Where = Literal["property", "state"]
# Streets of a base map must be read through a painted area.
OPACITY = 0.78
RADIUS = {6: 2.5, 12: 4.5, 16: 8}
WIDTH = {5: 0.3, 10: 0.7, 14: 1.4, 16: 2.2}


def map_layers(layer: Layer, classes: Sequence[Class], *, value: Where = "property", hatch: str | None = None) -> list[dict[str, Any]]:
    """The style layers of ``layer``: ``<name>-fill`` and ``<name>-line`` of areas, ``<name>-circle`` of points.

    They read the field ``layer.style.by`` of the tiles' properties or, where a page joins its own rows, of the
    feature-state. Source and source-layer have the layer's name. ``hatch`` names an image of the map that marks areas
    without data, in ``<name>-missing``; without it they are left bare.
    """
    read = ["get" if value == "property" else "feature-state", layer.style.by]
    source = {"source": layer.name, "source-layer": layer.name, "minzoom": layer.zooms[0]}
    if layer.geometry is Geometry.POINT:
        paint = {
            "circle-color": _pick(read, classes, lambda one: one.colour), "circle-radius": _by_zoom(RADIUS),
            "circle-stroke-color": _pick(read, classes, lambda one: STONE if one.missing else INK), "circle-stroke-width": 1,
        }
        return [{"id": f"{layer.name}-circle", "type": "circle", **source, "paint": paint}]
    outlined = layer.style.palette == "outline"
    opacity = 0.0 if outlined else _pick(read, classes, lambda one: 0.15 if one.missing else OPACITY)
    fill = {"fill-color": _pick(read, classes, lambda one: one.colour), "fill-opacity": opacity}
    line = {"line-color": _pick(read, classes, lambda one: STONE if one.missing else INK), "line-width": _by_zoom(WIDTH)}
    found = [{"id": f"{layer.name}-fill", "type": "fill", **source, "paint": fill}]
    if hatch and any(one.missing for one in classes):
        hidden = _pick(read, classes, lambda one: int(one.missing))
        found.append({"id": f"{layer.name}-missing", "type": "fill", **source, "paint": {"fill-pattern": hatch, "fill-opacity": hidden}})
    return [*found, {"id": f"{layer.name}-line", "type": "line", **source, "layout": {"line-join": "round"}, "paint": line}]


def style_json(layer: Layer, classes: Sequence[Class], *, tilejson: str, attribution: str = "") -> dict[str, Any]:
    """A whole style document for programs that open one layer; ``tilejson`` is the address of its TileJSON."""
    source = {"type": "vector", "url": tilejson} | ({"attribution": attribution} if attribution else {})
    return {
        "version": 8, "name": str(layer.title), "metadata": {"cuadra:layer": layer.name},
        "sources": {layer.name: source}, "layers": map_layers(layer, classes),
    }


def _pick(read: list, classes: Sequence[Class], paint) -> Any:
    """The expression that gives each class its own ``paint(class)``; one value where all are painted alike."""
    if len({paint(one) for one in classes}) <= 1:
        return paint(classes[0]) if classes else None
    intervals = [one for one in classes if one.holds is Holds.INTERVAL]
    missing = next((paint(one) for one in classes if one.missing), None)
    if intervals:
        steps: Any = ["step", ["to-number", read], paint(intervals[0])]
        for one in intervals[1:]:
            steps += [one.lower, paint(one)]
        known = steps if len(intervals) > 1 else paint(intervals[0])
        # A null is no number, and to-number would make a zero of it.
        return ["case", ["==", ["typeof", read], "number"], known, missing]
    categories = [one for one in classes if one.holds is Holds.CATEGORY]
    rest = next((paint(one) for one in classes if one.holds is Holds.REST), missing)
    chosen: list = ["match", ["to-string", read]]
    for one in categories:
        chosen += [_as_maplibre_says(one.lower), paint(one)]
    return ["case", ["==", ["typeof", read], "null"], missing, [*chosen, rest]]


def _as_maplibre_says(value: Any) -> str:
    """What ``to-string`` makes of a property."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _by_zoom(stops: dict[int, float]) -> list:
    return ["interpolate", ["linear"], ["zoom"], *[part for stop in stops.items() for part in stop]]
