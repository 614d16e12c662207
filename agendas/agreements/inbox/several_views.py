"""Several agreements of the inbox accepted at once: shown first, then done, each with its own entry in the record."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session

from agendas.agreements import services
from agendas.agreements.inbox import queries
from app.core import clock
from app.core.access import requires
from app.core.actors import Actor, current_actor
from app.core.errors import BadQuery
from app.core.forms import CodesField, Form
from app.core.i18n import _
from app.core.idempotency import Answer, once
from app.core.permissions import Permission
from app.core.transaction import read_session
from models import Agreement
from models.agreement import AgreementState, Move

blueprint = Blueprint("several", __name__, template_folder="../templates")
MOST = 100


class SeveralForm(Form):
    chosen = CodesField(default=list)


@blueprint.get("/inbox/accept")
@requires(Permission.AGREEMENT_ACCEPT)
def ask():
    form = SeveralForm.read(chosen=request.args.getlist("chosen"))
    return _page(form, _chosen(read_session(), form))


@blueprint.post("/inbox/accept")
@requires(Permission.AGREEMENT_ACCEPT)
def accept():
    form, actor = SeveralForm.read(), current_actor()
    agreements = _chosen(read_session(), form)
    if not form.validate() or not agreements:
        return _page(form, agreements, 422)

    def act(session) -> Answer:
        accept_each(session, actor, form.chosen.data)
        return Answer(location=url_for(".done", chosen=[one.folio for one in agreements]))

    return once(actor_key=actor.key, client_id=form.client_id.data, body=form.fingerprint(), act=act).response()


def accept_each(session: Session, actor: Actor, folios: list[str]) -> None:
    """Accept those of ``folios`` still waiting for it. One that moved meanwhile stays as it is: whoever moved
    it knew more. Raises Denied where one is not the actor's to accept."""
    for one in queries.chosen(session, actor, folios):
        agreement = services.lock(session, one.id)
        if agreement.state is AgreementState.PROPOSED:
            services.carry_out(session, actor=actor, agreement=agreement, move=Move.ACCEPT, occurred_at=clock.now())


@blueprint.get("/inbox/accepted")
@requires(Permission.AGREEMENT_ACCEPT)
def done():
    agreements = queries.chosen(read_session(), current_actor(), request.args.getlist("chosen")[:MOST])
    return render_template("agreements/several_done.html", agreements=agreements)


def _chosen(session: Session, form: SeveralForm) -> list[Agreement]:
    if len(form.chosen.data) > MOST:
        raise BadQuery(_("Elija hasta %(most)s acuerdos a la vez.", most=MOST))
    return queries.chosen(session, current_actor(), form.chosen.data)


def _page(form: SeveralForm, agreements: list[Agreement], status: int = 200):
    waiting = [one for one in agreements if one.state is AgreementState.PROPOSED]
    others = [one for one in agreements if one.state is not AgreementState.PROPOSED]
    return render_template("agreements/several.html", form=form, waiting=waiting, others=others), status
