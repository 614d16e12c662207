"""Indicators: declare one, change what it says. Its values come by an import."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.admin.imports.queries import levels
from app.admin.indicators.forms import IndicatorForm, NewIndicatorForm
from app.admin.sending import answer
from app.core import versions
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Field
from app.core.permissions import Permission
from app.core.transaction import read_session
from models import Indicator, IndicatorValue
from models.indicator import Aggregation
from territories.indicators import queries, services

blueprint = Blueprint("indicator_admin", __name__, template_folder="templates")
EDITS = requires(Permission.INDICATOR_EDIT)


@blueprint.get("/admin/indicators")
@EDITS
def index():
    session = read_session()
    values = select(func.count(IndicatorValue.id)).where(IndicatorValue.indicator_id == Indicator.id).correlate(Indicator)
    last = select(func.max(IndicatorValue.ends_on)).where(IndicatorValue.indicator_id == Indicator.id).correlate(Indicator)
    rows = session.execute(
        select(Indicator, values.scalar_subquery().label("count"), last.scalar_subquery().label("last"))
        .order_by(Indicator.name_es, Indicator.id)
    ).all()
    return render_template("indicator_admin/index.html", rows=rows, levels=dict(levels(session)))


@blueprint.route("/admin/indicators/new", methods=["GET", "POST"])
@EDITS
def new():
    actor, form = current_actor(), _offered(NewIndicatorForm.read(), None)

    def act(session: Session) -> str:
        services.add(session, actor=actor, code=form.code.data, definition=form.definition)
        return url_for(".index")

    return _page(form, act, None)


@blueprint.route("/admin/indicators/<code>", methods=["GET", "POST"])
@EDITS
def edit(code: str):
    indicator, actor = queries.find(read_session(), code), current_actor()
    if indicator is None:
        abort(404)
    form = _offered(IndicatorForm.read(obj=indicator), indicator)

    def act(session: Session) -> str:
        found = session.scalars(select(Indicator).where(Indicator.id == indicator.id).with_for_update()).one()
        versions.check(
            found.version, form.version.data, back=url_for(".edit", code=code),
            fields=lambda: [
                Field(field.label.text, getattr(found, field.name), field.data) for field in (form.name_es, form.definition_es, form.source)
            ],
        )
        services.change(session, actor=actor, indicator=found, definition=form.definition)
        return url_for(".index")

    return _page(form, act, indicator)


def _offered(form: IndicatorForm, indicator: Indicator | None) -> IndicatorForm:
    session = read_session()
    weights = [
        one for one in queries.indicators(session)
        if one.aggregation is Aggregation.SUM and not one.sensitive and (indicator is None or one.id != indicator.id)
    ]
    form.offer(levels(session), weights)
    return form


def _page(form: IndicatorForm, act, indicator: Indicator | None):
    def show() -> str:
        return render_template("indicator_admin/edit.html", form=form, indicator=indicator)

    return show() if request.method == "GET" else answer(form, act=act, show=show)
