"""A liaison's voice, signed in: the same two words, without a slip."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from agendas.agreements import voices
from agendas.agreements.public.forms import LiaisonObjectionForm
from agendas.agreements.public.views import page_or_404, photos_of
from agendas.agreements.services import lock
from app.core import clock
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Refused
from app.core.forms import Form
from app.core.idempotency import Answer, once
from app.core.permissions import Denied, Permission
from app.core.transaction import read_session
from app.core.uploads import Unacceptable
from models.agreement import AgreementState

blueprint = Blueprint("liaison_voice", __name__, template_folder="../templates")
SPEAKS = requires(Permission.AGREEMENT_VOICE)


@blueprint.get("/work/a/<folio>")
@SPEAKS
def show(folio: str):
    return _page(folio, LiaisonObjectionForm.read())


@blueprint.post("/work/a/<folio>/confirm")
@SPEAKS
def confirm(folio: str):
    form = Form.read()
    if not form.validate():
        return _page(folio, LiaisonObjectionForm(), 422)
    return _speak(folio, "confirm", form, lambda session, agreement, voter: voices.confirm(
        session, agreement_id=agreement.id, voter=voter, occurred_at=clock.now()
    ))


@blueprint.post("/work/a/<folio>/dispute")
@SPEAKS
def dispute(folio: str):
    form = LiaisonObjectionForm.read()
    if not form.validate():
        return _page(folio, form, 422)
    try:
        files = photos_of(form)
    except Unacceptable as why:
        form.photo.errors = [why.sentence]
        return _page(folio, form, why.status)
    return _speak(folio, "dispute", form, lambda session, agreement, voter: voices.object_to(
        session, agreement_id=agreement.id, voter=voter, reason=form.reason.data, files=files, occurred_at=clock.now()
    ))


def _speak(folio: str, act_name: str, form, say):
    page, actor = page_or_404(folio), current_actor()

    def act(session) -> Answer:
        agreement = lock(session, page.agreement.id)
        heard = say(session, agreement, voices.liaison_voter(session, actor, agreement))
        return Answer(location=url_for(f"agreements.{act_name}", folio=agreement.folio, heard=str(heard)))

    return once(
        actor_key=actor.key, client_id=form.client_id.data, act=act,
        body={**form.fingerprint(), "folio": page.agreement.folio, "act": act_name},
    ).response()


def _page(folio: str, form: LiaisonObjectionForm, status: int = 200):
    """Who may not speak here reads why, instead of a form that would refuse."""
    page, session = page_or_404(folio), read_session()
    awaiting, refused = page.agreement.state is AgreementState.REPORTED_DONE, None
    try:
        voices.liaison_voter(session, current_actor(), page.agreement)
    except (Denied, Refused) as no:
        refused = no
    return render_template(
        "agreements/liaison.html", page=page, agreement=page.agreement, form=form, plain=Form(), awaiting=awaiting,
        refused=refused,
    ), status
