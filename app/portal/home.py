"""The first page: three figures of the whole municipality, what comes next, what was verified last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agendas.agreements.share import Shares, share_of_unit
from app.portal.units.queries import Calendar, Tally, calendar_of, tally_of
from models import Agreement, Body, TerritorialUnit
from models.agreement import AgreementState
from territories.units.queries import Below, Child, children_of

VERIFIED_SHOWN = 4


@dataclass(frozen=True)
class FirstPage:
    """``root`` is None in an instance without a tree yet."""

    root: Child | None
    below: Below
    tally: Tally
    shares: Shares
    calendar: Calendar
    verified: list


def first_page(session: Session, now: datetime, today: date) -> FirstPage:
    """Everything the first page tells; a number of queries that does not depend on the tree."""
    roots = children_of(session, None)
    if not roots.children:
        return FirstPage(None, roots, Tally({}, 0), Shares(), Calendar([], []), [])
    root = roots.children[0]
    return FirstPage(
        root, children_of(session, root.id), tally_of(session, None, today), share_of_unit(session, root.id, today),
        calendar_of(session, None, now, upcoming=4, past=0), _verified(session),
    )


def _verified(session: Session) -> list:
    return session.execute(
        select(Agreement, TerritorialUnit, Body)
        .join(TerritorialUnit, TerritorialUnit.id == Agreement.unit_id)
        .join(Body, Body.id == Agreement.owner_id)
        .where(Agreement.state == AgreementState.VERIFIED)
        .order_by(Agreement.verified_at.desc(), Agreement.id.desc()).limit(VERIFIED_SHOWN)
    ).all()
