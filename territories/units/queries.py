"""Reads of the tree: a place and its path, how many of its blocks have met, what lies below it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, Subquery, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from models import Agreement, Ancestry, Assembly, AssemblyBlock, Level, TerritorialUnit, UnitLineage
from models.agreement import UNSETTLED
from models.assembly import MET, AssemblyState
from models.settings import setting
from models.territory import LEVEL_ORDER, LevelRole
from territories.processes.queries import Standing, reached, reached_text

# What one page lists and draws. A tree with more children than this has skipped its levels.
MAX_CHILDREN = 400
AHEAD = (AssemblyState.CONVENED, AssemblyState.IN_SESSION)


def whole_percent(part: int, of: int) -> int | None:
    """``part`` of ``of`` in whole per cent, rounded so that only none is 0 and only all is 100. None of nothing."""
    if not of:
        return None
    return min(99, max(1, part * 100 // of)) if 0 < part < of else 100 * (part == of)


@dataclass(frozen=True)
class Coverage:
    """Blocks that have met, of all blocks there (DOMAIN.md 1). ``of`` is 0 where no block is known."""

    met: int
    of: int

    @property
    def percent(self) -> int:
        """Whole per cent, rounded so that only none is 0 and only all is 100; 0 without blocks."""
        return whole_percent(self.met, self.of) or 0


@dataclass(frozen=True)
class Step:
    """A unit with its level, as breadcrumbs and headings print it."""

    unit: TerritorialUnit
    level: Level


@dataclass(frozen=True)
class Place:
    """A unit and its path: ``above`` goes from the root to its parent. ``reached`` are the stages of its own process;
    ``has_kin``: it came out of others, or others out of it."""

    unit: TerritorialUnit
    level: Level
    above: tuple[Step, ...]
    reached: tuple[Standing, ...] = ()
    has_kin: bool = False

    @property
    def parent(self) -> Step | None:
        return self.above[-1] if self.above else None

    @property
    def territory(self) -> Step | None:
        """The territory this lies in, or itself when it is one."""
        steps = (*self.above, Step(self.unit, self.level))
        return next((step for step in steps if step.level.role is LevelRole.TERRITORY), None)

    @property
    def path(self) -> list[tuple[LevelRole, str]]:
        """(level, code) from the root down to this."""
        return [(step.level.role, step.unit.code) for step in (*self.above, Step(self.unit, self.level))]

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


@dataclass(frozen=True)
class Below:
    """The units directly below one, by name, and the coverage of all of them together.

    ``children`` is cut at a limit; ``coverage`` and ``more`` tell of all.
    """

    children: list[Child]
    coverage: Coverage
    more: bool = False


def find_place(session: Session, code: str) -> Place | None:
    """The unit with ``code`` whatever its case, and everything above it; one query."""
    wanted = select(TerritorialUnit.id).where(TerritorialUnit.code_key == code.lower()).scalar_subquery()
    kin = exists().where(or_(UnitLineage.predecessor_id == TerritorialUnit.id, UnitLineage.successor_id == TerritorialUnit.id))
    rows = session.execute(
        select(TerritorialUnit, Level, reached_text(TerritorialUnit.id), kin)
        .join(Ancestry, Ancestry.ancestor_id == TerritorialUnit.id)
        .join(Level, Level.id == TerritorialUnit.level_id)
        .where(Ancestry.unit_id == wanted)
        .order_by(Ancestry.depth.desc())
    ).all()
    if not rows:
        return None
    steps = [Step(unit, level) for unit, level, _reached, _kin in rows]
    return Place(steps[-1].unit, steps[-1].level, tuple(steps[:-1]), reached(rows[-1][2]), bool(rows[-1][3]))


def territory_of(session: Session, unit: TerritorialUnit) -> TerritorialUnit:
    """The territory the unit lies in, or the unit itself where it lies above all territories."""
    found = session.scalar(
        select(TerritorialUnit).join(Ancestry, Ancestry.ancestor_id == TerritorialUnit.id)
        .join(Level, Level.id == TerritorialUnit.level_id)
        .where(Ancestry.unit_id == unit.id, Level.role == LevelRole.TERRITORY)
    )
    return found or unit


def has_met(unit_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a block is listed on an assembly that was held; nothing else counts."""
    return exists().where(
        AssemblyBlock.unit_id == unit_id, Assembly.id == AssemblyBlock.assembly_id, Assembly.state.in_(MET)
    )


def met_since(unit_id: ColumnElement[int], moment: datetime) -> ColumnElement[bool]:
    """Whether a block is listed on an assembly that was held, not before ``moment``."""
    return exists().where(
        AssemblyBlock.unit_id == unit_id, Assembly.id == AssemblyBlock.assembly_id, Assembly.state.in_(MET),
        Assembly.starts_at >= moment,
    )


