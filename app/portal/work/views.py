"""My day: where a person lands after signing in."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template

from agendas.agreements.queries import this_day
from app.core.access import signed_in
from app.core.actors import current_actor
from app.core.i18n import lazy
from app.core.navigation import offer
from app.core.transaction import read_session
from app.portal.work import queries

blueprint = Blueprint("work", __name__)


def init_work(app: Flask) -> None:
    offer(app, "work.day", lazy("Mi día"), None, order=1)


@blueprint.get("/work")
@signed_in
def day():
    session, actor = read_session(), current_actor()
    today = this_day(session)
    return render_template("work/day.html", actor=actor, today=today, page=queries.day_of(session, actor, today))
