"""The follow-up item: what is owed here, what was reported done, and neighbours present who countersign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agendas.agreements import queries as agreements
from agendas.agreements import services, verification
from app.core.actors import Actor
from app.core.errors import Refused
from app.core.i18n import _
from assemblies.meetings.hold.deliberation import not_fulfilled
from assemblies.meetings.hold.services import capacity_in, in_session, is_open
from models import Agreement, Assembly, Item, Verification
from models.agreement import AgreementState
from models.settings import setting

SHOWN = 100


@dataclass(frozen=True)
class Docket:
    """One agreement before the assembly. ``signed`` of ``needed`` neighbours countersigned its decision."""

    agreement: Agreement
    days_late: int
    decided: bool
    signed: int
    needed: int

    @property
    def can_decide(self) -> bool:
        standing = self.agreement.state is AgreementState.REPORTED_DONE
        overridable = self.agreement.state is AgreementState.IN_PROGRESS and self.agreement.disputed
        return not self.decided and (standing or overridable)

    @property
    def complete(self) -> bool:
        return self.decided and self.agreement.state is AgreementState.VERIFIED


def dockets(session: Session, assembly: Assembly) -> list[Docket]:
    """What the assembly follows up, late first: everything owed here and what this assembly decided is done."""
    decided = {
        row.agreement_id: row for row in session.scalars(select(Verification).filter_by(assembly_id=assembly.id))
    }
    owed = agreements.open_agreements_for(session, assembly.unit_id, limit=SHOWN)
    missing = decided.keys() - {agreement.id for agreement in owed}
    done = session.scalars(agreements.with_names(select(Agreement)).where(Agreement.id.in_(missing))).all() if missing else []
    signed = verification.signatures(session, [row.id for row in decided.values()])
    today = agreements.this_day(session)
    needed = setting(session, "countersigners")
    found = []
    for agreement in [*owed, *done]:
        row = decided.get(agreement.id)
        current = row is not None and row.round == agreement.round
        found.append(
            Docket(agreement, agreement.days_late(today), current, signed.get(row.id, 0) if current else 0, needed)
        )
    return found


def decide_done(
    session: Session, *, actor: Actor, assembly: Assembly, item: Item, agreement_folio: str, occurred_at: datetime
) -> None:
    """The assembly takes the agreement for done; it waits for its countersignatures. Raises Refused."""
    capacity_in(session, actor, assembly)
    in_session(assembly)
    is_open(item)
    verification.decide_verification(
        session, actor=actor, agreement=_agreement(session, agreement_folio), assembly=assembly, item=item, occurred_at=occurred_at
    )


def countersign(
    session: Session, *, actor: Actor, assembly: Assembly, agreement_folio: str, code: str, occurred_at: datetime
) -> None:
    """A neighbour present signs with a slip, on the phone of whoever holds the assembly. Raises Refused."""
    capacity_in(session, actor, assembly)
    verification.countersign(
        session, verification=_decided(session, assembly, agreement_folio), slip_code=code, occurred_at=occurred_at
    )


def countersign_as_liaison(
    session: Session, *, actor: Actor, assembly: Assembly, agreement_folio: str, occurred_at: datetime
) -> None:
    """A liaison present signs from an account of their own. Raises Refused or Denied."""
    verification.countersign(
        session, verification=_decided(session, assembly, agreement_folio), slip_code=None, liaison_actor=actor,
        occurred_at=occurred_at,
    )


def not_done(
    session: Session, *, actor: Actor, assembly: Assembly, item: Item, agreement_folio: str, reason: str, occurred_at: datetime
) -> None:
    """The assembly says what is missing. Raises Refused."""
    not_fulfilled(
        session, actor=actor, assembly=assembly, item=item, agreement=_agreement(session, agreement_folio), reason=reason,
        occurred_at=occurred_at,
    )


def reopen(
    session: Session, *, actor: Actor, assembly: Assembly, item: Item, folio: str, reason: str, occurred_at: datetime
) -> None:
    """The assembly takes back what neighbours had verified; ``folio`` as somebody typed it. Raises Refused."""
    in_session(assembly)
    is_open(item)
    agreement = _agreement(session, folio)
    if agreement.state is not AgreementState.VERIFIED:
        raise Refused(_("Solo se reabre un acuerdo que ya estaba verificado."))
    services.reopen(session, actor=actor, agreement=agreement, assembly=assembly, reason=reason, occurred_at=occurred_at)


def waiting(session: Session, assembly: Assembly) -> list[Docket]:
    """What the assembly decided is done and still lacks a signature."""
    return [docket for docket in dockets(session, assembly) if docket.decided and not docket.complete]


def _agreement(session: Session, folio: str) -> Agreement:
    agreement = agreements.agreement_by_folio(session, folio)
    if agreement is None:
        raise Refused(_("No encontramos ese acuerdo."), 404)
    return agreement


def _decided(session: Session, assembly: Assembly, folio: str) -> Verification:
    agreement = _agreement(session, folio)
    row = session.scalar(
        select(Verification).filter_by(agreement_id=agreement.id, assembly_id=assembly.id).order_by(Verification.round.desc())
    )
    if row is None:
        raise Refused(_("La asamblea todavía no lo da por cumplido."), 409)
    return row
