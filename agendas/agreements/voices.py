"""The neighbours' word on a report: they confirm, object or doubt; three voices close (DOMAIN.md 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select, union
from sqlalchemy.orm import Session

from agendas.agreements.discretion import as_told, hides
from agendas.agreements.evidence import services as evidence
from agendas.agreements.queries import NEIGHBOURHOOD, tally, this_day
from agendas.agreements.services import lock
from app.core import clock, uploads
from app.core.actors import Actor
from app.core.crypto import keyed_hash, slip_code_hash
from app.core.errors import Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from models import (
    Agreement,
    Ancestry,
    Countersignature,
    Doubt,
    Level,
    Liaison,
    Slip,
    SlipBatch,
    TerritorialUnit,
    Verification,
    Voice,
    ledger,
)
from models.agreement import AgreementState as S
from models.agreement import Move, VoiceKind
from models.assembly import WrongMoment
from models.ledger import Capacity, EventKind
from models.settings import setting
from models.territory import kin_of, path_of, path_with_heirs

RESIDENT = Capacity("resident")


class Unknown(Refused):
    """No slip has this code: the one answer that does not depend on any slip, and that is counted."""


@dataclass(frozen=True)
class Voter:
    """A neighbour without a name: the key under which the voice is kept, the capacity it is said in."""

    key: str
    capacity: Capacity


class Heard(StrEnum):
    """What became of a voice."""

    COUNTED = "counted"
    ALREADY = "already"
    CLOSED = "closed"
    RETURNED = "returned"


def slip_voter(session: Session, code: str, agreement: Agreement) -> Voter:
    """The voice of whoever holds the slip with ``code``.

    Raises Unknown for a code no slip has; Refused, once the code is a slip's, for one that expired,
    was voided or serves other places. A slip serves its unit, those below, and those above up to
    the territory.
    """
    row = session.execute(
        select(Slip, SlipBatch.voided_at, TerritorialUnit.code)
        .join(SlipBatch, SlipBatch.id == Slip.batch_id)
        .join(TerritorialUnit, TerritorialUnit.id == Slip.unit_id)
        .where(Slip.code_hash == slip_code_hash(code))
        # Whoever voids the batch waits for this voice, and counts it.
        .with_for_update(read=True, of=SlipBatch)
    ).one_or_none()
    if row is None:
        raise Unknown(_("No reconocemos esa clave. Revísela en su papeleta: son diez letras y números."))
    slip, voided_at, unit_code = row
    if voided_at is not None:
        raise Refused(_("Esta papeleta fue anulada. Pida otra en la próxima asamblea."))
    if slip.valid_until < this_day(session):
        raise Refused(_("Esta papeleta ya venció. En la próxima asamblea le darán otra."))
    if not serves(session, slip.unit_id, agreement.unit_id):
        raise Refused(_("Su papeleta es de otro lugar: sirve para los acuerdos de su cuadra y de su territorio."))
    return Voter(_slip_key(slip.id, agreement.id), _told(session, Capacity("voice", unit=unit_code), agreement))


def liaison_voter(
    session: Session, actor: Actor | None, agreement: Agreement,
    permission: Permission = Permission.AGREEMENT_VOICE,
) -> Voter:
    """The voice of a signed-in liaison. Raises Denied for staff, for whoever belongs to the body that
    owes the agreement, and for a liaison of elsewhere."""
    thing = Thing(
        path=path_of(session, agreement.unit_id), unit_id=agreement.unit_id, owner_id=agreement.owner_id,
        state=str(S.REPORTED_DONE),
    )
    capacity = authorise(actor, permission, thing)
    liaison = session.scalar(select(Liaison).where(Liaison.user_id == actor.user_id))
    if liaison is None or not liaison.in_force(this_day(session)):
        raise Refused(_("Su periodo como enlace no está vigente. Pida en su territorio que lo revisen."), 403)
    return Voter(keyed_hash("liaison", liaison.id, agreement.id), _told(session, capacity, agreement))


def _told(session: Session, capacity: Capacity, agreement: Agreement) -> Capacity:
    """A voice on a discreet agreement says no block: the first would tell where the matter is."""
    return as_told(session, capacity, agreement.unit_id) if hides(session, agreement) else capacity


def serves(session: Session, slip_unit_id: int, unit_id: int) -> bool:
    """Whether a voice of ``slip_unit_id`` reaches an agreement of ``unit_id``.

    What came out of the slip's unit has part of its ground, and is reached as what lies below it; what was agreed on a unit
    that is no more is reached from what came out of that.
    """
    path = path_with_heirs(session, unit_id)
    mine = {slip_unit_id, *kin_of(session, [slip_unit_id], heirs=True, ended=False)}
    if mine & path:
        return True
    there = {unit_id, *kin_of(session, [unit_id], heirs=True)}
    return session.scalar(
        select(Ancestry.unit_id)
        .join(TerritorialUnit, TerritorialUnit.id == Ancestry.ancestor_id)
        .join(Level, Level.id == TerritorialUnit.level_id)
        .where(Ancestry.unit_id.in_(mine), Ancestry.ancestor_id.in_(there), Level.role.in_(NEIGHBOURHOOD)).limit(1)
    ) is not None


def spoken(session: Session, slip_ids: Sequence[int], unit_id: int, *, since: datetime) -> int:
    """How many of these slips, which serve ``unit_id`` since that moment, gave a voice or a signature.

    Nothing stored says which: the keys of what was said are made again and compared.
    """
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id == unit_id)
    above = select(Ancestry.ancestor_id).where(Ancestry.unit_id == unit_id)
    here = or_(Agreement.unit_id.in_(below), Agreement.unit_id.in_(above))
    said = session.execute(
        union(
            select(Voice.agreement_id, Voice.voice_key).join(Agreement, Agreement.id == Voice.agreement_id)
            .where(Voice.given_at >= since, here),
            select(Verification.agreement_id, Countersignature.voice_key)
            .join(Verification, Verification.id == Countersignature.verification_id)
            .join(Agreement, Agreement.id == Verification.agreement_id).where(Countersignature.signed_at >= since, here),
        )
    ).all()
    keys, agreement_ids = {key for _id, key in said}, {agreement_id for agreement_id, _key in said}
    return sum(any(_slip_key(slip_id, one) in keys for one in agreement_ids) for slip_id in slip_ids)


def _slip_key(slip_id: int, agreement_id: int) -> str:
    return keyed_hash("voice", slip_id, agreement_id)


def confirm(session: Session, *, agreement_id: int, voter: Voter, occurred_at: datetime) -> Heard:
    """Count a yes. The voice that completes the threshold verifies, if nobody objected in the round.

    Raises WrongMoment when no report is waiting for voices.
    """
    agreement = lock(session, agreement_id)
    if _spoke(session, agreement, voter):
        return Heard.ALREADY
    _awaiting(agreement, Move.VERIFY)
    _say(session, agreement, voter, VoiceKind.CONFIRM)
    ledger.append(
        session, EventKind.AGREEMENT_CONFIRMED, object=agreement.object_name, capacity=voter.capacity,
        occurred_at=occurred_at, recorded_at=clock.now(), data={"round": agreement.round},
    )
    voices = tally(session, agreement)
    if voices.missing or voices.objections:
        return Heard.COUNTED
    agreement.advance(
        session, Move.VERIFY, capacity=voter.capacity, occurred_at=occurred_at, recorded_at=clock.now(),
        data={"way": "voices", "voices": voices.confirmations},
    )
    return Heard.CLOSED


def object_to(
    session: Session, *, agreement_id: int, voter: Voter, reason: str, occurred_at: datetime,
    files: tuple[uploads.Accepted, ...] = (),
) -> Heard:
    """Count a no with its reason and photos, both held for moderation. Enough of them (a setting)
    return the agreement to work. Raises WrongMoment, MissingFact."""
    agreement = lock(session, agreement_id)
    if _spoke(session, agreement, voter):
        return Heard.ALREADY
    _awaiting(agreement, Move.DISPUTE)
    _say(session, agreement, voter, VoiceKind.OBJECT)
    enough = tally(session, agreement).objections >= setting(session, "objections_to_dispute")
    event = agreement.advance(
        session, Move.DISPUTE if enough else Move.OBJECT, capacity=voter.capacity, occurred_at=occurred_at,
        recorded_at=clock.now(), reason=reason, held_text=True, data={"evidence": evidence.keep(files)} if files else None,
    )
    evidence.attach(session, agreement, event, files, held=True)
    return Heard.RETURNED if enough else Heard.COUNTED


def doubt(session: Session, *, agreement_id: int, occurred_at: datetime) -> None:
    """A resident without a slip doubts: one more in a count that changes no state."""
    agreement = lock(session, agreement_id)
    session.add(Doubt(agreement_id=agreement.id, round=agreement.round, given_at=clock.now()))
    ledger.append(
        session, EventKind.AGREEMENT_DOUBTED, object=agreement.object_name, capacity=RESIDENT,
        occurred_at=occurred_at, recorded_at=clock.now(), data={"round": agreement.round},
    )


def _spoke(session: Session, agreement: Agreement, voter: Voter) -> bool:
    return session.scalar(
        select(Voice.id).filter_by(agreement_id=agreement.id, round=agreement.round, voice_key=voter.key)
    ) is not None


def _say(session: Session, agreement: Agreement, voter: Voter, kind: VoiceKind) -> None:
    session.add(
        Voice(
            agreement_id=agreement.id, round=agreement.round, kind=kind, voice_key=voter.key, given_at=clock.now()
        )
    )
    session.flush()


def _awaiting(agreement: Agreement, move: Move) -> None:
    if agreement.state is not S.REPORTED_DONE:
        raise WrongMoment(agreement.state, move)
