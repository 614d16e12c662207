"""Which blocks wait, and the walks that cover them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from models import Ancestry, Assembly, AssemblyBlock, Level, Problem, Role, Term, TerritorialUnit, Theme, User
from models.assembly import AssemblyState
from models.territory import LevelRole
from territories.units.queries import has_met, last_met, meets_next, met_since, of_its_territory, owed_on
from territories.walks.grouping import group, in_metres
from territories.walks.worth import Waiting, Walk

Unit = TerritorialUnit
LAST, NEXT, OWED = last_met(Unit.id), meets_next(Unit.id), owed_on(Unit.id)
# The promoters of a directorate; of a whole borough there are a thousand, and nobody looks for one in such a list.
MOST_PROMOTERS = 150


def blocks_of(reach: frozenset[int]) -> Select:
    """The blocks of a reach with what is known of each, by code."""
    block = select(Level.id).where(Level.role == LevelRole.BLOCK)
    problems = (
        select(func.count(Problem.id)).join(Theme, Theme.id == Problem.theme_id)
        .where(Problem.unit_id == Unit.id, Theme.sensitive.is_(False)).correlate(Unit).scalar_subquery()
    )
    drafted = exists().where(
        AssemblyBlock.unit_id == Unit.id, Assembly.id == AssemblyBlock.assembly_id, Assembly.state == AssemblyState.DRAFT
    )
    return (
        select(
            Unit.id, Unit.code, Unit.name, Unit.streets, Unit.outline, of_its_territory(Unit.__table__.c.id, Unit.id).label("territory_id"),
            LAST.label("last"), NEXT.label("next"), drafted.label("drafted"), OWED.label("owed"), problems.label("problems"),
        )
        .where(Unit.level_id.in_(block), Unit.id.in_(_below(reach)), Unit.valid_to.is_(None), Unit.outline.is_not(None))
        .order_by(Unit.code_key)
    )


def _below(unit_ids: frozenset[int]) -> Select:
    return select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(unit_ids))


def waiting(met: str, cutoff: datetime) -> ColumnElement[bool]:
    """Blocks that never met, that met before ``cutoff``, or both."""
    return {
        "never": ~has_met(Unit.id), "long_ago": and_(has_met(Unit.id), ~met_since(Unit.id, cutoff)), "waiting": ~met_since(Unit.id, cutoff),
    }[met]


def within(code: str) -> ColumnElement[bool]:
    """Blocks of the unit with ``code``, in any case."""
    above = aliased(Unit)
    return Unit.id.in_(
        select(Ancestry.unit_id).join(above, above.id == Ancestry.ancestor_id).where(above.code_key == code.lower())
    )


def walked_by(user_id: int, today: date) -> ColumnElement[bool]:
    """Blocks below what somebody holds as a promoter on ``today``."""
    return Unit.id.in_(
        select(Ancestry.unit_id).join(Term, Term.unit_id == Ancestry.ancestor_id).where(Term.user_id == user_id, _promotes(today))
    )


def _promotes(today: date) -> ColumnElement[bool]:
    return and_(Term.role == Role.PROMOTER, Term.starts_on <= today, or_(Term.ends_on.is_(None), Term.ends_on >= today))


def places_of(session: Session, reach: frozenset[int]) -> dict[LevelRole, dict[str, str]]:
    """The offices and territories of a reach: name by code, by name; one query."""
    rows = session.execute(
        select(Level.role, Unit.code, Unit.name).join(Level, Level.id == Unit.level_id)
        .where(Level.role.in_((LevelRole.OFFICE, LevelRole.TERRITORY)), Unit.id.in_(_below(reach)), Unit.valid_to.is_(None))
        .order_by(Unit.search_name, Unit.id)
    )
    found: dict[LevelRole, dict[str, str]] = {LevelRole.OFFICE: {}, LevelRole.TERRITORY: {}}
    for role, code, name in rows:
        found[role][code] = name
    return found


def promoters_of(session: Session, reach: frozenset[int], today: date, place: str | None) -> dict[str, str]:
    """Who promotes within a reach (and within ``place``, a code), name by id; nobody where they are too many to choose among."""
    held = select(Term.user_id).join(Unit, Unit.id == Term.unit_id).where(Term.unit_id.in_(_below(reach)), _promotes(today))
    wanted = held if place is None else held.where(within(place))
    rows = session.execute(
        select(User.id, User.name).where(User.id.in_(wanted)).order_by(func.lower(User.name), User.id).limit(MOST_PROMOTERS + 1)
    ).all()
    return {} if len(rows) > MOST_PROMOTERS else {str(user_id): name for user_id, name in rows}


@dataclass(frozen=True)
class Asked:
    """When: ``today`` in ``zone``, and ``days`` after which a meeting is long ago."""

    today: date
    zone: ZoneInfo
    days: int


@dataclass(frozen=True)
class Plan:
    """``walks``, the most worth first; ``blocks`` in them, and those ``left_out`` because an assembly is already convened."""

    walks: list[Walk]
    blocks: int
    left_out: int


def plan_of(session: Session, blocks: Select, asked: Asked, *, convened: bool = False) -> Plan:
    """Every walk over ``blocks`` (of :func:`blocks_of`), those already ``convened`` too or not; two queries.

    Each territory is grouped by itself, so that what a director asks for is what its promoter finds.
    """
    everything = session.execute(blocks).all()
    kept = [row for row in everything if convened or row.next is None]
    found: dict[int | None, list] = {}
    for row in kept:
        found.setdefault(row.territory_id, []).append(row)
    names = {
        unit_id: (code, name)
        for unit_id, code, name in session.execute(select(Unit.id, Unit.code, Unit.name).where(Unit.id.in_([one for one in found if one])))
    }
    walks = [
        Walk(0, tuple(_waiting(rows[place], names.get(territory, (None, None)), asked) for place in path.order), round(path.metres))
        for territory, rows in found.items() for path in group(in_metres([row.outline for row in rows]))
    ]
    walks.sort(key=lambda walk: (-walk.points, walk.metres, walk.code))
    return Plan([replace(walk, number=number) for number, walk in enumerate(walks, 1)], len(kept), len(everything) - len(kept))


def _waiting(row, territory: tuple[str | None, str | None], asked: Asked) -> Waiting:
    def day(moment: datetime | None) -> date | None:
        return moment.astimezone(asked.zone).date() if moment else None

    last = day(row.last)
    days = (asked.today - last).days if last else 0
    return Waiting(
        id=row.id, code=row.code, name=row.name, streets=tuple(one for one in row.streets.split("\n") if one),
        territory=territory[1], territory_code=territory[0], outline=row.outline, last=last, days=days,
        over=max(0, days - asked.days), convened=day(row.next), drafted=bool(row.drafted), owed=row.owed, problems=row.problems,
    )


def around(session: Session, walks: Sequence[Walk]) -> dict[str | None, list[tuple[int, bytes]]]:
    """The outlines of all blocks of the territories of ``walks``, by the code of the territory: what lies around them."""
    codes = {walk.blocks[0].territory_code for walk in walks} - {None}
    territory, level = aliased(Unit), select(Level.id).where(Level.role == LevelRole.BLOCK)
    rows = session.execute(
        select(territory.code, Unit.id, Unit.outline)
        .join(Ancestry, Ancestry.ancestor_id == territory.id).join(Unit, Unit.id == Ancestry.unit_id)
        .where(territory.code.in_(codes), Unit.level_id.in_(level), Unit.valid_to.is_(None), Unit.outline.is_not(None))
        .order_by(Unit.code_key)
    )
    found: dict[str | None, list[tuple[int, bytes]]] = {}
    for code, unit_id, outline in rows:
        found.setdefault(code, []).append((unit_id, outline))
    return found


def beside(code: str) -> ColumnElement[bool]:
    """Blocks of the territory that the block with ``code`` lies in, or itself where it lies in none."""
    block, level, path = aliased(Unit), aliased(Level), aliased(Ancestry)
    territory = (
        select(path.ancestor_id).join(block, block.id == path.unit_id).join(Unit, Unit.id == path.ancestor_id)
        .join(level, level.id == Unit.level_id).where(block.code_key == code.lower(), level.role == LevelRole.TERRITORY)
    )
    inside = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(territory.correlate(None)))
    return or_(Unit.code_key == code.lower(), Unit.id.in_(inside))


def in_reach(session: Session, reach: frozenset[int], code: str) -> bool:
    """Whether a unit in force with ``code`` lies in a reach."""
    return session.scalar(
        select(Unit.id).where(Unit.code_key == code.lower(), Unit.id.in_(_below(reach)), Unit.valid_to.is_(None))
    ) is not None
