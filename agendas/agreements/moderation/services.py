"""Publish or hide, with the reason kept and the verdict in the record. Nothing is removed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actors import Actor
from app.core.errors import Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from models import Agreement, Event, EventText, Evidence, ledger
from models.evidence import Moderation
from models.ledger import Capacity, EventKind


def moderate_text(session: Session, *, actor: Actor, text_id: int, hide: bool, reason: str = "") -> str:
    """Let a text be read, or show ``reason`` in its place; returns the agreement's folio.

    Raises Denied, NoResultFound, Refused for hiding without a reason.
    """
    capacity = _authorised(actor, hide, reason)
    row = session.scalars(
        select(EventText).where(EventText.id == text_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    row.held = False
    row.hidden_reason, row.hidden_at = (reason.strip(), clock.now()) if hide else (None, None)
    event = session.get_one(Event, row.event_seq)
    _record(session, capacity, event.object, {"entry": event.seq, "field": row.field}, hide, reason)
    return event.object.partition(":")[2]


def moderate_photo(session: Session, *, actor: Actor, evidence_id: int, hide: bool, reason: str = "") -> str:
    """The same for a photo or document behind an objection."""
    capacity = _authorised(actor, hide, reason)
    row = session.scalars(
        select(Evidence).where(Evidence.id == evidence_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    row.moderation = Moderation.HIDDEN if hide else Moderation.VISIBLE
    row.hidden_reason, row.hidden_at = (reason.strip(), clock.now()) if hide else (None, None)
    agreement = session.get_one(Agreement, row.agreement_id)
    _record(session, capacity, agreement.object_name, {"entry": row.event_seq, "evidence": row.sha256}, hide, reason)
    return agreement.folio


def _authorised(actor: Actor, hide: bool, reason: str) -> Capacity:
    capacity = authorise(actor, Permission.TEXT_MODERATE, Thing(path=frozenset()))
    if hide and not reason.strip():
        raise Refused(_("Diga por qué se oculta: la razón queda a la vista."))
    return capacity


def _record(session: Session, capacity: Capacity, object_name: str, what: dict, hide: bool, reason: str) -> None:
    moment = clock.now()
    ledger.append(
        session, EventKind.TEXT_MODERATED, object=object_name, capacity=capacity, occurred_at=moment, recorded_at=moment,
        data={**what, "verdict": "hidden" if hide else "published"}, texts={"reason": reason.strip() if hide else ""},
    )
