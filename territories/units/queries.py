"""Reads of the tree: a place and its path, how many of its blocks have met, what lies below it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from models import Ancestry, Assembly, AssemblyBlock, Level, TerritorialUnit
from models.assembly import MET
from models.territory import LevelRole

# What one page lists and draws. A tree with more children than this has skipped its levels.
MAX_CHILDREN = 400


@dataclass(frozen=True)
class Coverage:
    """Blocks that have met, of all blocks there (DOMAIN.md 1). ``of`` is 0 where no block is known."""

    met: int
    of: int

    @property
    def percent(self) -> int:
        """Whole per cent, rounded so that only none is 0 and only all is 100."""
        if not self.of:
            return 0
        return min(99, max(1, self.met * 100 // self.of)) if 0 < self.met < self.of else 100 * (self.met == self.of)

    @property
    def shade(self) -> int | None:
        """The class of the map, 0 to 5: 0 %, under 25, under 50, under 75, under 100, 100. None without blocks."""
        if not self.of:
            return None
        if self.met == self.of:
            return 5
        return 0 if not self.met else 1 + self.met * 4 // self.of


@dataclass(frozen=True)
class Step:
    """A unit with its level, as breadcrumbs and headings print it."""

    unit: TerritorialUnit
    level: Level


@dataclass(frozen=True)
class Place:
    """A unit and its path: ``above`` goes from the root to its parent."""

    unit: TerritorialUnit
    level: Level
    above: tuple[Step, ...]

    @property
    def parent(self) -> Step | None:
        return self.above[-1] if self.above else None

    @property
    def territory(self) -> Step | None:
        """The territory this lies in, or itself when it is one."""
        steps = (*self.above, Step(self.unit, self.level))
        return next((step for step in steps if step.level.role is LevelRole.TERRITORY), None)

    @property
    def is_block(self) -> bool:
        return self.level.role is LevelRole.BLOCK

    @property
    def is_small(self) -> bool:
        """Below the territory: where few people live, counts of people are not published."""
        return self.level.role in (LevelRole.SECTION, LevelRole.BLOCK)


@dataclass(frozen=True)
class Child:
    """A unit directly below another, with its coverage. ``outline`` is WKB in EPSG:4326 or None."""

    id: int
    code: str
    name: str
    role: LevelRole
    streets: str
    outline: bytes | None
    coverage: Coverage


def find_place(session: Session, code: str) -> Place | None:
    """The unit with ``code`` whatever its case, and everything above it; one query."""
    wanted = select(TerritorialUnit.id).where(TerritorialUnit.code_key == code.lower()).scalar_subquery()
    rows = session.execute(
        select(TerritorialUnit, Level)
        .join(Ancestry, Ancestry.ancestor_id == TerritorialUnit.id)
        .join(Level, Level.id == TerritorialUnit.level_id)
        .where(Ancestry.unit_id == wanted)
        .order_by(Ancestry.depth.desc())
    ).all()
    if not rows:
        return None
    steps = [Step(unit, level) for unit, level in rows]
    return Place(steps[-1].unit, steps[-1].level, tuple(steps[:-1]))


def within(column: ColumnElement[int], unit_id: int) -> ColumnElement[bool]:
    """Whether the unit in ``column`` is ``unit_id`` or lies below it."""
    return exists().where(Ancestry.unit_id == column, Ancestry.ancestor_id == unit_id)


def has_met(unit_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a block is listed on an assembly that was held; nothing else counts."""
    return exists().where(
        AssemblyBlock.unit_id == unit_id, Assembly.id == AssemblyBlock.assembly_id, Assembly.state.in_(MET)
    )


def _blocks_met(block: type[TerritorialUnit]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((has_met(block.id), 1), else_=0)), 0, type_=Integer)


def coverage_of(session: Session, unit_id: int) -> Coverage:
    """Coverage of one unit, blocks at any depth below it; a block counts itself."""
    block = aliased(TerritorialUnit)
    met, of = session.execute(
        select(_blocks_met(block), func.count(block.id))
        .select_from(Ancestry)
        .join(block, block.id == Ancestry.unit_id)
        .join(Level, Level.id == block.level_id)
        .where(Ancestry.ancestor_id == unit_id, Level.role == LevelRole.BLOCK, block.valid_to.is_(None))
    ).one()
    return Coverage(met, of)


def children_of(session: Session, parent_id: int | None, *, limit: int = MAX_CHILDREN) -> list[Child]:
    """Units directly below ``parent_id`` by name, each with its coverage, in one query; at most ``limit`` + 1,
    so that the caller knows whether there are more. ``None`` gives the roots."""
    child, block = aliased(TerritorialUnit), aliased(TerritorialUnit)
    below = child.parent_id == parent_id if parent_id is not None else child.parent_id.is_(None)
    counted = (
        select(Ancestry.ancestor_id, _blocks_met(block).label("met"), func.count(block.id).label("blocks"))
        .join(block, block.id == Ancestry.unit_id)
        .join(Level, Level.id == block.level_id)
        .where(
            Ancestry.ancestor_id.in_(select(child.id).where(below, child.valid_to.is_(None))),
            Level.role == LevelRole.BLOCK, block.valid_to.is_(None),
        )
        .group_by(Ancestry.ancestor_id)
        .subquery()
    )
    unit = aliased(TerritorialUnit)
    own_below = unit.parent_id == parent_id if parent_id is not None else unit.parent_id.is_(None)
    rows = session.execute(
        select(unit.id, unit.code, unit.name, Level.role, unit.streets, unit.outline, counted.c.met, counted.c.blocks)
        .join(Level, Level.id == unit.level_id)
        .outerjoin(counted, counted.c.ancestor_id == unit.id)
        .where(own_below, unit.valid_to.is_(None))
        .order_by(unit.name, unit.id)
        .limit(limit + 1)
    )
    return [
        Child(unit_id, code, name, role, streets, outline, Coverage(met or 0, of or 0))
        for unit_id, code, name, role, streets, outline, met, of in rows
    ]
