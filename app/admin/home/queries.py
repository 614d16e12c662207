"""What the administration looks after, counted, and what cries for attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from app.admin.people.queries import in_force, without_lead
from models import Body, DataRequest, EventText, Evidence, Phase, PrivacyNotice, Role, Term, Theme, User
from models.agreement import UNSETTLED, Agreement
from models.body import BodyKind
from models.evidence import Moderation
from models.privacy import OPEN

SOON = timedelta(days=30)


@dataclass(frozen=True)
class Counts:
    """Those in force; the last eight are alarms when they are not nought."""

    people: int
    bodies: int
    themes: int
    phases: int
    notices: int
    without_lead: int
    leads_ending: int
    bodies_unanswered: int
    accounts_without_role: int
    resets_waiting: int
    texts_waiting: int
    photos_waiting: int
    requests_late: int


def counts(session: Session, today: date) -> Counts:
    """Everything the landing page prints, in one query."""
    held = in_force(today)
    unanswered = select(Body.id).where(
        Body.active, Body.kind == BodyKind.AREA, ~exists().where(Term.body_id == Body.id, held),
        exists().where(Agreement.owner_id == Body.id, Agreement.state.in_(UNSETTLED)),
    )
    row = session.execute(
        select(
            _count(select(User.id).where(User.active)),
            _count(select(Body.id).where(Body.active)),
            _count(select(Theme.id).where(Theme.merged_into_id.is_(None))),
            _count(select(Phase.id)),
            _count(select(PrivacyNotice.id)),
            _count(without_lead(today)),
            _count(select(Term.id).where(held, Term.role == Role.LEAD, Term.ends_on <= today + SOON)),
            _count(unanswered),
            _count(select(User.id).where(User.active, ~exists().where(Term.user_id == User.id, or_(held, Term.starts_on > today)))),
            _count(select(User.id).where(User.active, User.reset_asked_at.is_not(None))),
            _count(select(EventText.id).where(EventText.held, EventText.hidden_reason.is_(None), EventText.text.is_not(None))),
            _count(select(Evidence.id).where(Evidence.moderation == Moderation.HELD, Evidence.event_seq.is_not(None))),
            _count(select(DataRequest.id).where(DataRequest.state.in_(OPEN), DataRequest.due_on < today)),
        )
    ).one()
    return Counts(*row)


def _count(rows):
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()
