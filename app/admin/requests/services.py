"""Requests about personal data: received, identity checked, put off once, answered, closed. Each an entry of the record
that says folio, kind, state and deadline, and never who."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.requests.queries import holidays
from app.core import clock, crypto, versions
from app.core.actors import Actor
from app.core.errors import Field, Misfit, Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from models import DataRequest, ledger
from models.folio import next_folio
from models.ledger import Capacity, EventKind
from models.privacy import FOLIO_PREFIX, Channel, IdentityProof, ReplyOutcome, RequestKind, RequestState, WrongMove, add_working_days
from models.settings import notice_in_force, setting

EVENTS = {
    RequestState.RECEIVED: EventKind.REQUEST_RECEIVED,
    RequestState.IDENTITY_CHECKED: EventKind.REQUEST_IDENTIFIED,
    RequestState.EXTENDED: EventKind.REQUEST_EXTENDED,
    RequestState.ANSWERED: EventKind.REQUEST_ANSWERED,
    RequestState.CLOSED: EventKind.REQUEST_CLOSED,
}
FOLIO = re.compile(rf"{FOLIO_PREFIX}-ARCO-\d{{4}}-\d{{4,}}")
RESIDENT = Capacity("resident")


@dataclass(frozen=True)
class Asked:
    """What somebody asks: ``who``, how to reach them and ``about`` what, in their words."""

    kind: RequestKind
    who: str
    reach: str
    about: str


def receive(
    session: Session, *, asked: Asked, actor: Actor | None, channel: Channel, received_on: date | None = None, user_id: int | None = None
) -> DataRequest:
    """Write a request down. ``actor`` None: the person did, on the public page. Raises Denied, Misfit for a day to come."""
    capacity = RESIDENT if actor is None else capacity_of(actor)
    today = clock.today(setting(session, "time_zone"))
    day = received_on or today
    if day > today:
        raise Misfit("received_on", _("Esa fecha no ha llegado."))
    request = DataRequest(
        folio=next_folio(session, prefix=f"{FOLIO_PREFIX}-", short_code="ARCO", year=today.year), kind=asked.kind, channel=channel,
        state=RequestState.RECEIVED, received_on=day, due_on=add_working_days(day, setting(session, "request_days"), holidays(session)),
        user_id=user_id, who_encrypted=_sealed(asked.who), reach_encrypted=_sealed(asked.reach), about_encrypted=_sealed(asked.about),
        notice_number=session.scalar(select(notice_in_force())), version=1,
    )
    session.add(request)
    session.flush()
    _record(session, request, capacity)
    return request


def check_identity(session: Session, *, actor: Actor, request: DataRequest, proof: IdentityProof) -> None:
    """It was made sure who asks. Raises Denied, Refused."""
    capacity = capacity_of(actor)
    request.identity_proof = proof
    _move(session, request, RequestState.IDENTITY_CHECKED, capacity)


def extend(session: Session, *, actor: Actor, request: DataRequest, reason: str) -> None:
    """Put the deadline off, once, by the days of the setting. Raises Denied, Refused."""
    capacity = capacity_of(actor)
    request.due_on = add_working_days(request.due_on, setting(session, "request_extension_days"), holidays(session))
    request.extended_on = clock.today(setting(session, "time_zone"))
    request.reason_encrypted = _sealed(reason)
    _move(session, request, RequestState.EXTENDED, capacity)


def answer(session: Session, *, actor: Actor, request: DataRequest, outcome: ReplyOutcome, reply: str) -> None:
    """Keep what was replied. Raises Denied, Refused."""
    capacity = capacity_of(actor)
    request.outcome, request.reply_encrypted = outcome, _sealed(reply)
    _move(session, request, RequestState.ANSWERED, capacity)


def close(session: Session, *, actor: Actor, request: DataRequest, reason: str) -> None:
    """Nothing is left to do: carried out, withdrawn, or nobody proved who asked. Raises Denied, Refused."""
    capacity = capacity_of(actor)
    request.reason_encrypted, request.closed_at = _sealed(reason), clock.now()
    _move(session, request, RequestState.CLOSED, capacity)


def locked(session: Session, folio: str, seen: int | None, back: str) -> DataRequest:
    """The request to change. Raises NoResultFound, StaleVersion."""
    request = session.scalars(
        select(DataRequest).where(DataRequest.folio == folio).with_for_update().execution_options(populate_existing=True)
    ).one()
    versions.check(
        request.version, seen, back=back,
        fields=lambda: [Field(_("Solicitud"), _("Otra persona la cambió."), _("Lo que usted veía ya no es lo último."))],
    )
    return request


def capacity_of(actor: Actor) -> Capacity:
    """In what quality an actor deals with requests. Raises Denied."""
    return authorise(actor, Permission.REQUEST_ANSWER, Thing(path=frozenset()))


def _sealed(text: str) -> bytes | None:
    return crypto.encrypt(text.strip().encode()) if text.strip() else None


def _move(session: Session, request: DataRequest, to: RequestState, capacity: Capacity) -> None:
    try:
        request.advance(to)
    except WrongMove as wrong:
        raise Refused(_("La solicitud ya no está en ese paso."), 409) from wrong
    session.flush()
    _record(session, request, capacity)


def _record(session: Session, request: DataRequest, capacity: Capacity) -> None:
    moment = clock.now()
    ledger.append(
        session, EVENTS[request.state], object=request.object_name, capacity=capacity, occurred_at=moment, recorded_at=moment,
        data={
            "folio": request.folio, "kind": str(request.kind), "state": str(request.state), "received": request.received_on.isoformat(),
            "due": request.due_on.isoformat(),
        },
    )
