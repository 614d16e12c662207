"""What somebody who convenes needs to see: units of their reach, blocks to gather, clashes, agreements still owed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from app.core.actors import Actor
from app.core.pagination import Page, keyset
from app.core.permissions import Permission, reach_of
from app.core.search import fold
from models.assembly import Assembly, AssemblyBlock, AssemblyState, Convener, Mode
from models.body import Body
from models.territory import Ancestry, Level, LevelRole, TerritorialUnit

S = AssemblyState
AHEAD = (S.DRAFT, S.CONVENED, S.IN_SESSION)
USUAL_LENGTH = timedelta(hours=2)
LONGEST = timedelta(hours=12)
BLOCKS_ONE_BY_ONE = 600


class Shelf(StrEnum):
    """Which assemblies a list shows."""

    PREPARE = "prepare"
    TODAY = "today"
    CLOSE = "close"
    PAST = "past"


def _below(unit_ids: Iterable[int]) -> Select:
    return select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(unit_ids))


def in_reach(actor: Actor) -> ColumnElement[bool]:
    """Assemblies on the actor's units or below them."""
    return Assembly.unit_id.in_(_below(reach_of(actor, Permission.ASSEMBLY_CONVENE)))


def assemblies_within(actor: Actor) -> Select:
    """Assemblies of the actor's reach, their unit joined and loaded."""
    return (
        select(Assembly).join(TerritorialUnit, TerritorialUnit.id == Assembly.unit_id)
        .where(in_reach(actor)).options(contains_eager(Assembly.unit))
    )


def on_shelf(query: Select, shelf: Shelf, day: tuple[datetime, datetime]) -> Select:
    """``query`` over assemblies narrowed to a shelf; ``day`` is :func:`day_of` of the present."""
    start, end = day
    if shelf is Shelf.PREPARE:
        return query.where(or_(Assembly.state == S.DRAFT, and_(Assembly.state == S.CONVENED, Assembly.starts_at >= end)))
    if shelf is Shelf.TODAY:
        return query.where(
            or_(
                Assembly.state == S.IN_SESSION,
                and_(Assembly.state != S.DRAFT, Assembly.starts_at >= start, Assembly.starts_at < end),
            )
        )
    if shelf is Shelf.CLOSE:
        # Convened and never opened is unfinished business too: somebody must say what happened.
        return query.where(or_(Assembly.state == S.HELD, and_(Assembly.state == S.CONVENED, Assembly.starts_at < start)))
    return query.where(Assembly.state.in_((S.CLOSED, S.CANCELLED, S.NOT_HELD)))


def day_of(zone: ZoneInfo, moment: datetime) -> tuple[datetime, datetime]:
    """The day in ``zone`` at ``moment``: its first instant and that of the next."""
    start = datetime.combine(moment.astimezone(zone).date(), time(), zone)
    return start, start + timedelta(days=1)


def units_of(session: Session, actor: Actor, words: str, *, cursor: str | None) -> Page:
    """One page of the units of the actor's reach whose code, name or streets hold every word. Raises BadCursor."""
    query = (
        select(TerritorialUnit)
        .where(TerritorialUnit.id.in_(_below(reach_of(actor, Permission.ASSEMBLY_CONVENE))), TerritorialUnit.valid_to.is_(None))
        .options(joinedload(TerritorialUnit.level, innerjoin=True), joinedload(TerritorialUnit.parent))
    )
    for word in fold(words).split():
        query = query.where(TerritorialUnit.search_name.like(f"%{word}%"))
    return keyset(
        session, query, [(TerritorialUnit.level_id, False, int), (TerritorialUnit.code_key, False, str)], cursor=cursor
    )


def unit_by_code(session: Session, code: str) -> TerritorialUnit | None:
    """A unit in force with its level loaded; the code in any case."""
    return session.scalar(
        select(TerritorialUnit)
        .where(TerritorialUnit.code_key == code.strip().lower(), TerritorialUnit.valid_to.is_(None))
        .options(joinedload(TerritorialUnit.level, innerjoin=True))
    )


