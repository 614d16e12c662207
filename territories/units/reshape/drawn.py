"""Shapes as people paste them: GeoJSON, or coordinates one a line. Pure; standard library and shapely alone.

A file of any other format goes through the separate process of ``territories.imports``; this reads text that somebody
typed, pasted or drew, in longitude and latitude (EPSG:4326).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from app.core.i18n import _
from territories.imports.repairs import NotAnArea, flatten, mend
from territories.imports.sentences import PROBLEM, say
from territories.units.reshape.plan import Ground

MOST_POINTS = 100_000
NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)")


class Unreadable(ValueError):
    """The text draws nothing usable; ``str(error)`` is a sentence that says why and what to do."""


def area_of(text: str) -> MultiPolygon:
    """The polygons of ``text`` as one valid shape, wound as RFC 7946 says. Raises Unreadable."""
    shapes = list(shapes_of(text, close=True))
    if not shapes:
        raise Unreadable(_("No trae ningún polígono. Pegue un GeoJSON, o las esquinas una por renglón."))
    try:
        flat = [flatten(shape)[0] for shape in shapes]
        return mend(flat[0] if len(flat) == 1 else shapely.union_all(flat))[0]
    except NotAnArea as problem:
        raise Unreadable(say(PROBLEM, problem.code, **problem.figures)) from None
    except shapely.errors.GEOSException:
        raise Unreadable(say(PROBLEM, "broken")) from None


def line_of(text: str) -> LineString:
    """The one line of ``text``. Raises Unreadable."""
    lines = [line for shape in shapes_of(text, close=False) for line in _lines(shape)]
    if len(lines) != 1:
        raise Unreadable(_("Hace falta una sola línea: pegue un GeoJSON con ella, o sus puntos uno por renglón."))
    if lines[0].length == 0:
        raise Unreadable(_("La línea no tiene largo: sus puntos son el mismo."))
    return lines[0]


def as_text(shape: BaseGeometry) -> str:
    """GeoJSON of a shape, to a centimetre: what a form carries from one step to the next."""
    return shapely.to_geojson(shapely.transform(shape, lambda xy: numpy.round(xy, 7)))


def around_of(own: Ground, neighbours: Sequence[Ground]) -> dict[str, Any]:
    """A GeoJSON feature collection of a unit (``own``) and its neighbours, with the box of the unit, or of them where it has
    no boundary yet; to a tenth of a millimetre."""
    drawn = [own.shape] if own.shape is not None else [one.shape for one in neighbours if one.shape is not None]
    return {
        "type": "FeatureCollection", "bbox": shapely.total_bounds(drawn).tolist() if drawn else [-180.0, -85.0, 180.0, 85.0],
        "features": [
            {
                "type": "Feature", "properties": {"code": one.code, "name": one.name, "own": one is own},
                "geometry": json.loads(shapely.to_geojson(shapely.transform(one.shape, lambda xy: numpy.round(xy, 9)))),
            }
            for one in (own, *neighbours) if one.shape is not None
        ],
    }


def shapes_of(text: str, *, close: bool = True) -> Iterator[BaseGeometry]:
    """Each shape of ``text``, as it is. ``close``: points one a line are the corners of a polygon. Raises Unreadable."""
    text = text.strip()
    if not text:
        return
    if text.startswith("{"):
        try:
            found = list(_geojson(json.loads(text)))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, shapely.errors.GEOSException):
            raise Unreadable(_("El GeoJSON está incompleto o dañado. Cópielo de nuevo, entero.")) from None
    else:
        found = [_typed(text, close=close)]
    for shape in found:
        _check(shapely.get_coordinates(shape))
        yield shape


def _geojson(thing: dict[str, Any]) -> Iterator[BaseGeometry]:
    if thing["type"] == "FeatureCollection":
        for feature in thing["features"]:
            yield from _geojson(feature)
    elif thing["type"] == "Feature":
        if thing["geometry"] is not None:
            yield from _geojson(thing["geometry"])
    elif thing["type"] == "GeometryCollection":
        for one in thing["geometries"]:
            yield from _geojson(one)
    else:
        yield shapely.from_geojson(json.dumps(thing))


def _typed(text: str, *, close: bool) -> BaseGeometry:
    points = []
    for number, line in enumerate((one.strip() for one in text.splitlines()), start=1):
        if not line:
            continue
        figures = NUMBER.findall(line)
        if len(figures) != 2 or re.sub(NUMBER, "", line).strip(" ,;\t") != "":
            raise Unreadable(
                _("El renglón %(row)s no son dos números: escriba longitud y latitud, como «-99.0917, 19.3574».", row=number)
            )
        points.append((float(figures[0]), float(figures[1])))
    least = 3 if close else 2
    if len(points) < least:
        raise Unreadable(_("Hacen falta al menos %(count)s puntos, uno por renglón.", count=least))
    return Polygon(points) if close else LineString(points)


def _check(points: numpy.ndarray) -> None:
    if len(points) > MOST_POINTS:
        raise Unreadable(_("Trae demasiados puntos. Simplifique la figura."))
    if not len(points):
        return
    if not numpy.isfinite(points).all():
        raise Unreadable(say(PROBLEM, "broken"))
    x, y = numpy.abs(points[:, 0]).max(), numpy.abs(points[:, 1]).max()
    if x <= 90 < y <= 180:
        raise Unreadable(_("Las coordenadas parecen venir invertidas: escriba primero la longitud y después la latitud."))
    if x > 180 or y > 90:
        raise Unreadable(_("Las coordenadas no son longitud y latitud: parecen metros o pixeles. Conviértalas a grados (EPSG:4326)."))


def _lines(shape: BaseGeometry) -> list[LineString]:
    parts = getattr(shape, "geoms", [shape])
    return [part for part in parts if part.geom_type == "LineString"]
