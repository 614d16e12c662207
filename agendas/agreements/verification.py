"""The assembly's own verification, countersigned there by neighbours (DOMAIN.md 3, way a)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agendas.agreements import voices
from agendas.agreements.queries import decides_for
from agendas.agreements.services import lock, thing_of
from app.core import clock
from app.core.actors import Actor
from app.core.errors import Refused
from app.core.i18n import _
from app.core.permissions import Permission, authorise
from models import Agreement, Assembly, Countersignature, Item, TerritorialUnit, Verification, ledger
from models.agreement import AgreementState as S
from models.agreement import Move
from models.assembly import AssemblyState, ItemType, WrongMoment
from models.ledger import Capacity, EventKind
from models.settings import setting

# Those who countersign were present: once the minutes are sealed nobody adds a signature to them.
SIGNING = (AssemblyState.IN_SESSION, AssemblyState.HELD)


def decide_verification(
    session: Session, *, actor: Actor, agreement: Agreement, assembly: Assembly, item: Item, occurred_at: datetime
) -> Verification:
    """Write down that the follow-up item decided the agreement is done; it waits for countersignatures.

    Asked twice it answers the same verification. It also overrides an objection to the last report.
    Raises Denied without ASSEMBLY_HOLD on the assembly, WrongMoment when nothing was reported done,
    Refused for an assembly of elsewhere or an item of another kind.
    """
    capacity = authorise(actor, Permission.ASSEMBLY_HOLD, thing_of(session, assembly))
    if assembly.state not in SIGNING:
        raise WrongMoment(assembly.state, Move.VERIFY)
    if item.assembly_id != assembly.id or item.type is not ItemType.FOLLOW_UP:
        raise Refused(_("Un acuerdo se verifica en un punto de seguimiento de esta asamblea."))
    if not decides_for(session, assembly, agreement):
        raise Refused(_("Este acuerdo lo verifica una asamblea de su lugar o de su territorio."))
    agreement = lock(session, agreement.id)
    key = {"agreement_id": agreement.id, "assembly_id": assembly.id, "round": agreement.round}
    earlier = session.scalar(select(Verification).filter_by(**key))
    if earlier is not None:
        return earlier
    _check_standing(agreement)
    verification = Verification(**key, item_id=item.id, decided_at=clock.now())
    session.add(verification)
    session.flush()
    ledger.append(
        session, EventKind.AGREEMENT_VERIFICATION_DECIDED, object=agreement.object_name, capacity=capacity,
        occurred_at=occurred_at, recorded_at=clock.now(),
        data={
            "round": agreement.round, "assembly": assembly.folio, "item": item.position,
            "needed": setting(session, "countersigners"),
        },
    )
    return verification


def countersign(
    session: Session,
    *,
    verification: Verification,
    slip_code: str | None = None,
    liaison_actor: Actor | None = None,
    occurred_at: datetime,
) -> Verification:
    """A neighbour present signs, by slip or as a liaison; the last one needed verifies the agreement.

    ``completed_at`` of what comes back says whether it did. Raises what the two kinds of voice
    raise, and Refused for a second signature of the same neighbour or after the minutes are sealed.
    """
    agreement = lock(session, verification.agreement_id)
    session.refresh(verification)
    assembly = session.get_one(Assembly, verification.assembly_id)
    if slip_code is not None:
        voter = voices.slip_voter(session, slip_code, agreement)
    else:
        voter = voices.liaison_voter(session, liaison_actor, agreement, Permission.AGREEMENT_COUNTERSIGN)
    signed = {"verification_id": verification.id, "voice_key": voter.key}
    if session.scalar(select(Countersignature.id).filter_by(**signed)) is not None:
        raise Refused(_("Ya contamos su firma. Hace falta la de otra vecina u otro vecino."))
    if verification.completed_at is not None:
        raise Refused(_("Esta verificación ya está completa."), 409)
    if assembly.state not in SIGNING:
        raise Refused(_("El acta de esta asamblea ya se cerró: se firma solo durante la asamblea."), 409)
    if verification.round != agreement.round:
        raise Refused(_("Hay un reporte más nuevo: la asamblea debe decidir sobre él."), 409)
    _check_standing(agreement)
    session.add(Countersignature(**signed, signed_at=clock.now()))
    session.flush()
    count = session.scalar(
        select(func.count()).select_from(Countersignature).filter_by(verification_id=verification.id)
    )
    needed = setting(session, "countersigners")
    ledger.append(
        session, EventKind.AGREEMENT_COUNTERSIGNED, object=agreement.object_name, capacity=voter.capacity,
        occurred_at=occurred_at, recorded_at=clock.now(),
        data={"round": agreement.round, "assembly": assembly.folio, "signatures": count, "needed": needed},
    )
    if count >= needed:
        verification.completed_at = clock.now()
        unit_code = session.scalars(select(TerritorialUnit.code).where(TerritorialUnit.id == assembly.unit_id)).one()
        agreement.advance(
            session, Move.VERIFY, capacity=Capacity("assembly", unit=unit_code), occurred_at=occurred_at,
            recorded_at=clock.now(), assembly=assembly.folio, data={"way": "assembly"},
        )
    return verification


def signatures(session: Session, verification_ids: list[int]) -> dict[int, int]:
    """How many countersignatures each verification has."""
    return dict(
        session.execute(
            select(Countersignature.verification_id, func.count())
            .where(Countersignature.verification_id.in_(verification_ids))
            .group_by(Countersignature.verification_id)
        ).all()
    )


def _check_standing(agreement: Agreement) -> None:
    reported = agreement.state is S.REPORTED_DONE or (agreement.state is S.IN_PROGRESS and agreement.disputed)
    if not reported:
        raise WrongMoment(agreement.state, Move.VERIFY)
