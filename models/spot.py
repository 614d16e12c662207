"""Where on the ground something is: a point that staff set, for what its unit alone does not place well enough."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, deferred, mapped_column

from models.base import Base, PrimaryKey, enum_type


class SpotBy(StrEnum):
    """How the point was told: tapped on a map, typed as coordinates, or the middle of a block."""

    TAP = "tap"
    COORDINATES = "coordinates"
    BLOCK = "block"


class Spot(Base):
    """The point (EPSG:4326) of an agreement, or of the place where an assembly meets. One for each at most.

    A discreet agreement has none (DOMAIN.md 7): ``territories.places.services`` refuses it, and making a theme
    reserved takes away those that were.
    """

    __tablename__ = "spot"
    __table_args__ = (CheckConstraint("(assembly_id IS NULL) <> (agreement_id IS NULL)", name="of_one_thing"),)

    id: Mapped[PrimaryKey]
    assembly_id: Mapped[int | None] = mapped_column(ForeignKey("assembly.id"), unique=True)
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"), unique=True)
    point = deferred(mapped_column(Geometry("POINT", srid=4326, spatial_index=True), nullable=False))
    longitude: Mapped[float]
    latitude: Mapped[float]
    told_by: Mapped[SpotBy] = mapped_column(enum_type(SpotBy))
    set_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
