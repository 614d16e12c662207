"""Late, and the share kept: the one module that computes them for pages, exports and API (DOMAIN.md 4).

Kept: verified, with the report made on or before the promised date. Of: verified, plus open and
late. On hold, cancelled and declined stand beside the figure, never inside it. Two figures come
out of one query: by the first date promised, and by the date in force now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Date, Select, Subquery, and_, case, exists, false, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.days import days_between
from models import Agreement, Ancestry, Event
from models.agreement import ENDED, OPEN, UNSETTLED
from models.agreement import AgreementState as S
from models.ledger import EventKind as K


@dataclass(frozen=True)
class Share:
    """``kept`` of ``of``; the other three are counts of agreements outside the figure."""

    kept: int = 0
    of: int = 0
    on_hold: int = 0
    cancelled: int = 0
    declined: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)

    @property
    def percent(self) -> int | None:
        """Rounded half up; None when nothing counts yet."""
        return (200 * self.kept + self.of) // (2 * self.of) if self.of else None


@dataclass(frozen=True)
class Shares:
    """The same agreements measured by their first date and by the one in force."""

    first: Share = Share()
    current: Share = Share()


def days_late(today: date, promised: InstrumentedAttribute = Agreement.due) -> ColumnElement[int]:
    """SQL for :meth:`Agreement.days_late` (or, with ``Agreement.first_due``, ``days_past_first``)."""
    stops = case((Agreement.state == S.REPORTED_DONE, Agreement.reported_on), else_=literal(today, Date))
    past = days_between(stops, promised)
    return case((Agreement.state.in_(ENDED), 0), (past > 0, past), else_=0)


def is_late(today: date, promised: InstrumentedAttribute = Agreement.due) -> ColumnElement[bool]:
    """SQL for ``days_late > 0``, in a form an index on the date can serve."""
    return and_(
        Agreement.state.not_in(ENDED),
        case((Agreement.state == S.REPORTED_DONE, Agreement.reported_on), else_=literal(today, Date)) > promised,
    )


def share_of_unit(session: Session, unit_id: int, today: date) -> Shares:
    """Of the agreements on a unit and everything below it."""
    return shares_by_unit(session, [unit_id], today)[unit_id]


def share_of_body(session: Session, body_id: int, today: date) -> Shares:
    """Of the agreements a body owes now."""
    return share_of_bodies(session, [body_id], today)


def share_of_bodies(session: Session, body_ids: Iterable[int], today: date) -> Shares:
    """Of the agreements that several bodies owe now, taken together; one query."""
    row = session.execute(select(*_columns(today)).where(Agreement.owner_id.in_(list(body_ids)))).one()
    return _shares(row)


def shares_by_unit(session: Session, unit_ids: Iterable[int], today: date) -> dict[int, Shares]:
    """The shares of several units, each with everything below it: one query for all of them."""
    wanted = list(unit_ids)
    rows = session.execute(
        select(Ancestry.ancestor_id, *_columns(today))
        .join(Agreement, Agreement.unit_id == Ancestry.unit_id)
        .where(Ancestry.ancestor_id.in_(wanted))
        .group_by(Ancestry.ancestor_id)
    ).all()
    found = {row[0]: _shares(row[1:]) for row in rows}
    return {unit_id: found.get(unit_id, Shares()) for unit_id in wanted}


def shares_of_all(session: Session, today: date) -> dict[int, Shares]:
    """The shares of every unit that has agreements on it or below it, in one query."""
    rows = session.execute(
        select(Ancestry.ancestor_id, *_columns(today)).join(Agreement, Agreement.unit_id == Ancestry.unit_id)
        .group_by(Ancestry.ancestor_id)
    )
    return {row[0]: _shares(row[1:]) for row in rows}


def figures_below(unit_ids: Select, today: date, *narrowed: ColumnElement[bool], until: datetime | None = None) -> Subquery:
    """For each of ``unit_ids`` with agreements on it or below: ``unit_id``, ``kept`` and ``of`` (by the first date),
    ``owed`` (open or on hold), ``late``; of the agreements that ``narrowed`` leaves. For lists and maps; pages ask for shares.

    ``until``: as things stood at the end of ``today``, that moment. A date that was changed since is the one in force now,
    what is on hold now was then, and a report that was disputed since is not remembered.
    """
    if until is None:
        kept, of = _columns(today)[:2]
        owed, late = Agreement.state.in_(UNSETTLED), is_late(today)
    else:
        verified, settled = _was_verified(until), _was_settled(until)
        late = and_(~settled, _overdue(today, Agreement.due))
        kept = _count(and_(verified, Agreement.reported_on <= Agreement.first_due))
        of = _count(verified | and_(~settled, Agreement.state != S.ON_HOLD, _overdue(today, Agreement.first_due)))
        owed = ~settled
        narrowed = (*narrowed, Agreement.created_at < until)
    return (
        select(
            Ancestry.ancestor_id.label("unit_id"), kept.label("kept"), of.label("of"),
            _count(owed).label("owed"), _count(late).label("late"),
        )
        .join(Agreement, Agreement.unit_id == Ancestry.unit_id)
        .where(Ancestry.ancestor_id.in_(unit_ids), *narrowed)
        .group_by(Ancestry.ancestor_id)
        .subquery()
    )


def _was_verified(until: datetime) -> ColumnElement[bool]:
    return and_(Agreement.state == S.VERIFIED, Agreement.verified_at < until)


def _was_settled(until: datetime) -> ColumnElement[bool]:
    """Verified, or declined or cancelled, by then; when it was, the record says."""
    ended = exists().where(
        Event.object == func.concat("agreement:", Agreement.folio), Event.kind.in_((K.AGREEMENT_DECLINED, K.AGREEMENT_CANCELLED)),
        Event.occurred_at < until,
    )
    return case((Agreement.state == S.VERIFIED, Agreement.verified_at < until), (Agreement.state.in_(ENDED), ended), else_=false())


def _overdue(day: date, promised: InstrumentedAttribute) -> ColumnElement[bool]:
    """Whether the promise was past on ``day``; a report of done made by then had stopped the clock."""
    stopped = and_(Agreement.state.in_((S.REPORTED_DONE, S.VERIFIED)), Agreement.reported_on <= day)
    return case((stopped, Agreement.reported_on), else_=literal(day, Date)) > promised


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _columns(today: date) -> list[ColumnElement[int]]:
    counted = []
    for promised in (Agreement.first_due, Agreement.due):
        verified = Agreement.state == S.VERIFIED
        counted.append(_count(and_(verified, Agreement.reported_on <= promised)))
        counted.append(_count(verified | and_(Agreement.state.in_(OPEN), is_late(today, promised))))
    return counted + [_count(Agreement.state == state) for state in (S.ON_HOLD, S.CANCELLED, S.DECLINED)]


def _shares(row) -> Shares:
    kept_first, of_first, kept_now, of_now, *beside = (int(value) for value in row)
    return Shares(Share(kept_first, of_first, *beside), Share(kept_now, of_now, *beside))