def folio_code_for(session: Session, unit_id: int) -> str:
    """The short code that numbers the unit's folios: its own or that of the nearest unit above, from
    the territory up. Raises LookupError where the tree has none."""
    code = session.scalar(
        select(TerritorialUnit.short_code)
        .join(Ancestry, Ancestry.ancestor_id == TerritorialUnit.id)
        .where(Ancestry.unit_id == unit_id, TerritorialUnit.short_code.is_not(None))
        .order_by(Ancestry.depth)
        .limit(1)
    )
    if code is None:
        raise LookupError("no unit from the territory up has a short code")
    return code


@dataclass(frozen=True)
class BlockGroup:
    """Blocks offered together: a section (or a territory) with how many it has; ``blocks`` is empty
    where they are too many to tick one by one."""

    unit: TerritorialUnit
    count: int
    blocks: tuple[TerritorialUnit, ...]


def _scope(unit: TerritorialUnit) -> int:
    """Under which unit the blocks to gather lie: a block gathers its neighbours too."""
    if unit.level.role is LevelRole.BLOCK and unit.parent_id is not None:
        return unit.parent_id
    return unit.id


def _blocks_below(unit_id: int) -> Select:
    return (
        select(TerritorialUnit)
        .join(Ancestry, Ancestry.unit_id == TerritorialUnit.id)
        .join(Level, Level.id == TerritorialUnit.level_id)
        .where(Ancestry.ancestor_id == unit_id, Level.role == LevelRole.BLOCK, TerritorialUnit.valid_to.is_(None))
    )


def blocks_to_gather(session: Session, unit: TerritorialUnit) -> list[BlockGroup]:
    """The blocks an assembly of ``unit`` may gather, in groups; at most three queries."""
    scope = _scope(unit)
    total = session.scalar(select(func.count()).select_from(_blocks_below(scope).subquery()))
    if total > BLOCKS_ONE_BY_ONE:
        return _territories_with_blocks(session, scope)
    blocks = session.scalars(_blocks_below(scope).order_by(TerritorialUnit.code_key)).all()
    parents = {
        one.id: one
        for one in session.scalars(select(TerritorialUnit).where(TerritorialUnit.id.in_({b.parent_id for b in blocks})))
    }
    grouped: dict[int, list[TerritorialUnit]] = {}
    for block in blocks:
        grouped.setdefault(block.parent_id, []).append(block)
    return sorted(
        (BlockGroup(parents[parent], len(members), tuple(members)) for parent, members in grouped.items() if parent in parents),
        key=lambda group: group.unit.code_key,
    )


def _territories_with_blocks(session: Session, scope: int) -> list[BlockGroup]:
    """Groups of the units right below ``scope``, each with its number of blocks, none listed."""
    block, level, inside = aliased(TerritorialUnit), aliased(Level), aliased(Ancestry)
    rows = session.execute(
        select(TerritorialUnit, func.count(block.id))
        .join(inside, inside.ancestor_id == TerritorialUnit.id)
        .join(block, and_(block.id == inside.unit_id, block.valid_to.is_(None)))
        .join(level, and_(level.id == block.level_id, level.role == LevelRole.BLOCK))
        .where(TerritorialUnit.parent_id == scope)
        .group_by(*TerritorialUnit.__table__.primary_key.columns)
        .order_by(TerritorialUnit.code_key)
    )
    return [BlockGroup(unit, count, ()) for unit, count in rows]


def gathered_ids(session: Session, unit: TerritorialUnit, codes: Sequence[str], areas: Sequence[str]) -> list[int]:
    """Ids of the blocks ticked by code and of all blocks of the areas ticked; what lies elsewhere is left out."""
    allowed = _blocks_below(_scope(unit)).with_only_columns(TerritorialUnit.id)
    wanted = set()
    if codes:
        wanted |= set(session.scalars(allowed.where(TerritorialUnit.code.in_(codes))))
    if areas:
        area = aliased(TerritorialUnit)
        inside = (
            select(Ancestry.unit_id).join(area, area.id == Ancestry.ancestor_id).where(area.code.in_(areas))
        )
        wanted |= set(session.scalars(allowed.where(TerritorialUnit.id.in_(inside))))
    return sorted(wanted)


