"""The one tree of territorial units, with geometry and its history."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from geoalchemy2 import Geometry
from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column, relationship

from models.base import Base, Code, PrimaryKey, enum_type

UNIT_CODE = re.compile(r"[A-Za-z0-9._-]{1,32}")


class LevelRole(StrEnum):
    """What a level is for; the names people see are data of the instance."""

    ROOT = "root"
    OFFICE = "office"
    TERRITORY = "territory"
    SECTION = "section"
    BLOCK = "block"


LEVEL_ORDER = tuple(LevelRole)


class UnitKind(StrEnum):
    COLONIA = "colonia"
    BARRIO = "barrio"
    PUEBLO = "pueblo"
    UNIDAD_HABITACIONAL = "unidad_habitacional"


class Level(Base):
    __tablename__ = "level"

    id: Mapped[PrimaryKey]
    role: Mapped[LevelRole] = mapped_column(enum_type(LevelRole), unique=True)
    name_es: Mapped[str] = mapped_column(String(60))
    name_fr: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(default=1)

    @property
    def depth(self) -> int:
        return LEVEL_ORDER.index(self.role)


class TerritorialUnit(Base):
    """A node of the tree. ``code`` is stable and unique across levels, whatever its case.

    ``outline`` is the boundary simplified for small drawn maps: WKB, EPSG:4326, about 5 m tolerance. ``valid_from`` is
    the first day of its present boundary, ``valid_to`` the first day on which the unit no longer was, None while it is in
    force. ``territories.units.history`` says what held on a day.
    """

    __tablename__ = "territorial_unit"

    id: Mapped[PrimaryKey]
    code: Mapped[Code]
    code_key: Mapped[str] = mapped_column(String(32), unique=True)
    short_code: Mapped[str | None] = mapped_column(String(6), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    search_name: Mapped[str] = mapped_column(String(400), index=True)
    kind: Mapped[UnitKind | None] = mapped_column(enum_type(UnitKind))
    level_id: Mapped[int] = mapped_column(ForeignKey("level.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("territorial_unit.id"), index=True)
    streets: Mapped[str] = mapped_column(Text, default="")
    population: Mapped[int | None]
    area_m2: Mapped[float | None]
    geom = deferred(mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=True)))
    outline: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    digest: Mapped[str] = mapped_column(String(64), default="")
    source: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    level: Mapped[Level] = relationship(lazy="raise")
    parent: Mapped[TerritorialUnit | None] = relationship(remote_side="TerritorialUnit.id", lazy="raise")


class Ancestry(Base):
    """Every unit with each of its ancestors and itself (depth 0): the closure of the tree.

    Kept by ``territories.units.services`` alone; ``cuadra recount`` proves it equal to the parents.
    """

    __tablename__ = "ancestry"
    __table_args__ = (Index("ix_ancestry_below", "ancestor_id", "unit_id"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), primary_key=True)
    ancestor_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), primary_key=True)
    depth: Mapped[int]


class PastBoundary(Base):
    """A boundary that a unit had, from a day to the day (not included) of the next, and where it came from."""

    __tablename__ = "past_boundary"

    id: Mapped[PrimaryKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), index=True)
    geom = deferred(mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=True)))
    source: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date]


class PastParent(Base):
    """The unit that another hung on until a day, not included."""

    __tablename__ = "past_parent"
    __table_args__ = (Index("ix_past_parent_unit_id_valid_to", "unit_id", "valid_to"),)

    id: Mapped[PrimaryKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"))
    parent_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"))
    valid_to: Mapped[date]


class LineageKind(StrEnum):
    """How one unit came out of another. A new boundary of the same unit is no lineage: see ``PastBoundary``."""

    SPLIT = "split"
    MERGE = "merge"


class UnitLineage(Base):
    """``successor`` has ground that was ``predecessor``'s until ``on_day``.

    A predecessor may go on, smaller, when a part of it was made a unit; a successor may be older, when it took in another:
    ``begins`` tells those that began that day.
    """

    __tablename__ = "unit_lineage"

    predecessor_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), primary_key=True, index=True)
    kind: Mapped[LineageKind] = mapped_column(enum_type(LineageKind))
    on_day: Mapped[date]
    begins: Mapped[bool]


def path_of(session: Session, unit_id: int) -> frozenset[int]:
    """The ids of a unit and of everything above it. Empty for a unit that does not exist."""
    return frozenset(session.scalars(select(Ancestry.ancestor_id).where(Ancestry.unit_id == unit_id)))


def kin_of(session: Session, unit_ids: Iterable[int], *, heirs: bool, ended: bool = True) -> frozenset[int]:
    """The ids of all units that came out of ``unit_ids`` (``heirs``), or that they came out of, without themselves.

    However many steps away; a query for each step, one where there are none. A unit that goes on although a part of it
    was made another still answers for its own: it is left out unless ``ended`` is False.
    """
    here, there = UnitLineage.predecessor_id, UnitLineage.successor_id
    if not heirs:
        here, there = there, here
    query = select(there)
    if ended:
        query = query.join(TerritorialUnit, TerritorialUnit.id == UnitLineage.predecessor_id).where(TerritorialUnit.valid_to.is_not(None))
    found: set[int] = set()
    start = step = set(unit_ids)
    while step:
        step = set(session.scalars(query.where(here.in_(step)))) - found - start
        found |= step
    return frozenset(found)


def path_with_heirs(session: Session, unit_id: int) -> frozenset[int]:
    """``path_of``, and what came out of those of it that are no more: who answers now for what was made there."""
    path = path_of(session, unit_id)
    return path | kin_of(session, path, heirs=True)


def territory_code_of(session: Session, unit_id: int) -> str | None:
    """The code of the territory a unit lies in (its own when it is one); None above the territories."""
    return session.scalar(
        select(TerritorialUnit.code)
        .join(Ancestry, Ancestry.ancestor_id == TerritorialUnit.id)
        .join(Level, Level.id == TerritorialUnit.level_id)
        .where(Ancestry.unit_id == unit_id, Level.role == LevelRole.TERRITORY)
    )
