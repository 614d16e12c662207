"""Where a place lies: its outline as a picture for whoever has no script, and as numbers for the map."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import shapely
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from models import TerritorialUnit
from models.settings import setting
from territories.units import map as drawn
from territories.units.queries import MAX_CHILDREN

WIDTH = 640


@dataclass(frozen=True)
class Ground:
    """A place and the lines of what is directly below it; ``bounds`` (west, south, east, north) in degrees."""

    shape: shapely.Geometry
    picture: drawn.Drawing

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        return tuple(round(float(each), 6) for each in self.shape.bounds)

    @property
    def lines(self) -> str:
        return "".join(self.picture.paths[1:])


def ground_of(session: Session, unit_id: int) -> Ground | None:
    """None for a place without a boundary; one query."""
    unit = TerritorialUnit
    rows = session.execute(
        select(unit.id, unit.outline)
        .where(or_(unit.id == unit_id, and_(unit.parent_id == unit_id, unit.valid_to.is_(None))))
        .order_by(unit.id != unit_id, unit.id).limit(MAX_CHILDREN)
    ).all()
    outlines = [outline for _id, outline in rows]
    if not outlines or outlines[0] is None:
        return None
    return Ground(shapely.from_wkb(outlines[0]), drawn.draw(outlines, width=WIDTH, tolerance=1.5))


@dataclass(frozen=True)
class BaseMap:
    """What the municipality lays under its layers: pictures (an address with ``{z}``), or a style with its own sources."""

    url: str
    attribution: str

    @property
    def origin(self) -> str:
        """The one host that the page may fetch from besides its own."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def kind(self) -> str:
        return "raster" if "{z}" in self.url else "style"


def base_map(session: Session) -> BaseMap | None:
    """None where none was chosen, which is how it starts."""
    url = setting(session, "base_map_url")
    return BaseMap(url, setting(session, "base_map_attribution")) if url else None
