"""What an open item yields: problems, a decision, agreements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agendas.agreements import discretion
from agendas.agreements import services as agreements
from agendas.agreements.queries import decides_for
from app.core import clock, search
from app.core.actors import Actor
from app.core.errors import Misfit, Refused
from app.core.i18n import _
from assemblies.meetings.hold import queries
from assemblies.meetings.hold.services import capacity_in, in_session, is_open
from models import Agreement, Decision, Problem, Theme, ledger
from models.assembly import Assembly, Item, ItemType, Method, Outcome
from models.ledger import EventKind
from models.territory import TerritorialUnit
from territories.units.queries import territory_of


def raise_problem(
    session: Session, *, actor: Actor, assembly: Assembly, item: Item, text: str, theme: Theme, unit: TerritorialUnit,
    occurred_at: datetime,
) -> Problem:
    """Something that is wrong, and where. A sensitive theme keeps its territory and no place below it, and
    leaves no entry of its own in the public chain: there it only appears as a count (DOMAIN.md 7)."""
    capacity = capacity_in(session, actor, assembly)
    in_session(assembly)
    is_open(item)
    if unit.id not in {place.id for place in queries.places(session, assembly)}:
        raise Misfit("unit_id", _("Elija uno de los lugares de esta asamblea."))
    if theme.sensitive:
        unit = territory_of(session, unit)
    problem = Problem(
        assembly_id=assembly.id, item_id=item.id, unit_id=unit.id, theme_id=theme.id, text=text, raised_at=occurred_at
    )
    session.add(problem)
    session.flush()
    # What is raised on an item may make the agreements born from it discreet, or no longer so.
    search.refresh(session, Agreement, session.scalars(select(Agreement.id).filter_by(item_id=item.id)).all())
    if not theme.sensitive:
        ledger.append(
            session, EventKind.PROBLEM_RAISED, object=assembly.object_name, capacity=capacity, occurred_at=occurred_at,
            recorded_at=clock.now(), data={"theme": theme.code, "unit": unit.code, "item": item.position},
            texts={"text": text},
        )
    return problem


@dataclass(frozen=True)
class Show:
    """What the hands said, as counted: the three of a vote, and how many were there."""

    present: int
    in_favour: int = 0
    against: int = 0
    abstaining: int = 0


def decide(
    session: Session, *, actor: Actor, assembly: Assembly, item: Item, outcome: Outcome, text: str, show: Show,
    objections: str, occurred_at: datetime,
) -> Decision:
    """The outcome of an open item by the method fixed before. Quorum, tally and objections are kept.

    Raises Refused for an item without a method or already decided, Misfit for a tally that does not add up.
    """
    capacity = capacity_in(session, actor, assembly)
    in_session(assembly)
    is_open(item)
    if item.method is None or item.type is ItemType.FOLLOW_UP:
        raise Refused(_("Este punto no se abrió para decidir."), 409)
    if queries.decision_of(session, item.id) is not None:
        raise Refused(_("Este punto ya tiene su decisión. Para otra, agregue un punto nuevo."), 409)
    quorum = queries.quorum_in_force(session, assembly)
    if item.method is not Method.VOTE:
        show = Show(show.present)
    _check_show(item.method, outcome, show, quorum, counted=queries.count_of(session, assembly.id).people)
    decision = Decision(
        item_id=item.id, method=item.method, outcome=outcome, text=text, in_favour=show.in_favour, against=show.against,
        abstaining=show.abstaining, present=show.present, quorum=quorum, objections=objections, taken_at=occurred_at,
    )
    session.add(decision)
    session.flush()
    data: dict[str, object] = {
        "item": item.position, "method": str(item.method), "outcome": str(outcome), "present": show.present, "quorum": quorum,
    }
    if item.method is Method.VOTE:
        data["tally"] = {"in_favour": show.in_favour, "against": show.against, "abstaining": show.abstaining}
    ledger.append(
        session, EventKind.DECISION_TAKEN, object=assembly.object_name, capacity=capacity, occurred_at=occurred_at,
        recorded_at=clock.now(), data=data, texts={"text": text, "objections": objections},
    )
    return decision


def _check_show(method: Method, outcome: Outcome, show: Show, quorum: int, *, counted: int) -> None:
    if show.present > counted:
        raise Misfit(
            "present", _("Hay %(counted)s personas contadas: no pueden decidir %(present)s.", counted=counted, present=show.present)
        )
    voted = show.in_favour + show.against + show.abstaining
    if voted > show.present:
        raise Misfit(
            "in_favour", _("Los votos suman %(voted)s y hay %(present)s personas presentes.", voted=voted, present=show.present)
        )
    if outcome is not Outcome.ADOPTED:
        return
    if not show.present:
        raise Misfit("present", _("Escriba cuántas personas estaban presentes."))
    if show.present < quorum:
        raise Misfit(
            "present",
            _("No hay quórum: hacen falta %(quorum)s personas y hay %(present)s. Puede quedar para otra asamblea.",
              quorum=quorum, present=show.present),
        )
    if method is Method.VOTE and show.in_favour <= show.against:
        raise Misfit("outcome", _("No puede aprobarse: hay más o los mismos votos en contra que a favor."))


def agree(
    session: Session, *, actor: Actor, assembly: Assembly, item: Item, text: str, theme_id: int, owner_id: int,
    counterpart_id: int | None, due: date, unit_id: int, place: str, occurred_at: datetime,
) -> Agreement:
    """An agreement born from an item whose decision was adopted. Raises Refused otherwise."""
    in_session(assembly)
    is_open(item)
    decision = queries.decision_of(session, item.id)
    if decision is None or decision.outcome is not Outcome.ADOPTED:
        raise Refused(_("Un acuerdo nace de una decisión aprobada: anote primero la decisión de este punto."), 409)
    if owner_id == counterpart_id:
        raise Misfit("counterpart_id", _("Quien debe el acuerdo y quien le da seguimiento son instancias distintas."))
    return agreements.propose(
        session, actor=actor, assembly=assembly, item=item, unit_id=unit_id, text=text, theme_id=theme_id,
        owner_id=owner_id, counterpart_id=counterpart_id, due=due, place=place, occurred_at=occurred_at,
    )


def not_fulfilled(
    session: Session, *, actor: Actor, assembly: Assembly, item: Item, agreement: Agreement, reason: str,
    occurred_at: datetime,
) -> None:
    """The assembly does not take the agreement for done: a decision kept in the chain and in the item's notes.
    It changes no state: that takes a neighbour's objection or the owner (DOMAIN.md 2). On a discreet agreement only
    an assembly of its territory speaks: one of a few blocks would tell where the matter is. Raises Refused."""
    capacity = capacity_in(session, actor, assembly)
    in_session(assembly)
    is_open(item)
    if item.type is not ItemType.FOLLOW_UP:
        raise Refused(_("Los acuerdos se revisan en un punto de seguimiento."), 409)
    if discretion.hides(session, agreement) and not decides_for(session, assembly, agreement):
        raise Refused(_("Este acuerdo lo verifica una asamblea de su lugar o de su territorio."), 409)
    ledger.append(
        session, EventKind.DECISION_TAKEN, object=assembly.object_name, capacity=capacity, occurred_at=occurred_at,
        recorded_at=clock.now(),
        data={
            "item": item.position, "method": str(item.method), "outcome": str(Outcome.REJECTED), "agreement": agreement.folio,
        },
        texts={"text": reason},
    )
    note_not_fulfilled(item, agreement, reason)


def note_not_fulfilled(item: Item, agreement: Agreement, reason: str) -> None:
    """The line that the minutes keep of it, under the item."""
    line = _("%(folio)s: la asamblea no lo da por cumplido. %(reason)s", folio=agreement.folio, reason=reason)
    item.notes = f"{item.notes}\n{line}".strip()
    item.version += 1
