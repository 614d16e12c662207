"""Turns one shape as published into what the tree keeps, saying what was changed: a flat, valid MultiPolygon."""

import math

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from territories.imports.equal_area import area_m2

# Below a square decimetre a part encloses nothing: it is what is left where a crossed border was mended.
SLIVER_M2 = 0.01
POLYGONS = ("Polygon", "MultiPolygon")

Repair = tuple[str, dict[str, object]]


class NotAnArea(Exception):
    """The shape cannot be a unit; `code` is a sentence of `sentences.PROBLEM`."""

    def __init__(self, code: str, **figures: object):
        self.code, self.figures = code, figures
        super().__init__(code)


def flatten(shape: BaseGeometry | None) -> tuple[BaseGeometry, list[Repair]]:
    """Refuse what is not polygons and drop height; done before reprojection, in the file's own coordinates."""
    repairs: list[Repair] = []
    if shape is None or shape.is_empty:
        raise NotAnArea("no_geometry")
    if shape.has_z or shape.has_m:
        shape = shapely.force_2d(shape)
        repairs.append(("height", {}))
    if shape.geom_type not in POLYGONS:
        parts = _polygons(shape)
        if not parts:
            raise NotAnArea("points" if "Point" in shape.geom_type else "lines")
        shape = MultiPolygon(parts)
        repairs.append(("mixed", {}))
    return shape, repairs


def mend(shape: BaseGeometry) -> tuple[MultiPolygon, list[Repair]]:
    """Make valid, in EPSG:4326; raises NotAnArea when nothing with an area is left.

    Crossed borders are mended by structure (shells merged, holes subtracted), which keeps a bow-tie's two wings,
    where the older line-work method would turn overlapping parts into holes. A valid shape keeps all its parts,
    however small: they are as published, and nobody asked us to change them.
    """
    repairs: list[Repair] = []
    if shapely.is_valid(shape):
        parts = _polygons(shape)
    else:
        before = float(area_m2(shape))
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        shift = abs(float(area_m2(shape)) - before) / before * 100 if before > 0 else 100.0
        repairs.append(("crossed", {"percent": f"{shift:.1f}"}))
        mended = _polygons(shape)
        parts = [part for part in mended if area_m2(part) >= SLIVER_M2]
        if 0 < len(parts) < len(mended):
            repairs.append(("slivers", {"count": len(mended) - len(parts)}))
    area = sum(area_m2(part) for part in parts)
    if not math.isfinite(area) or area < SLIVER_M2:
        raise NotAnArea("flat")
    # RFC 7946: shells anticlockwise, holes clockwise.
    return MultiPolygon([shapely.orient_polygons(part) for part in parts]), repairs


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    return [part for part in _parts(shape) if part.geom_type == "Polygon" and not part.is_empty]


def _parts(shape: BaseGeometry) -> list[BaseGeometry]:
    if not hasattr(shape, "geoms"):
        return [shape]
    return [leaf for part in shape.geoms for leaf in _parts(part)]