def _gathered(unit_id: ColumnElement[int], moment: ColumnElement[datetime], states: Collection[AssemblyState]) -> ScalarSelect:
    return (
        select(moment).join(AssemblyBlock, AssemblyBlock.assembly_id == Assembly.id)
        .where(AssemblyBlock.unit_id == unit_id, Assembly.state.in_(states)).correlate(unit_id.table).scalar_subquery()
    )


def last_met(unit_id: ColumnElement[int]) -> ScalarSelect[datetime | None]:
    """When a block of the surrounding query last met."""
    return _gathered(unit_id, func.max(Assembly.starts_at), MET)


def meets_next(unit_id: ColumnElement[int]) -> ScalarSelect[datetime | None]:
    """When the first assembly convened for a block, or in session, begins."""
    return _gathered(unit_id, func.min(Assembly.starts_at), AHEAD)


def owed_on(unit_id: ColumnElement[int]) -> ScalarSelect[int]:
    """How many agreements made on a unit, not below it, are still to be kept."""
    return (
        select(func.count(Agreement.id)).where(Agreement.unit_id == unit_id, Agreement.state.in_(UNSETTLED))
        .correlate(unit_id.table).scalar_subquery()
    )


def long_ago(session: Session, now: datetime) -> tuple[datetime, int]:
    """Before which moment a block met long ago, and the days of the setting."""
    days = setting(session, "met_long_ago_days")
    return now - timedelta(days=days), days


def of_its_territory(unit_id: ColumnElement[int], column: ColumnElement) -> ScalarSelect:
    """SQL for ``column`` (of TerritorialUnit) of the territory that a unit of the surrounding query lies in; NULL above."""
    above, level, path = aliased(TerritorialUnit), aliased(Level), aliased(Ancestry)
    return (
        select(getattr(above, column.key)).join(path, path.ancestor_id == above.id).join(level, level.id == above.level_id)
        .where(path.unit_id == unit_id, level.role == LevelRole.TERRITORY).limit(1)
        .correlate(unit_id.table).scalar_subquery()
    )


# Blocks that lie outside every territory hang from the root: they come after the territories, not before.
_RANK = case({role: rank for rank, role in enumerate(LEVEL_ORDER)}, value=Level.role)


def children_of(
    session: Session, parent_id: int | None, *, first: int | None = None, limit: int = MAX_CHILDREN
) -> Below:
    """Units directly below ``parent_id`` (None: the roots), each with its coverage, in one query.

    ``first`` is the id of one to put before the others, so that no limit leaves it out.
    """
    unit = aliased(TerritorialUnit)
    siblings = select(unit.id).where(
        unit.parent_id == parent_id if parent_id is not None else unit.parent_id.is_(None), unit.valid_to.is_(None)
    )
    counted = blocks_met(siblings)
    met, of = func.coalesce(counted.c.met, 0), func.coalesce(counted.c.blocks, 0)
    rows = session.execute(
        select(
            unit.id, unit.code, unit.name, Level.role, unit.streets, unit.outline, met, of,
            func.sum(met).over(), func.sum(of).over(), func.count().over(),
        )
        .join(Level, Level.id == unit.level_id)
        .outerjoin(counted, counted.c.unit_id == unit.id)
        .where(unit.id.in_(siblings))
        .order_by(case((unit.id == first, 0), else_=1), _RANK, unit.name, unit.id)
        .limit(limit)
    ).all()
    children = [Child(*row[:6], Coverage(row[6], row[7])) for row in rows]
    if not rows:
        return Below([], Coverage(0, 0))
    _met, _of, count = rows[0][8:]
    return Below(children, Coverage(int(_met), int(_of)), count > len(children))


def blocks_met(unit_ids: Select) -> Subquery:
    """For each unit of ``unit_ids`` with blocks at any depth: ``unit_id``, ``met``, ``blocks``. A block counts itself."""
    block = aliased(TerritorialUnit)
    return (
        select(
            Ancestry.ancestor_id.label("unit_id"),
            func.sum(case((has_met(block.id), 1), else_=0)).label("met"), func.count(block.id).label("blocks"),
        )
        .join(block, block.id == Ancestry.unit_id)
        .join(Level, Level.id == block.level_id)
        .where(Ancestry.ancestor_id.in_(unit_ids), Level.role == LevelRole.BLOCK, block.valid_to.is_(None))
        .group_by(Ancestry.ancestor_id)
        .subquery()
    )
