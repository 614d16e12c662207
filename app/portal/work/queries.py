"""What waits for a person today, in each of the capacities held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from agendas.agreements import lists, share
from agendas.agreements.inbox.queries import Counts, counts
from app.core.actors import Actor
from app.core.formatters import zone
from app.core.listing import State, turn
from app.core.permissions import Permission, may_somewhere, reach_of
from app.portal.units.feed import News, news_of
from app.portal.units.queries import Calendar, calendar_of
from app.portal.work import blocks, territories
from assemblies.meetings.convene.queries import Shelf, day_of, in_reach, on_shelf
from models import Agreement, Ancestry, Assembly, Body, TerritorialUnit
from models.agreement import UNSETTLED, AgreementState
from models.people import Role
from territories.units.queries import long_ago

SHOWN = 5
NEWS = 6
SHELVES = (Shelf.TODAY, Shelf.CLOSE, Shelf.PREPARE)


@dataclass(frozen=True)
class Pile:
    """The first assemblies of a shelf, and how many it holds."""

    shelf: Shelf
    assemblies: list[Assembly]
    all: int


@dataclass(frozen=True)
class Street:
    """For whoever convenes: the blocks of the reach and the assemblies that want something."""

    standing: blocks.Standing
    long_ago_days: int
    piles: list[Pile]


@dataclass(frozen=True)
class Figures:
    """Agreements of a reach: how many are owed and, of them, late, disputed, on hold past their review."""

    owed: int
    late: int
    disputed: int
    review: int


@dataclass(frozen=True)
class Debtor:
    body: Body
    late: int
    owed: int


@dataclass(frozen=True)
class Oversight:
    """For whoever answers for others: who is late, and the places that need a hand. ``unled`` of ``territories``
    have no lead; the lists are the first rows of longer ones."""

    debtors: list[Debtor]
    unled: int
    territories: int
    promoters: list
    side: list


@dataclass(frozen=True)
class Owing:
    """For whoever answers for a body: its counts, the share it kept, what presses first."""

    counts: Counts
    shares: share.Shares
    pressing: list[Agreement]


@dataclass(frozen=True)
class Neighbour:
    """For a liaison: the block, its next assembly, what to go and see, what changed around it."""

    block: TerritorialUnit
    calendar: Calendar
    to_confirm: list[Agreement]
    news: list[News]


@dataclass(frozen=True)
class Day:
    """Each part is None (or empty) for whoever holds no role that it is for."""

    street: Street | None
    figures: Figures | None
    oversight: Oversight | None
    owing: Owing | None
    neighbours: list[Neighbour]


def day_of_actor(session: Session, actor: Actor, now: datetime, today: date) -> Day:
    """Everything the page prints, in a number of queries that depends on the roles held and on nothing else."""
    convenes = may_somewhere(actor, Permission.ASSEMBLY_CONVENE)
    oversees = may_somewhere(actor, Permission.WORK_OVERSEE)
    return Day(
        _street(session, actor, now) if convenes else None,
        _figures(session, reach_of(actor, Permission.ASSEMBLY_CONVENE), today) if convenes else None,
        _oversight(session, reach_of(actor, Permission.WORK_OVERSEE), today) if oversees else None,
        _owing(session, actor, today) if actor.body_ids else None,
        _neighbours(session, actor, now),
    )


def _street(session: Session, actor: Actor, now: datetime) -> Street:
    since, days = long_ago(session, now)
    return Street(blocks.standing(session, reach_of(actor, Permission.ASSEMBLY_CONVENE), since), days, _piles(session, actor, now))


def _piles(session: Session, actor: Actor, now: datetime) -> list[Pile]:
    """The first of each shelf, in one query. An assembly held today is on two: it met today and waits for its minutes."""
    day, shelves = day_of(zone(), now), []
    for shelf in SHELVES:
        order = Assembly.starts_at.desc() if shelf is Shelf.CLOSE else Assembly.starts_at
        place = func.row_number().over(order_by=(order, Assembly.id)).label("place")
        here = select(Assembly.id, literal(str(shelf)).label("shelf"), place, func.count().over().label("all")).where(in_reach(actor))
        part = on_shelf(here, shelf, day).subquery()
        shelves.append(select(part).where(part.c.place <= SHOWN))
    shelved = union_all(*shelves).subquery()
    rows = session.execute(
        select(shelved.c.shelf, shelved.c["all"], Assembly).join(Assembly, Assembly.id == shelved.c.id).order_by(shelved.c.place)
    ).all()
    return [
        Pile(shelf, [row[2] for row in rows if row[0] == shelf], next((row[1] for row in rows if row[0] == shelf), 0))
        for shelf in SHELVES
    ]


def _within(reach: frozenset[int]) -> ColumnElement[bool]:
    return Agreement.unit_id.in_(select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(reach)))


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _figures(session: Session, reach: frozenset[int], today: date) -> Figures:
    row = session.execute(
        select(
            _times(Agreement.state.in_(UNSETTLED)), _times(share.is_late(today)), _times(lists.is_disputed()),
            _times(lists.has_review_overdue(today)),
        ).where(_within(reach))
    ).one()
    return Figures(*(int(value) for value in row))


def _oversight(session: Session, reach: frozenset[int], today: date) -> Oversight:
    unled, of = territories.without_lead(session, reach, today)
    promoters, listing = territories.promoters(reach, today)
    first = replace(listing, size=SHOWN)
    side = territories.Side(reach, today)
    beside = replace(side.listing(), size=SHOWN, enrich=None)
    return Oversight(
        _debtors(session, reach, today), unled, of,
        turn(session, first, promoters, State.read(first, {}), counted=False).rows,
        turn(session, beside, side.query(), State.read(beside, {"sort": "-late"}), counted=False).rows,
    )


def _debtors(session: Session, reach: frozenset[int], today: date) -> list[Debtor]:
    """The bodies that owe what is late in a reach, the most first."""
    owing = aliased(Body)
    late, owed = _times(share.is_late(today)), _times(Agreement.state.in_(UNSETTLED))
    owners = (
        select(Agreement.owner_id, late.label("late"), owed.label("owed"))
        .where(_within(reach)).group_by(Agreement.owner_id).having(late > 0).subquery()
    )
    rows = session.execute(
        select(owing, owners.c.late, owners.c.owed).join(owners, owners.c.owner_id == owing.id)
        .order_by(owners.c.late.desc(), owing.name).limit(SHOWN)
    )
    return [Debtor(body, int(late), int(owed)) for body, late, owed in rows]


def _owing(session: Session, actor: Actor, today: date) -> Owing:
    pressing = session.scalars(
        lists.listed().where(Agreement.owner_id.in_(actor.body_ids))
        .where(or_(share.is_late(today), lists.is_due_soon(today), lists.is_disputed()))
        .order_by(Agreement.due, Agreement.id).limit(SHOWN)
    ).all()
    return Owing(counts(session, actor, today), share.share_of_bodies(session, actor.body_ids, today), list(pressing))


def _neighbours(session: Session, actor: Actor, now: datetime) -> list[Neighbour]:
    """One for each block the actor is a liaison of: a term is on one block, and two are rare."""
    held = {holding.unit_id: holding.serves for holding in actor.holdings if holding.role is Role.LIAISON}
    units = session.scalars(select(TerritorialUnit).where(TerritorialUnit.id.in_(held)).order_by(TerritorialUnit.code_key)) if held else ()
    return [
        Neighbour(
            unit, calendar_of(session, unit.id, now, upcoming=1, past=1), _to_confirm(session, unit.id, held[unit.id]),
            news_of(session, unit.id, limit=NEWS),
        )
        for unit in units
    ]


def _to_confirm(session: Session, unit_id: int, serves: Sequence[int] | frozenset[int]) -> list[Agreement]:
    """Reported done in what the liaison serves: on the block and below, and above up to the territory."""
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id == unit_id)
    return list(
        session.scalars(
            lists.listed().where(Agreement.state == AgreementState.REPORTED_DONE)
            .where(or_(Agreement.unit_id.in_(below), Agreement.unit_id.in_(serves)))
            .order_by(Agreement.reported_on, Agreement.id).limit(SHOWN * 2)
        )
    )
