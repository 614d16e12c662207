"""Slips: as many as people counted and never one more; their codes are forgotten once on paper."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from agendas.agreements.voices import spoken
from app.core import clock, crypto, jobs
from app.core.actors import Actor
from app.core.errors import Refused
from app.core.i18n import _
from app.core.permissions import Denied, Permission
from assemblies.meetings import queries as meetings
from assemblies.meetings.hold import queries as counted
from assemblies.meetings.hold.policies import may_follow
from assemblies.meetings.hold.services import capacity_in
from assemblies.meetings.slips.queries import READABLE_FOR
from models import Slip, SlipBatch, ledger
from models.assembly import Assembly
from models.ledger import EventKind
from models.settings import setting

P = Permission


def issue(session: Session, *, actor: Actor, assembly: Assembly, count: int, occurred_at: datetime) -> SlipBatch:
    """Issue ``count`` slips of the assembly's unit, valid for the term the municipality sets.

    The assembly's row is locked by the caller, so that two phones cannot both issue the last one.
    Raises Refused beyond the people counted and not yet served.
    """
    capacity = capacity_in(session, actor, assembly, P.SLIPS_ISSUE)
    people = counted.count_of(session, assembly.id).people
    room = people - counted.slips_out(session, assembly.id)
    if count < 1 or count > room:
        raise Refused(
            _("Puede entregar %(room)s papeletas más: hay %(people)s personas contadas.", room=max(room, 0), people=people)
        )
    until = clock.today(setting(session, "time_zone")) + timedelta(days=setting(session, "slip_term_days"))
    codes = [crypto.new_slip_code() for _n in range(count)]
    batch = SlipBatch(
        assembly_id=assembly.id, count=count, issued_at=clock.now(), codes_encrypted=crypto.encrypt(json.dumps(codes).encode())
    )
    session.add(batch)
    session.flush()
    session.add_all(
        Slip(batch_id=batch.id, serial=serial, code_hash=crypto.slip_code_hash(code), unit_id=assembly.unit_id, valid_until=until)
        for serial, code in enumerate(codes, 1)
    )
    session.flush()
    ledger.append(
        session, EventKind.SLIPS_ISSUED, object=assembly.object_name, capacity=capacity, occurred_at=occurred_at,
        recorded_at=clock.now(),
        data={
            "batch": batch.id, "count": count, "counted": people, "unit": assembly.unit.code, "assembly": assembly.folio,
            "valid_until": until.isoformat(),
        },
    )
    jobs.enqueue(session, "slips.forget", {"batch": batch.id}, after=READABLE_FOR)
    return batch


def printed(session: Session, *, actor: Actor, assembly: Assembly, batch: SlipBatch) -> None:
    """The slips are on paper: nobody reads their codes here again. Saying it twice changes nothing."""
    if not may_follow(actor, meetings.thing_of(session, assembly), P.SLIPS_ISSUE):
        raise Denied(P.SLIPS_ISSUE)
    batch.codes_encrypted = None


def void(session: Session, *, actor: Actor, assembly: Assembly, batch: SlipBatch, occurred_at: datetime) -> None:
    """None of its slips counts any more (lost, printed badly); as many can be issued again as had not spoken yet,
    since the voices they gave stay."""
    capacity = capacity_in(session, actor, assembly, P.SLIPS_ISSUE)
    if batch.voided_at is not None:
        return
    batch.voided_at = clock.now()
    batch.codes_encrypted = None
    slips = session.scalars(select(Slip.id).filter_by(batch_id=batch.id)).all()
    batch.spent = spoken(session, slips, assembly.unit_id, since=batch.issued_at)
    ledger.append(
        session, EventKind.SLIPS_VOIDED, object=assembly.object_name, capacity=capacity, occurred_at=occurred_at,
        recorded_at=clock.now(), data={"batch": batch.id, "count": batch.count, "spent": batch.spent, "unit": assembly.unit.code},
    )


@jobs.handles("slips.forget")
def forget(session: Session, payload: dict[str, int]) -> None:
    """A day after issuing, codes nobody said were printed are forgotten all the same."""
    batch = session.get(SlipBatch, payload["batch"], with_for_update=True)
    if batch is not None:
        batch.codes_encrypted = None
