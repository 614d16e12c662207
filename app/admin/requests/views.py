"""The register of requests about personal data, with a clock in working days; and the public page where one asks."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, abort, render_template, request, send_file, url_for
from sqlalchemy import Select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from app.accounts.queries import user_by_email
from app.admin.privacy import person
from app.admin.requests import forms, queries, services
from app.admin.sending import answer
from app.core import clock, rate
from app.core.access import public, requires
from app.core.actors import current_actor
from app.core.errors import Misfit
from app.core.formatters import zone
from app.core.i18n import _
from app.core.idempotency import Answer, once
from app.core.labels import label
from app.core.listing import Choice, Column, Listing, Sort, ranked, respond
from app.core.permissions import Permission
from app.core.transaction import read_session, transaction
from models import DataRequest
from models.privacy import MOVES, OPEN, Channel, IdentityProof, ReplyOutcome, RequestKind, RequestState
from models.settings import setting

blueprint = Blueprint("requests", __name__, template_folder="templates")
ANSWERS = requires(Permission.REQUEST_ANSWER)
# From one address, and from everywhere: nobody fills the register by machine.
BY_ADDRESS, BY_ALL = {"times": 3, "seconds": 3600}, {"times": 60, "seconds": 3600}
STEP_TO = {
    "identity": RequestState.IDENTITY_CHECKED, "extension": RequestState.EXTENDED, "answer": RequestState.ANSWERED,
    "closing": RequestState.CLOSED,
}


@blueprint.get("/admin/requests")
@ANSWERS
def index():
    return respond("requests/index.html", _listing(clock.today(zone().key)), queries.requests())


def _listing(today: date) -> Listing:
    def in_state(query: Select, value: str) -> Select:
        if value == "late":
            return query.where(queries.late(today))
        return query.where(DataRequest.state.in_(OPEN)) if value == "open" else query.where(DataRequest.state.not_in(OPEN))

    return Listing(
        name="solicitudes", title=_("Solicitudes sobre datos personales"), sort="due", tie=DataRequest.id,
        enrich=lambda session, rows: queries.clocked(session, [row[0] for row in rows], today),
        columns=(
            Column(
                "folio", _("Folio"), lambda row: row.request.folio, sort=Sort(DataRequest.folio),
                link=lambda row: url_for("requests.show", folio=row.request.folio),
            ),
            Column("kind", _("Tipo"), lambda row: row.request.kind),
            Column("state", _("Estado"), lambda row: row.request.state, sort=ranked(DataRequest.state, list(RequestState))),
            Column("received", _("Llegó"), lambda row: row.request.received_on, sort=Sort(DataRequest.received_on, date)),
            Column("due", _("Vence"), lambda row: row.request.due_on, sort=Sort(DataRequest.due_on, date)),
            Column("left", _("Días hábiles que quedan"), lambda row: row.left),
        ),
        filters=(
            Choice(
                "state", _("Situación"), {"open": _("Por responder"), "late": _("Vencidas"), "done": _("Respondidas o cerradas")},
                in_state,
            ),
            Choice(
                "kind", _("Tipo"), {str(kind): label(kind) for kind in RequestKind},
                lambda query, kind: query.where(DataRequest.kind == RequestKind(kind)),
            ),
        ),
        empty=_("No hay solicitudes con esos filtros."),
    )


@blueprint.route("/admin/requests/new", methods=["GET", "POST"])
@ANSWERS
def new():
    """Write down a request that came on paper or by mail."""
    form, actor = forms.WrittenForm.read(received_on=clock.today(zone().key)), current_actor()

    def act(session: Session) -> str:
        user = user_by_email(session, form.email.data) if form.email.data else None
        if form.email.data and user is None:
            raise Misfit("email", _("No hay ninguna cuenta con ese correo."))
        made = services.receive(
            session, asked=_asked(form), actor=actor, channel=Channel(form.channel.data), received_on=form.received_on.data,
            user_id=user.id if user else None,
        )
        return url_for(".show", folio=made.folio)

    def show_again() -> str:
        return render_template("requests/new.html", form=form)

    return show_again() if request.method == "GET" else answer(form, act=act, show=show_again)


def _asked(form: forms.AskForm) -> services.Asked:
    return services.Asked(RequestKind(form.kind.data), form.who.data, form.reach.data, form.about.data)


@blueprint.get("/admin/requests/<folio>")
@ANSWERS
def show(folio: str):
    return _page(_row_or_404(folio))


def _page(row: DataRequest, form=None, step: str = "") -> str:
    session = read_session()
    [clocked] = queries.clocked(session, [row], clock.today(zone().key))
    steps = {
        name: form if name == step else kind(version=row.version)
        for name, kind in forms.STEPS.items() if STEP_TO[name] in MOVES[row.state]
    }
    for name, asked in steps.items():
        if "reason" in asked:
            # Two of them on one page: the summary of errors leads to the one that came back.
            asked.reason.id = f"reason-{name}"
    return render_template(
        "requests/show.html", row=row, left=clocked.left, said=queries.opened(row), steps=steps, form=form, step=step,
        account=queries.account_of(session, row),
    )


def _row_or_404(folio: str) -> DataRequest:
    return queries.by_folio(read_session(), folio) or abort(404)


@blueprint.post("/admin/requests/<folio>/<any(identity, extension, answer, closing):step>")
@ANSWERS
def take(folio: str, step: str):
    """One step of the request: identity checked, put off, answered, closed."""
    row, actor = _row_or_404(folio), current_actor()
    form, back = forms.STEPS[step].read(), url_for(".show", folio=folio)

    def act(session: Session) -> str:
        try:
            found = services.locked(session, folio, form.version.data, back)
        except NoResultFound:
            abort(404)
        facts = {"actor": actor, "request": found}
        if step == "identity":
            services.check_identity(session, **facts, proof=IdentityProof(form.proof.data))
        elif step == "extension":
            services.extend(session, **facts, reason=form.reason.data)
        elif step == "answer":
            services.answer(session, **facts, outcome=ReplyOutcome(form.outcome.data), reply=form.reply.data)
        else:
            services.close(session, **facts, reason=form.reason.data)
        return back

    return answer(form, act=act, show=lambda: _page(row, form, step))


@blueprint.post("/admin/requests/<folio>/export")
@ANSWERS
def export(folio: str) -> Response:
    """Everything kept of the person whose account is behind a request, once it is known who asks."""
    row, actor = _row_or_404(folio), current_actor()
    if row.user_id is None or row.state is RequestState.RECEIVED:
        abort(409)
    with transaction() as session:
        packed = person.export(session, user_id=row.user_id, capacity=services.capacity_of(actor), request=row.folio)
    return send_file(packed, mimetype="application/zip", as_attachment=True, download_name=f"{row.folio}.zip", etag=False)


@blueprint.get("/privacy/request")
@public
def ask():
    """How to ask, and a form for who would rather not come."""
    return _ask_page(forms.AskForm.read(), request.args.get("folio", ""))


def _ask_page(form: forms.AskForm, folio: str = "") -> str:
    session = read_session()
    return render_template(
        "requests/ask.html", form=form, folio=folio if services.FOLIO.fullmatch(folio) else "",
        office=setting(session, "privacy_office"), contact=setting(session, "contact"), days=setting(session, "request_days"),
        extension=setting(session, "request_extension_days"), authority=setting(session, "privacy_authority"),
    )


@blueprint.post("/privacy/request")
@public
def send():
    form = forms.AskForm.read()
    if not form.validate():
        return _ask_page(form), 422
    rate.limit("request", rate.client_address(), **BY_ADDRESS)
    rate.limit("request", "all", **BY_ALL)

    def act(session: Session) -> Answer:
        made = services.receive(session, asked=_asked(form), actor=None, channel=Channel.FORM)
        return Answer(location=url_for(".ask", folio=made.folio))

    return once(actor_key="anon:request", client_id=form.client_id.data, body=form.fingerprint(), act=act).response()
