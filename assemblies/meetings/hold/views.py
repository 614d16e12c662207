"""The assembly in the palm of a hand: open it, count people, go through the items, end it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Refused, wants_json
from app.core.permissions import Permission
from app.core.transaction import read_session
from assemblies.meetings import queries as meetings
from assemblies.meetings.hold import queries, services
from assemblies.meetings.hold.forms import Act, ItemForm, OpenForm, ReasonForm, TapForm
from assemblies.meetings.hold.sending import look, send
from models.assembly import AgeBand, AssemblyState, Gender, ItemType, Method

blueprint = Blueprint("hold", __name__, template_folder="templates", url_prefix="/work/assemblies/<folio>/hold")
HOLD = requires(Permission.ASSEMBLY_HOLD)
WRITTEN_UP = (AssemblyState.HELD, AssemblyState.CLOSED)


@blueprint.app_context_processor
def _new_key() -> dict[str, Any]:
    """``new_key()``: a client UUID for each of the many small forms of a page."""
    return {"new_key": lambda: str(uuid.uuid4())}


@blueprint.get("")
@HOLD
def session(folio: str):
    assembly = look(folio)
    if assembly.state in WRITTEN_UP:
        return redirect(url_for("minute.review", folio=assembly.folio))
    return _session_page(assembly)


def _session_page(assembly, **forms):
    rows = read_session()
    parts: dict[str, Any] = {"opening": OpenForm.fresh(), "reason": ReasonForm.fresh(), "adding": ItemForm.fresh(), **forms}
    page = render_template(
        "hold/session.html", assembly=assembly, items=meetings.items_of(rows, assembly.id), slips=queries.slips_out(rows, assembly.id),
        count=queries.count_of(rows, assembly.id), needs_method=services.NEEDS_METHOD, plain=Act(), sent=request.args.get("sent"), **parts,
    )
    return page, 422 if any(form.errors for form in forms.values()) else 200


def back_to_session(folio: str, anchor: str = ""):
    return lambda: url_for("hold.session", folio=folio, _anchor=anchor or None)


@blueprint.post("/open")
@HOLD
def open_session(folio: str):
    form = OpenForm.read()
    if not form.validate():
        return _session_page(look(folio), opening=form)
    try:
        return send(
            folio, form, to=back_to_session(folio, "items"),
            deed=lambda session, assembly: services.open_session(
                session, actor=current_actor(), assembly=assembly, call=form.call.data, occurred_at=form.moment
            ),
        )
    except Refused as no:
        form.call.errors = [no.sentence]
        return _session_page(look(folio), opening=form)


@blueprint.post("/not-held")
@HOLD
def not_held(folio: str):
    form = ReasonForm.read()
    if not form.validate():
        return _session_page(look(folio), reason=form)
    try:
        return send(
            folio, form, to=back_to_session(folio),
            deed=lambda session, assembly: services.not_held(
                session, actor=current_actor(), assembly=assembly, reason=form.reason.data, occurred_at=form.moment
            ),
        )
    except Refused as no:
        form.reason.errors = [no.sentence]
        return _session_page(look(folio), reason=form)


@blueprint.post("/end")
@HOLD
def end(folio: str):
    form = Act.read()
    _valid(form)
    return send(
        folio, form, to=lambda: url_for("minute.review", folio=folio),
        deed=lambda session, assembly: services.end_session(
            session, actor=current_actor(), assembly=assembly, occurred_at=form.moment
        ),
    )


@blueprint.get("/headcount")
@HOLD
def headcount(folio: str):
    assembly = look(folio)
    if assembly.state not in (AssemblyState.CONVENED, AssemblyState.IN_SESSION):
        return redirect(url_for("hold.session", folio=assembly.folio))
    band = _band(request.args.get("band"))
    return render_template(
        "hold/headcount.html", assembly=assembly, count=queries.count_of(read_session(), assembly.id), band=band, bands=tuple(AgeBand),
        genders=tuple(Gender), plain=Act(), sent=request.args.get("sent"),
    )


def _band(text: str | None) -> AgeBand:
    return AgeBand(text) if text in tuple(AgeBand) else AgeBand.ADULTS


@blueprint.post("/headcount")
@HOLD
def tap(folio: str):
    form = TapForm.read()
    _valid(form)
    gender, band = Gender(form.gender.data), AgeBand(form.age_band.data)
    try:
        return send(
            folio, form, to=lambda: url_for("hold.headcount", folio=folio, band=band, _anchor="headcount"),
            deed=lambda session, assembly: _counted(
                session, assembly, services.tap(
                    session, actor=current_actor(), assembly=assembly, gender=gender, age_band=band,
                    first_time=form.what.data == "first_timers", step=int(form.step.data),
                ),
            ),
        )
    except Refused as no:
        if wants_json():
            raise
        assembly = look(folio)
        page = render_template(
            "hold/headcount.html", assembly=assembly, count=queries.count_of(read_session(), assembly.id), band=band,
            bands=tuple(AgeBand), genders=tuple(Gender), plain=Act(), sent=None, refused=no.sentence,
        )
        return page, no.status


def _counted(session, assembly, cell) -> dict[str, Any]:
    count = queries.count_of(session, assembly.id)
    return {
        "people": count.people, "first_timers": count.first_timers, "band": count.in_band(cell.age_band),
        "cell": {
            "gender": str(cell.gender), "age_band": str(cell.age_band), "people": cell.people, "first_timers": cell.first_timers,
        },
    }


@blueprint.post("/items")
@HOLD
def add_item(folio: str):
    form = ItemForm.read()
    if not form.validate():
        return _session_page(look(folio), adding=form)
    try:
        return send(
            folio, form, to=back_to_session(folio, "items"),
            deed=lambda session, assembly: _numbered(
                services.add_item(
                    session, actor=current_actor(), assembly=assembly, title=form.title.data, type=ItemType(form.type.data),
                    method=Method(form.method.data) if form.method.data else None, occurred_at=form.moment,
                )
            ),
        )
    except Refused as no:
        form.method.errors = [no.sentence]
        return _session_page(look(folio), adding=form)


def _numbered(item) -> dict[str, int]:
    return {"item": item.position}


def _valid(form: Act) -> None:
    if not form.validate():
        abort(422)
