"""A tile of any layer, out of its one declaration."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache

import shapely
from sqlalchemy import Connection, exists, or_, select
from sqlalchemy.orm import Session

from app.core.spatial import mercator
from app.core.spatial import tiles as spatial
from app.core.spatial.boxes import near
from app.core.spatial.mercator import Box
from app.core.spatial.shapes import SRID as WGS84
from app.core.spatial.shapes import wkb_of
from app.core.spatial.tiles import Drawing
from models.shape import LAST_ZOOM, UnitShape, band_of, sheet_of
from models.territory import LevelRole, PastBoundary, TerritorialUnit
from territories.layers.registry import Geometry, Layer, Scope
from territories.units.history import boundary_on


def tile(session: Session, layer: Layer, z: int, x: int, y: int, scope: Scope) -> bytes | None:
    """The layer's tile (Mapbox Vector Tile 2.1, not compressed), None where nothing of it lies there; one statement.

    Raises ValueError where there is no such tile: zooms end at ``LAST_ZOOM``, from which closer ones are drawn.
    """
    return tile_and_number(session.connection(), layer, z, x, y, scope)[0]


def tile_and_number(connection: Connection, layer: Layer, z: int, x: int, y: int, scope: Scope) -> tuple[bytes | None, int | None]:
    """The tile and, where the database tells it in the same statement, the number of the data's version it is of."""
    if z > LAST_ZOOM:
        raise ValueError(f"tiles end at zoom {LAST_ZOOM}")
    box = mercator.box_of(z, x, y)
    first, last = layer.zooms
    if not first <= z <= last:
        return None, None
    drawing = drawing_of(layer, band_of(z), scope) if layer.asks else _kept_drawing(layer, band_of(z), scope)
    if scope.past and layer.geometry is Geometry.AREA and _drawn_otherwise(connection, scope.on):
        return _tile_then(connection, replace(drawing, srid=WGS84), box, scope), None
    return spatial.tile(connection, drawing, box)


def _drawn_otherwise(connection: Connection, on: date) -> bool:
    """Whether some boundary was another on the day, or there was one that is no more."""
    redrawn = exists().where(PastBoundary.valid_to > on)
    ended = exists().where(TerritorialUnit.valid_to > on)
    return bool(connection.scalar(select(or_(redrawn, ended))))


def _tile_then(connection: Connection, drawing: Drawing, box: Box, scope: Scope) -> bytes | None:
    """A tile with the boundaries of a past day: those near it now, and the few that were others then, read and cut here."""
    asked = box.wider((box.east - box.west) / mercator.EXTENT * mercator.BUFFER).degrees
    here = near(Session(connection), TerritorialUnit.geom, (asked.west, asked.south, asked.east, asked.north))
    others = TerritorialUnit.id.in_(select(PastBoundary.unit_id).where(PastBoundary.valid_to > scope.on))
    rows = drawing.rows.add_columns(wkb_of(boundary_on(scope.on)).label(spatial.SHAPE)).where(or_(here, others))
    return spatial.encoded(drawing, [row for row in connection.execute(rows).mappings() if row[spatial.SHAPE] is not None], box)


def drawing_of(layer: Layer, band: int, scope: Scope) -> Drawing:
    """What the tiles of a band of zooms show of a layer."""
    rows = layer.source(scope)
    if layer.geometry is Geometry.POINT:
        return Drawing(layer.name, rows, layer.point, srid=WGS84)
    part, *others = sorted({sheet_of(role, band) for role in layer.levels})
    if others:
        raise ValueError(f"{layer.name} draws blocks and greater units: make it two layers")
    return Drawing(
        layer.name, rows, UnitShape.geom, joined=(UnitShape.unit_id, TerritorialUnit.id), part=(UnitShape.sheet, part),
        few=LevelRole.BLOCK not in layer.levels,
    )


_kept_drawing = lru_cache(maxsize=1000)(drawing_of)


def bounds_of(session: Session) -> tuple[float, float, float, float] | None:
    """West, south, east and north of the whole tree in degrees, None before it has a boundary; one query."""
    unit = TerritorialUnit
    roots = select(unit.outline).where(unit.parent_id.is_(None), unit.valid_to.is_(None), unit.outline.is_not(None))
    outlines = session.scalars(roots).all()
    return tuple(round(float(one), 6) for one in shapely.total_bounds(shapely.from_wkb(outlines))) if outlines else None