def gathered_codes(session: Session, assembly_id: int) -> list[str]:
    """Codes of the blocks an assembly gathers."""
    return list(
        session.scalars(
            select(TerritorialUnit.code).join(AssemblyBlock, AssemblyBlock.unit_id == TerritorialUnit.id)
            .where(AssemblyBlock.assembly_id == assembly_id)
        )
    )


def bodies_for(session: Session, unit_id: int) -> list[Body]:
    """Bodies that may convene beside the actor: those of no unit, and those of a unit above or below this one."""
    above = select(Ancestry.ancestor_id).where(Ancestry.unit_id == unit_id)
    return list(
        session.scalars(
            select(Body)
            .where(Body.active)
            .where(or_(Body.unit_id.is_(None), Body.unit_id.in_(above), Body.unit_id.in_(_below([unit_id]))))
            .order_by(Body.name)
        )
    )


def usual_place(session: Session, unit_id: int) -> str:
    """Where the unit met last, so that nobody types it again; empty when it never met."""
    return session.scalar(
        select(Assembly.place).where(Assembly.unit_id == unit_id, Assembly.place != "")
        .order_by(Assembly.starts_at.desc(), Assembly.id.desc()).limit(1)
    ) or ""


class Reason(StrEnum):
    PLACE = "place"
    BLOCK = "block"
    CONVENER = "convener"


@dataclass(frozen=True)
class Clash:
    """Another assembly at the same time, and what the two would share."""

    assembly: Assembly
    reasons: tuple[Reason, ...]


def clashes_of(
    session: Session, assembly: Assembly, *, starts_at: datetime | None = None, ends_at: datetime | None = None,
    place: str | None = None, mode: Mode | None = None,
) -> list[Clash]:
    """Assemblies that overlap in time with this one (or with it at another time and place) and share its
    place, a block or somebody who convenes; by hour. One query, and two more when there are any."""
    starts_at = starts_at or assembly.starts_at
    ends_at = ends_at or assembly.ends_at or starts_at + USUAL_LENGTH
    key = fold(place) if place is not None else assembly.place_key
    in_person = (mode or assembly.mode) is not Mode.ONLINE and bool(key)
    mine, mine_too = aliased(AssemblyBlock), aliased(Convener)
    same_place = and_(Assembly.place_key == key, Assembly.mode != Mode.ONLINE) if in_person else None
    same_block = exists().where(
        AssemblyBlock.assembly_id == Assembly.id, AssemblyBlock.unit_id == mine.unit_id, mine.assembly_id == assembly.id
    )
    same_convener = exists().where(
        Convener.assembly_id == Assembly.id, mine_too.assembly_id == assembly.id,
        or_(Convener.user_id == mine_too.user_id, Convener.body_id == mine_too.body_id),
    )
    shared = {Reason.PLACE: same_place, Reason.BLOCK: same_block, Reason.CONVENER: same_convener}
    tests = {reason: test for reason, test in shared.items() if test is not None}
    rows = session.execute(
        select(Assembly, *[test.label(str(reason)) for reason, test in tests.items()])
        .where(Assembly.id != assembly.id, Assembly.state.in_(AHEAD))
        .where(Assembly.starts_at < ends_at, Assembly.starts_at > starts_at - LONGEST)
        .where(or_(*tests.values()))
        .options(joinedload(Assembly.unit, innerjoin=True))
        .order_by(Assembly.starts_at, Assembly.id)
    )
    return [
        Clash(other, tuple(reason for reason, found in zip(tests, flags, strict=True) if found))
        for other, *flags in rows
        if (other.ends_at or other.starts_at + USUAL_LENGTH) > starts_at
    ]
