"""A body's inbox, and one agreement with the moves its state allows."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Flask, abort, render_template, url_for

from agendas.agreements import lists, policies, services, words
from agendas.agreements.inbox import queries
from agendas.agreements.inbox.forms import FORMS, SLUGS, MoveForm
from agendas.agreements.public.queries import PublicPage, public_page
from app.core import clock, navigation, versions
from app.core.access import requires
from app.core.actors import Actor, current_actor
from app.core.errors import Field, Refused
from app.core.formatters import day, zone
from app.core.forms import choices_of
from app.core.i18n import _, lazy
from app.core.idempotency import Answer, once
from app.core.labels import label
from app.core.listing import Choosing, respond
from app.core.permissions import Permission, can
from app.core.transaction import read_session
from app.core.uploads import Unacceptable, receive
from models import Agreement, Role
from models.agreement import AgreementState, Move
from models.territory import path_of

blueprint = Blueprint("inbox", __name__, template_folder="../templates")
# Oversight opens the working page too: it holds, hands over and cancels.
WORKS = requires(Permission.INBOX_SEE, Permission.AGREEMENT_CANCEL)


def init_inbox(app: Flask) -> None:
    navigation.offer(app, "inbox.index", lazy("Acuerdos de mi instancia"), Permission.INBOX_SEE, order=20)


@blueprint.get("/inbox")
@requires(Permission.INBOX_SEE)
def index():
    session, actor, today = read_session(), current_actor(), clock.today(zone().key)
    listing = lists.agreements(
        name="inbox", title=_("Acuerdos de mi instancia"), today=today, taxonomy=lists.themes(session),
        link=lambda agreement: url_for("inbox.show", folio=agreement.folio),
        one_owner=len(actor.body_ids) == 1 and Role.ADMIN not in actor.roles(),
        choosing=Choosing(lambda row: _acceptable(actor, row.Agreement), lambda row: row.Agreement.folio),
    )
    return respond(
        "agreements/inbox.html", listing, queries.mine(lists.listed(), actor), today=today,
        count=lambda: queries.counts(session, actor, today),
    )


def _acceptable(actor: Actor, agreement: Agreement) -> str | None:
    """The folio of what the actor can accept now, or None."""
    thing = policies.thing_of(agreement, frozenset())
    return agreement.folio if can(actor, Permission.AGREEMENT_ACCEPT, thing) else None


@blueprint.get("/inbox/<folio>")
@WORKS
def show(folio: str):
    page, moves = _mine_or_403(folio)
    return _render("inbox_one", page, moves=moves)


@blueprint.get("/inbox/<folio>/<move>")
@WORKS
def ask(folio: str, move: str):
    page, moves = _mine_or_403(folio)
    wanted = SLUGS.get(move) or abort(404)
    form = _form(wanted, page)
    form.version.data = page.agreement.version if not form.recalled else form.version.data
    return _render("move", page, move=wanted, slug=move, form=form, possible=wanted in moves)


@blueprint.post("/inbox/<folio>/<move>")
@WORKS
def carry_out(folio: str, move: str):
    page, _moves = _mine_or_403(folio)
    wanted = SLUGS.get(move) or abort(404)
    form = _form(wanted, page)
    if not form.validate():
        return _render("move", page, 422, move=wanted, slug=move, form=form, possible=True)
    try:
        files = _files(form)
    except Unacceptable as why:
        form["photo"].errors = [why.sentence]
        return _render("move", page, why.status, move=wanted, slug=move, form=form, possible=True)
    actor = current_actor()

    def act(session) -> Answer:
        agreement = services.lock(session, page.agreement.id)
        versions.check(
            agreement.version, form.version.data, fields=lambda: _both(session, agreement, form),
            back=url_for(".ask", folio=agreement.folio, move=move),
        )
        services.carry_out(
            session, actor=actor, agreement=agreement, move=wanted, facts=form.facts(), files=files,
            occurred_at=clock.now(),
        )
        return Answer(location=url_for(".show", folio=agreement.folio))

    try:
        return once(
            actor_key=actor.key, client_id=form.client_id.data, act=act,
            body={**form.fingerprint(), "folio": page.agreement.folio, "move": move},
        ).response()
    except Refused as no:
        form[_field_of(wanted)].errors = [no.sentence]
        return _render("move", page, no.status, move=wanted, slug=move, form=form, possible=True)


def _field_of(move: Move) -> str:
    """Beside which field a refusal of the domain is said."""
    return {
        Move.PLAN: "due", Move.HOLD: "review_on", Move.HAND_OVER: "owner", Move.CANCEL: "ground", Move.ACCEPT: "version",
    }.get(move, "reason")


def _files(form: MoveForm) -> tuple:
    sent = form["photo"].data if "photo" in form else None
    return (receive(sent.stream),) if sent and sent.filename else ()


def _form(move: Move, page: PublicPage) -> MoveForm:
    form = FORMS[move].read()
    if "owner" in form:
        bodies = queries.receivers(read_session(), page.agreement)
        form["owner"].choices = choices_of([(0, _("Elija una instancia")), *((body.id, body.name) for body in bodies)])
    return form


def _both(session, agreement: Agreement, form: MoveForm) -> list[Field]:
    """What was saved meanwhile beside what this person was sending (DOMAIN.md 9)."""
    page = public_page(session, agreement.folio)
    said = next(
        (entry.words["reason"].text or "" for entry in reversed(page.entries) if "reason" in entry.words), ""
    )
    fields = [Field(_("Estado"), label(agreement.state), "")]
    if "due" in form:
        fields.append(Field(_("Fecha"), day(agreement.due), day(form["due"].data)))
    if "reason" in form:
        fields.append(Field(_("Texto"), said, form["reason"].data))
    return fields


def _mine_or_403(folio: str) -> tuple[PublicPage, list[Move]]:
    page = public_page(read_session(), folio) if len(folio) <= 40 else None
    if page is None:
        abort(404)
    actor, path = current_actor(), path_of(read_session(), page.agreement.unit_id)
    if not policies.may_ever(actor, page.agreement, path):
        abort(403)
    return page, policies.moves_for(actor, page.agreement, path)


def _render(template: str, page: PublicPage, status: int = 200, **context):
    today = clock.today(zone().key)
    return render_template(
        f"agreements/{template}.html", page=page, agreement=page.agreement, today=today,
        days_late=page.agreement.days_late(today), awaiting=page.agreement.state is AgreementState.REPORTED_DONE,
        entry_words=words.ENTRIES, capacity_words=words.capacity_words, iso=date.fromisoformat, move_words=words.MOVES,
        explained=words.EXPLAINED, slug_of={move: slug for slug, move in SLUGS.items()}, **context,
    ), status
