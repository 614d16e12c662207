"""What happens to an agreement from the day it is proposed, except the neighbours' word on it.

Every function locks nothing itself: rows to change come from :func:`lock`. They flush, never
commit; each writes its ledger event in the caller's transaction.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agendas.agreements import discretion, policies
from agendas.agreements.evidence import services as evidence
from agendas.agreements.facts import Facts
from agendas.agreements.queries import agreement_by_folio, decides_for, local_day
from app.core import clock, search, uploads
from app.core.actors import Actor
from app.core.errors import Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from models import Agreement, Ancestry, Assembly, AssemblyBlock, Body, Event, Item, TerritorialUnit, Theme, ledger
from models.agreement import STEPS, Move, Origin
from models.agreement import AgreementState as S
from models.assembly import AssemblyState, WrongMoment
from models.folio import folio_key, next_folio
from models.ledger import EventKind
from models.territory import path_of, path_with_heirs
from territories.units.queries import territory_of

# An assembly speaks while it is in session and ever after it was held.
DECIDING = (AssemblyState.IN_SESSION, AssemblyState.HELD, AssemblyState.CLOSED)


def lock(session: Session, agreement_id: int) -> Agreement:
    """The agreement, its row locked until the transaction ends: voices and moves stand in line behind it."""
    return session.scalars(
        select(Agreement).where(Agreement.id == agreement_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def thing_of(session: Session, assembly: Assembly) -> Thing:
    return Thing(path=path_of(session, assembly.unit_id), unit_id=assembly.unit_id, state=str(assembly.state))


def propose(
    session: Session,
    *,
    actor: Actor,
    assembly: Assembly,
    item: Item | None,
    unit_id: int,
    text: str,
    theme_id: int,
    owner_id: int,
    counterpart_id: int | None,
    due: date,
    place: str = "",
    occurred_at: datetime,
) -> Agreement:
    """An agreement made in an assembly, with its folio. ``due`` is the first date, never lost.

    ``unit_id`` is the assembly's unit, one below it, or a block it gathers; a discreet agreement
    (agendas.agreements.discretion) is hung on the territory above it. Raises Denied without
    ASSEMBLY_HOLD on the assembly, Refused with a sentence for a fact that cannot be.
    """
    capacity = authorise(actor, Permission.ASSEMBLY_HOLD, thing_of(session, assembly))
    if item is not None and item.assembly_id != assembly.id:
        raise Refused(_("Ese punto es de otra asamblea."))
    if not text.strip():
        raise Refused(_("Escriba qué se acordó."))
    if due < local_day(session, occurred_at):
        raise Refused(_("La fecha del acuerdo no puede ser anterior al día en que se acuerda."))
    _check_sides(session, owner_id, counterpart_id)
    if not _gathers(session, assembly, unit_id):
        raise Refused(_("El acuerdo debe ser del lugar de la asamblea o de una de sus cuadras."))
    unit = session.get_one(TerritorialUnit, unit_id)
    theme = session.get_one(Theme, theme_id)
    discreet = discretion.is_discreet(session, theme, item)
    if discreet:
        unit = territory_of(session, unit)
        capacity = discretion.as_told(session, capacity, unit.id)
    place = "" if discreet else place.strip()
    folio = next_folio(
        session, prefix="", short_code=_short_code(session, unit.id), year=local_day(session, occurred_at).year
    )
    agreement = Agreement(
        folio=folio, folio_key=folio_key(folio), unit_id=unit.id, assembly_id=assembly.id,
        item_id=item.id if item is not None else None, theme_id=theme_id, owner_id=owner_id,
        counterpart_id=counterpart_id, origin=Origin.ASSEMBLY, text=text.strip(), place=place,
        search_text=search.fold(f"{folio} {text} {place} {unit.name}"), first_due=due, due=due, created_at=clock.now(),
    )
    session.add(agreement)
    session.flush()
    search.refresh(session, Agreement, [agreement.id])
    owner = session.get_one(Body, owner_id)
    counterpart = session.get(Body, counterpart_id) if counterpart_id is not None else None
    ledger.append(
        session, EventKind.AGREEMENT_PROPOSED, object=agreement.object_name, capacity=capacity,
        occurred_at=occurred_at, recorded_at=clock.now(),
        data={
            "to": str(agreement.state), "unit": unit.code, "assembly": None if discreet else assembly.folio, "theme": theme.code,
            "owner": owner.code, "counterpart": counterpart.code if counterpart else None, "due": due.isoformat(),
        },
        texts={"text": agreement.text, "place": place},
    )
    return agreement


def carry_out(
    session: Session,
    *,
    actor: Actor,
    agreement: Agreement,
    move: Move,
    facts: Facts = Facts(),
    files: tuple[uploads.Accepted, ...] = (),
    occurred_at: datetime,
) -> Event:
    """One move by whoever owes the agreement or oversees it; ``agreement`` comes from :func:`lock`.

    Raises Denied to whom the move never belongs, WrongMoment to whom it does but not now,
    MissingFact, and Refused with a sentence for a fact that cannot be.
    """
    step = STEPS[move]
    # Somebody who may do this at another moment is told that the moment passed, not that it is not theirs.
    moment = agreement.state if agreement.state in step.origins else sorted(step.origins)[0]
    thing = policies.thing_of(agreement, path_of(session, agreement.unit_id), state=str(moment))
    capacity = authorise(actor, policies.PERMISSIONS[move], thing)
    today = local_day(session, occurred_at)
    if facts.due is not None and facts.due < today:
        raise Refused(_("La fecha nueva no puede ser anterior a hoy."))
    if facts.review_on is not None and facts.review_on <= today:
        raise Refused(_("La fecha de revisión debe ser posterior a hoy."))
    digests = evidence.keep(files)
    event = agreement.advance(
        session, move, capacity=capacity, occurred_at=occurred_at, recorded_at=clock.now(), on=today,
        reason=facts.reason, due=facts.due, review_on=facts.review_on,
        owner=_receiver(session, agreement, facts.owner_id) if facts.owner_id is not None else None,
        ground=_ground(session, agreement, facts.ground) if facts.ground.strip() else None,
        data={"evidence": digests} if digests else None,
    )
    evidence.attach(session, agreement, event, files)
    return event


def reopen(
    session: Session, *, actor: Actor, agreement: Agreement, assembly: Assembly, reason: str, occurred_at: datetime
) -> Event:
    """What neighbours verified, only an assembly takes back: one of the unit, or above it up to the territory.

    Raises Denied without ASSEMBLY_HOLD on the assembly, WrongMoment (also before the assembly meets),
    MissingFact, Refused.
    """
    capacity = authorise(actor, Permission.ASSEMBLY_HOLD, thing_of(session, assembly))
    if assembly.state not in DECIDING:
        raise WrongMoment(assembly.state, Move.REOPEN)
    if not decides_for(session, assembly, agreement):
        raise Refused(_("Este acuerdo lo reabre una asamblea de su lugar o de su territorio."))
    return lock(session, agreement.id).advance(
        session, Move.REOPEN, capacity=capacity, occurred_at=occurred_at, recorded_at=clock.now(), reason=reason,
        assembly=assembly.folio,
    )


def _receiver(session: Session, agreement: Agreement, owner_id: int) -> Body:
    body = session.get(Body, owner_id)
    if body is None or not body.active:
        raise Refused(_("Elija una instancia que siga activa."))
    if body.id == agreement.owner_id:
        raise Refused(_("El acuerdo ya es de esa instancia."))
    if body.id == agreement.counterpart_id:
        raise Refused(_("La contraparte no puede quedarse con el acuerdo: es quien lo recibe."))
    return body


def _ground(session: Session, agreement: Agreement, typed: str) -> str:
    """The ground of a cancellation in its one spelling (DOMAIN.md 2): an assembly of this place that
    met once the agreement stood, or a live agreement that says the same."""
    assembly = session.scalar(select(Assembly).where(Assembly.folio_key == folio_key(typed)))
    if assembly is not None:
        if assembly.state not in DECIDING or assembly.unit_id not in path_with_heirs(session, agreement.unit_id):
            raise Refused(_("Esa asamblea no se ha realizado o es de otro lugar."))
        if (assembly.held_at or assembly.opened_at or assembly.starts_at) < agreement.created_at:
            raise Refused(_("Esa asamblea es anterior al acuerdo: no pudo decidir que se cancele."))
        return assembly.folio
    twin = agreement_by_folio(session, typed)
    if twin is None:
        raise Refused(_("No encontramos ese folio. Escriba el de la asamblea que lo decidió o el del acuerdo repetido."))
    if twin.id == agreement.id or twin.state in (S.CANCELLED, S.DECLINED):
        raise Refused(_("Un acuerdo se cancela por repetido solo si el otro sigue en pie."))
    return f"duplicate of {twin.folio}"


def _check_sides(session: Session, owner_id: int, counterpart_id: int | None) -> None:
    if owner_id == counterpart_id:
        raise Refused(_("Quien debe el acuerdo y su contraparte no pueden ser la misma instancia."))
    for body_id in (owner_id, counterpart_id):
        body = session.get(Body, body_id) if body_id is not None else None
        if body_id is not None and (body is None or not body.active):
            raise Refused(_("Elija una instancia que siga activa."))


def _gathers(session: Session, assembly: Assembly, unit_id: int) -> bool:
    if assembly.unit_id in path_of(session, unit_id):
        return True
    return session.get(AssemblyBlock, (assembly.id, unit_id)) is not None


def _short_code(session: Session, unit_id: int) -> str:
    """Of the nearest unit upwards that numbers folios: the territory, where the tree has one."""
    return session.scalars(
        select(TerritorialUnit.short_code)
        .join(Ancestry, Ancestry.ancestor_id == TerritorialUnit.id)
        .where(Ancestry.unit_id == unit_id, TerritorialUnit.short_code.is_not(None))
        .order_by(Ancestry.depth)
        .limit(1)
    ).one()
