"""Choosing where to begin: indicators, weights and conditions in the address, the list and its map under them, saved by name."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Flask, abort, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.admin.priorities import forms
from app.admin.priorities.forms import Question, RetireForm, SaveForm
from app.admin.sending import answer
from app.core import clock, navigation, versions
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Field
from app.core.formatters import zone
from app.core.i18n import _, lazy
from app.core.labels import local_name
from app.core.listing import Choice, Column, Listing, Sort, respond
from app.core.permissions import Permission
from app.core.transaction import read_session
from models import PrioritySelection
from models.priority import Scale, WhenMissing
from territories.indicators.queries import indicators
from territories.priorities import queries, services
from territories.priorities.board import Board, of_ranked
from territories.priorities.ranking import moves, ranked

blueprint = Blueprint("choose", __name__, template_folder="templates", url_prefix="/admin/priorities")
PLANS = requires(Permission.PRIORITY_EDIT)


def init_choose(app: Flask) -> None:
    navigation.offer(app, "choose.index", lazy("Dónde empezar"), Permission.PRIORITY_EDIT, order=72, within=Permission.ADMIN_SEE)


@blueprint.get("")
@PLANS
def index():
    query = queries.selections()
    return respond("choose/index.html", _listing(query), query)


def _listing(query: Select) -> Listing:
    selection, counted = PrioritySelection, query.selected_columns

    def of(row) -> str:
        return _("%(part)s de %(whole)s", part=row.chosen, whole=row.ranked)

    return Listing(
        name="prioridades", title=_("Selecciones guardadas"), sort="-saved", tie=selection.id,
        empty=_("Todavía no hay selecciones guardadas."),
        columns=(
            Column(
                "name", _("Selección"), lambda row: local_name(row.PrioritySelection), sort=Sort(selection.name_es),
                link=lambda row: url_for("priorities.show", slug=row.PrioritySelection.slug),
            ),
            Column("chosen", _("Elegidas"), lambda row: row.chosen, sort=Sort(counted["chosen"], int, descending=True), show=of),
            Column(
                "saved", _("Guardada"), lambda row: row.PrioritySelection.saved_at.astimezone(zone()).date(),
                sort=Sort(selection.saved_at, datetime, descending=True),
            ),
            Column("retired", _("Retirada"), lambda row: row.PrioritySelection.retired_on),
            Column(
                "retire", _("Retirar"), lambda row: None if row.PrioritySelection.retired_on else _("Retirar"),
                link=lambda row: None if row.PrioritySelection.retired_on else url_for(".retire", slug=row.PrioritySelection.slug),
                on=frozenset({"page"}),
            ),
        ),
        filters=(
            Choice(
                "state", _("Estado"), {"open": _("Vigentes"), "retired": _("Retiradas")},
                lambda query, value: query.where(
                    selection.retired_on.is_(None) if value == "open" else selection.retired_on.is_not(None)
                ),
            ),
        ),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@PLANS
def new():
    session, actor = read_session(), current_actor()
    levels = queries.levels(session)
    question = forms.read(request.args, indicators(session), [level.role for level in levels], clock.today(zone().key))
    board, seen = _preview(session, question)
    form = SaveForm.read()

    def show() -> str:
        form.seen.data = seen
        return render_template(
            "choose/new.html", question=question, levels=levels, board=board, form=form, scales=list(Scale), ways=list(WhenMissing),
            action=url_for(".new", **forms.address(question)),
        )

    if request.method == "GET":
        return show(), 400 if question.errors else 200
    if question.recipe is None:
        abort(400)

    def act(writing: Session) -> str:
        saved = services.save(
            writing, actor=actor, slug=form.slug.data, names=form.names, reason=form.reason.data, recipe=question.recipe,
            data=queries.data_of(writing, question.role, question.on, question.used), role=question.role, on=question.on,
            seen=form.seen.data,
        )
        return url_for("priorities.show", slug=saved.slug)

    return answer(form, act=act, show=show, body=forms.address(question))


def _preview(session: Session, question: Question) -> tuple[Board | None, str]:
    """The list that the question gives and its digest; None while there is nothing to rank."""
    if question.recipe is None:
        return None, ""
    data = queries.data_of(session, question.role, question.on, question.used)
    found = ranked(data.units, question.recipe)
    asked = services.frozen(data, question.recipe, question.role, question.on)
    outlines = queries.outlines_of(session, [unit.id for unit in data.units])
    return of_ranked(asked, found, moves(data.units, question.recipe), outlines), services.digest_of(asked, found)


@blueprint.route("/<slug>/retire", methods=["GET", "POST"])
@PLANS
def retire(slug: str):
    actor, selection = current_actor(), queries.find(read_session(), slug) or abort(404)
    form = RetireForm.read(version=selection.version)

    def act(session: Session) -> str:
        locked = session.scalars(select(PrioritySelection).where(PrioritySelection.id == selection.id).with_for_update()).one()
        versions.check(
            locked.version, form.version.data, back=url_for(".retire", slug=slug),
            fields=lambda: [Field(form.reason.label.text, "", form.reason.data)],
        )
        services.retire(session, actor=actor, selection=locked, reason=form.reason.data)
        return url_for(".index")

    def show() -> str:
        return render_template("choose/retire.html", selection=selection, form=form)

    return show() if request.method == "GET" else answer(form, act=act, show=show)
