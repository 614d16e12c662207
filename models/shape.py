"""Boundaries as tiles draw them: in Web Mercator, simplified for each band of zooms."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, deferred, mapped_column

from models.base import Base, PrimaryKey
from models.territory import LevelRole

# The last zoom of each band. A tile of an earlier zoom of the band is drawn from shapes up to two zooms too fine.
BANDS = (8, 10, 12, 14, 16)
LAST_ZOOM = BANDS[-1]
# The first zoom at which a level is drawn: nothing is kept for a band that ends before it.
FIRST_ZOOM = {
    LevelRole.ROOT: 0, LevelRole.OFFICE: 4, LevelRole.TERRITORY: 6, LevelRole.SECTION: 9, LevelRole.BLOCK: 12,
}


def band_of(zoom: int) -> int:
    """The place in ``BANDS`` of the band that holds ``zoom``. Raises ValueError past the last."""
    for place, last in enumerate(BANDS):
        if zoom <= last:
            return place
    raise ValueError(f"no shapes are kept for zoom {zoom}")


def bands_of(role: LevelRole) -> tuple[int, ...]:
    """The bands in which a level is drawn."""
    return tuple(place for place, last in enumerate(BANDS) if last >= FIRST_ZOOM[role])


def sheet_of(role: LevelRole, band: int) -> int:
    """The index that holds the shapes of a level in a band. Blocks have their own: a tile of territories would
    otherwise be looked for among the thousands of blocks that lie in the same box."""
    return band + (len(BANDS) if role is LevelRole.BLOCK else 0)


SHEETS = tuple(sorted({sheet_of(role, band) for role in LevelRole for band in bands_of(role)}))


class UnitShape(Base):
    """The boundary of a current unit in EPSG:3857, as tiles of one band of zooms show it.

    Derived data with one writer (``territories.layers.shapes``); ``cuadra recount`` makes it again and compares.
    PostGIS has a spatial index for each sheet, SpatiaLite one for all (its migration makes them by hand).
    """

    __tablename__ = "unit_shape"
    __table_args__ = (Index("ix_unit_shape_unit", "unit_id", "sheet", unique=True), Index("ix_unit_shape_sheet", "sheet"))

    id: Mapped[PrimaryKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"))
    sheet: Mapped[int] = mapped_column(SmallInteger)
    geom = deferred(mapped_column(Geometry("MULTIPOLYGON", srid=3857, spatial_index=False), nullable=False))
