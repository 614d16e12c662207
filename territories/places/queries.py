"""Reads for putting something on the map: what lies around it, and where a point would fall."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Ancestry, Level, Spot, TerritorialUnit
from models.territory import LEVEL_ORDER, LevelRole
from territories.subjects import Subject
from territories.units.queries import territory_of

# A corner or a street lies between the blocks, not in one.
NEAR_M = 50
# What a drawn map of a place can show and a list of blocks can offer.
MOST_UNITS = 400
_METRES_A_DEGREE = 111_195


@dataclass(frozen=True)
class Neighbour:
    """A unit one may point at: its outline (EPSG:4326) is drawn, and its middle can be the point."""

    id: int
    code: str
    name: str
    streets: str
    role: LevelRole
    shape: shapely.Geometry


@dataclass(frozen=True)
class Surroundings:
    """The unit of the subject (its boundary None when it has none) and the smallest units around it, within its territory."""

    unit: TerritorialUnit
    boundary: shapely.Geometry | None
    around: list[Neighbour]

    @property
    def blocks(self) -> list[Neighbour]:
        return [one for one in self.around if one.role is LevelRole.BLOCK]


@dataclass(frozen=True)
class Finding:
    """Where a point falls: in ``block`` or nearest to it (metres), and how far outside the subject's unit (0 inside)."""

    block: Neighbour | None
    block_m: float
    outside_m: float

    @property
    def allowed(self) -> bool:
        return self.outside_m <= NEAR_M


def surroundings(session: Session, subject: Subject) -> Surroundings:
    """Three queries; at most ``MOST_UNITS`` units, blocks where there are so few, else those of the level above."""
    unit = subject.unit
    whole = territory_of(session, unit)
    rows = session.execute(
        select(TerritorialUnit.id, TerritorialUnit.code, TerritorialUnit.name, TerritorialUnit.streets, Level.role, TerritorialUnit.outline)
        .join(Level, Level.id == TerritorialUnit.level_id).join(Ancestry, Ancestry.unit_id == TerritorialUnit.id)
        .where(Ancestry.ancestor_id == whole.id, TerritorialUnit.valid_to.is_(None), TerritorialUnit.outline.is_not(None))
        .order_by(TerritorialUnit.name, TerritorialUnit.id)
    ).all()
    stored = session.scalar(select(TerritorialUnit.outline).where(TerritorialUnit.id == unit.id))
    return Surroundings(unit, shapely.from_wkb(stored) if stored else None, _smallest(rows))


def _smallest(rows) -> list[Neighbour]:
    for role in reversed(LEVEL_ORDER):
        found = [row for row in rows if row.role is role]
        if 0 < len(found) <= MOST_UNITS:
            return [Neighbour(*row[:5], shapely.from_wkb(row.outline)) for row in found]
    return []


def where_is(around: Surroundings, longitude: float, latitude: float) -> Finding:
    """What a point in degrees falls in. Outlines are some 5 m off: good enough to say beside which block it is."""
    point = shapely.Point(longitude, latitude)
    nearest = min(around.blocks, key=lambda one: shapely.distance(one.shape, point), default=None)
    return Finding(
        nearest, metres(nearest.shape, point) if nearest is not None else 0.0,
        metres(around.boundary, point) if around.boundary is not None else 0.0,
    )


def metres(shape: shapely.Geometry, point: shapely.Point) -> float:
    """Metres from ``point`` to ``shape`` (0 inside), degrees taken as a plane around the point: right to 1 % within 10 km."""
    shrink = cos(radians(point.y))

    def flat(degrees):
        return (degrees - [point.x, point.y]) * [shrink * _METRES_A_DEGREE, _METRES_A_DEGREE]

    return float(shapely.distance(shapely.transform(shape, flat), shapely.Point(0, 0)))


def spot_of(session: Session, subject: Subject, *, lock: bool = False) -> Spot | None:
    """The point it has, None when it has none; one query."""
    mine = Spot.assembly_id == subject.assembly.id if subject.assembly is not None else Spot.agreement_id == subject.agreement.id
    query = select(Spot).where(mine)
    return session.scalar(query.with_for_update() if lock else query)
