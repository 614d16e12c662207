"""An agreement as anybody sees it, and the voices of neighbours: no account, no cookie."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for

from agendas.agreements import voices, words
from agendas.agreements.public import linked
from agendas.agreements.public.forms import DoubtForm, ObjectionForm, SlipForm, tidy_code
from agendas.agreements.public.queries import PublicPage, public_page
from agendas.agreements.services import lock
from agendas.agreements.voices import Heard
from app.core import clock, crypto, rate
from app.core.access import public
from app.core.errors import Refused
from app.core.formatters import zone
from app.core.idempotency import Answer, once
from app.core.links import absolute
from app.core.transaction import read_session
from app.core.uploads import Accepted, Unacceptable, receive
from models.agreement import AgreementState

blueprint = Blueprint("agreements", __name__, template_folder="../templates")
# Codes are about 49 bits long: these limits keep guessing hopeless and let a whole assembly confirm at once.
BY_ADDRESS = {"times": 40, "seconds": 600}
BY_AGREEMENT = {"times": 150, "seconds": 600}


def page_or_404(folio: str) -> PublicPage:
    page = public_page(read_session(), folio) if len(folio) <= 40 else None
    if page is None:
        abort(404)
    return page


def canonical(page: PublicPage, folio: str):
    """A redirect to the folio as it is written, or None when it is already there."""
    if folio == page.agreement.folio:
        return None
    # The query goes along as text: as arguments of url_for, "folio" or "_method" in it would break the address.
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return redirect(url_for(request.endpoint, folio=page.agreement.folio) + query, 301)


def render(template: str, page: PublicPage, status: int = 200, **context):
    today = clock.today(zone().key)
    return render_template(
        f"agreements/{template}.html", page=page, agreement=page.agreement, today=today,
        days_late=page.agreement.days_late(today), awaiting=page.agreement.state is AgreementState.REPORTED_DONE,
        entry_words=words.ENTRIES, capacity_words=words.capacity_words, iso=date.fromisoformat,
        canonical_url=absolute("agreements.show", folio=page.agreement.folio), **context,
    ), status


@blueprint.get("/a/<folio>")
@public(kept="minute")
def show(folio: str):
    page = page_or_404(folio)
    return canonical(page, folio) or render("public", page, linked=linked.action(page.agreement))


@blueprint.get("/a/<folio>/confirm")
@public
def confirm(folio: str):
    return _ask(folio, "confirm", SlipForm)


@blueprint.get("/a/<folio>/dispute")
@public
def dispute(folio: str):
    return _ask(folio, "dispute", ObjectionForm)


@blueprint.get("/a/<folio>/doubt")
@public
def doubt(folio: str):
    return _ask(folio, "doubt", DoubtForm)


@blueprint.post("/a/<folio>/confirm")
@public
def say_yes(folio: str):
    page, form = page_or_404(folio), SlipForm.read()
    _count_try(page)
    if not form.validate():
        return render("confirm", page, 422, form=form)

    def act(session) -> Answer:
        agreement = lock(session, page.agreement.id)
        voter = voices.slip_voter(session, form.code.data, agreement)
        return _heard(
            page, "confirm", voices.confirm(session, agreement_id=agreement.id, voter=voter, occurred_at=clock.now())
        )

    return _speak(page, "confirm", form, act)


@blueprint.post("/a/<folio>/dispute")
@public
def say_no(folio: str):
    page, form = page_or_404(folio), ObjectionForm.read()
    _count_try(page)
    if not form.validate():
        return render("dispute", page, 422, form=form)
    try:
        files = photos_of(form)
    except Unacceptable as why:
        form.photo.errors = [why.sentence]
        return render("dispute", page, why.status, form=form)

    def act(session) -> Answer:
        agreement = lock(session, page.agreement.id)
        voter = voices.slip_voter(session, form.code.data, agreement)
        heard = voices.object_to(
            session, agreement_id=agreement.id, voter=voter, reason=form.reason.data, files=files, occurred_at=clock.now()
        )
        return _heard(page, "dispute", heard)

    return _speak(page, "dispute", form, act)


@blueprint.post("/a/<folio>/doubt")
@public
def leave_doubt(folio: str):
    page, form = page_or_404(folio), DoubtForm.read()
    rate.limit("doubt", f"{rate.client_address()} {page.agreement.folio}", times=3, seconds=3600)
    rate.limit("doubt", page.agreement.folio, **BY_AGREEMENT)
    if not form.validate():
        return render("doubt", page, 422, form=form)

    def act(session) -> Answer:
        voices.doubt(session, agreement_id=page.agreement.id, occurred_at=clock.now())
        return _heard(page, "doubt", Heard.COUNTED)

    return once(
        actor_key=f"anon:{page.agreement.folio}", client_id=form.client_id.data, body=form.fingerprint(), act=act
    ).response()


def photos_of(form) -> tuple[Accepted, ...]:
    """The photo of a form made harmless, or none. Raises Unacceptable."""
    sent = form.photo.data
    return (receive(sent.stream),) if sent and sent.filename else ()


def _ask(folio: str, act: str, form):
    page = page_or_404(folio)
    moved = canonical(page, folio)
    if moved:
        return moved
    heard = request.args.get("heard")
    if heard is not None:
        if heard not in set(Heard):
            abort(404)
        return render("heard", page, act=act, heard=Heard(heard))
    return render(act, page, form=form.read())


def _count_try(page: PublicPage) -> None:
    rate.limit("voice", rate.client_address(), **BY_ADDRESS)
    rate.limit("voice", page.agreement.folio, **BY_AGREEMENT)


def _speak(page: PublicPage, act_name: str, form, act):
    """The slip is the credential: what it may not do is said beside its field, with all that was typed kept."""
    try:
        return once(
            actor_key="slip:" + crypto.keyed_hash("send", tidy_code(form.code.data))[:48],
            client_id=form.client_id.data, body={**form.fingerprint(), "folio": page.agreement.folio, "act": act_name},
            act=act,
        ).response()
    except Refused as no:
        form.code.errors = [no.sentence]
        return render(act_name, page, no.status, form=form)


def _heard(page: PublicPage, act: str, heard: Heard) -> Answer:
    return Answer(location=url_for(f".{act}", folio=page.agreement.folio, heard=str(heard)))
