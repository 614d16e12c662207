"""Coordinate reference systems by their address (OGC API - Features, Part 2)."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.core.spatial.boxes import Bounds, box_of, shape_from
from app.core.spatial.shapes import SRID

BASE = "http://www.opengis.net/def/crs"


@dataclass(frozen=True)
class Crs:
    """``swapped``: the register (EPSG) puts northing before easting, and so do coordinates sent and received.

    ``within`` is where its numbers mean a place, easting first: beyond, transforming fails or comes back elsewhere.
    """

    uri: str
    srid: int
    swapped: bool
    decimals: int
    within: Bounds

    @property
    def header(self) -> str:
        """The value of ``Content-Crs``."""
        return f"<{self.uri}>"

    @property
    def geographic(self) -> bool:
        return self.srid == SRID


WORLD = (-180.0, -90.0, 180.0, 90.0)
CRS84 = Crs(f"{BASE}/OGC/1.3/CRS84", SRID, False, 6, WORLD)
_LATITUDE_FIRST = Crs(f"{BASE}/EPSG/0/4326", SRID, True, 6, WORLD)
# A millimetre. Mexico ITRF2008 / LCC is one of the systems whose register says northing first.
_LAMBERT = Crs(f"{BASE}/EPSG/0/6372", 6372, True, 3, (-1e6, -1e6, 6e6, 4e6))


def _utm(zone: int) -> Crs:
    return Crs(f"{BASE}/EPSG/0/{32600 + zone}", 32600 + zone, False, 3, (-2e6, 0.0, 3e6, 9.9e6))


ALWAYS = (CRS84, _LATITUDE_FIRST, _LAMBERT, _utm(14))
KNOWN = {one.uri: one for one in (*ALWAYS, _utm(13), _utm(15), _utm(16))}


def offered(projected_srid: int) -> tuple[Crs, ...]:
    """Those of every collection, the first being what is given to whoever asks for none; ``projected_srid`` is the
    municipality's own."""
    own = KNOWN.get(f"{BASE}/EPSG/0/{projected_srid}")
    return ALWAYS if own is None or own in ALWAYS else (*ALWAYS, own)


def area(session: Session, numbers: tuple[float, ...], crs: Crs) -> BaseGeometry | None:
    """The box of four ``numbers`` (lower corner, upper corner, in the order of ``crs``) in EPSG:4326.

    None when it lies where ``crs`` has no places. Raises ValueError when the corners are the wrong way round; only
    of degrees may the first longitude be the greater, the box then crossing the antimeridian.
    """
    low, high = numbers[:2], numbers[2:]
    (west, south), (east, north) = (low[::-1], high[::-1]) if crs.swapped else (low, high)
    if south > north or (west > east and not crs.geographic):
        raise ValueError("the first corner must be the lower one")
    left, bottom, right, top = crs.within
    south, north = max(south, bottom), min(north, top)
    if west > east:
        parts = [box_of((west, south, right, north)), box_of((left, south, east, north))]
        return shapely.union_all(parts) if south <= north and west <= right and east >= left else None
    west, east = max(west, left), min(east, right)
    if south > north or west > east:
        return None
    return box_of((west, south, east, north)) if crs.geographic else shape_from(session, box_of((west, south, east, north)), crs.srid)
