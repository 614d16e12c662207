"""The assemblies of a unit as iCalendar (RFC 5545), to keep in a phone's calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.portal.units.queries import Notice, gathering
from assemblies.meetings.calendar import calendar_of, vevent
from models import Assembly, TerritorialUnit

KEPT = timedelta(days=90)
LIMIT = 500


def dated(session: Session, unit_id: int, now: datetime) -> list[Notice]:
    """Assemblies of a unit that are coming or took place in the last 90 days, by date; one query."""
    rows = session.execute(
        select(Assembly, TerritorialUnit)
        .join(TerritorialUnit, TerritorialUnit.id == Assembly.unit_id)
        .where(gathering(unit_id), Assembly.starts_at >= now - KEPT)
        .order_by(Assembly.starts_at, Assembly.id).limit(LIMIT)
    )
    return [Notice(assembly, unit) for assembly, unit in rows]


def ics(*, name: str, notices: Sequence[tuple[Notice, str]]) -> bytes:
    """The calendar; each notice comes with the whole address of its page."""
    events = [
        vevent(notice.assembly, unit_name=notice.unit.name, address=address, stamp=notice.assembly.convened_at)
        for notice, address in notices
    ]
    return calendar_of(events, name=name)
