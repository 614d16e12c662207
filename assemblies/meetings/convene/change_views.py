"""After publishing: another day or place, or calling it off."""

from __future__ import annotations

from flask import Flask, render_template, request, url_for

from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Field
from app.core.formatters import moment, zone
from app.core.i18n import _, lazy
from app.core.idempotency import Answer, once
from app.core.navigation import offer
from app.core.permissions import Permission, authorise
from app.core.transaction import read_session
from assemblies.meetings.convene import queries, services
from assemblies.meetings.convene.forms import CancelForm, RescheduleForm, when_of
from assemblies.meetings.convene.views import assembly_or_404, blueprint
from assemblies.meetings.policies import Missing
from assemblies.meetings.queries import thing_of
from models.assembly import Assembly, AssemblyState, WrongMoment


def init_convene(app: Flask) -> None:
    """Offer the list of assemblies to whoever convenes."""
    offer(app, "convene.index", lazy("Asambleas"), Permission.ASSEMBLY_CONVENE, order=20)


@blueprint.route("/<folio>/reschedule", methods=["GET", "POST"])
@requires(Permission.ASSEMBLY_EDIT)
def reschedule(folio: str):
    session, actor = read_session(), current_actor()
    assembly = assembly_or_404(folio)
    authorise(actor, Permission.ASSEMBLY_EDIT, thing_of(session, assembly))
    form = RescheduleForm.read(**when_of(assembly, zone()), version=assembly.version)
    clashes = []
    if request.method == "GET" and assembly.state is not AssemblyState.CONVENED:
        raise WrongMoment(assembly.state, "reschedule")
    if request.method == "POST" and form.validate():
        starts_at, second_call_at, ends_at = form.moments(zone())
        clashes = queries.clashes_of(session, assembly, starts_at=starts_at, ends_at=ends_at, place=form.place.data)
        if not clashes or form.seen.data:

            def act(writing) -> Answer:
                locked = assembly_or_404(folio, writing, lock=True)
                services.reschedule(
                    writing, actor=actor, assembly=locked, starts_at=starts_at, second_call_at=second_call_at,
                    ends_at=ends_at, place=form.place.data, reason=form.reason.data, seen=form.version.data,
                    texts=lambda: [
                        Field(_("Primera llamada"), moment(locked.starts_at), moment(starts_at)),
                        Field(_("Lugar"), locked.place, form.place.data), Field(form.reason.label.text, "", form.reason.data),
                    ],
                    back=url_for("convene.reschedule", folio=locked.folio),
                )
                return Answer(url_for("convene.assembly", folio=locked.folio))

            try:
                return _once(form, folio, act).response()
            except services.Incomplete as incomplete:
                _point_at(form, incomplete)
    page = render_template("convene/reschedule.html", assembly=assembly, form=form, clashes=clashes)
    return page, 422 if request.method == "POST" else 200


@blueprint.route("/<folio>/cancel", methods=["GET", "POST"])
@requires(Permission.ASSEMBLY_CANCEL)
def cancel(folio: str):
    session, actor = read_session(), current_actor()
    assembly = assembly_or_404(folio)
    form = CancelForm.read(version=assembly.version)
    if request.method == "GET":
        authorise(actor, Permission.ASSEMBLY_CANCEL, thing_of(session, assembly))
    elif form.validate():

        def act(writing) -> Answer:
            locked = assembly_or_404(folio, writing, lock=True)
            services.cancel(
                writing, actor=actor, assembly=locked, reason=form.reason.data, seen=form.version.data,
                texts=lambda: [Field(form.reason.label.text, _said_of(locked), form.reason.data)],
                back=url_for("convene.assembly", folio=locked.folio),
            )
            return Answer(url_for("convene.assembly", folio=locked.folio))

        return _once(form, folio, act).response()
    else:
        authorise(actor, Permission.ASSEMBLY_CANCEL, thing_of(session, assembly))
    return render_template("convene/cancel.html", assembly=assembly, form=form), 422 if form.errors else 200


def _once(form, folio: str, act) -> Answer:
    body = form.fingerprint() | {"folio": folio, "page": request.path}
    return once(actor_key=current_actor().key, client_id=form.client_id.data, body=body, act=act)


def _said_of(assembly: Assembly) -> str:
    return f"{assembly.title}\n{moment(assembly.starts_at)}\n{assembly.place}"


def _point_at(form: RescheduleForm, incomplete: services.Incomplete) -> None:
    if Missing.FUTURE in incomplete.lacks:
        form.day.errors = [*form.day.errors, _("Ese día y esa hora ya pasaron: elija otros.")]
    if Missing.PLACE in incomplete.lacks:
        form.place.errors = [*form.place.errors, _("Diga el lugar.")]
