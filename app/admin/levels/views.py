"""The levels of the territory and what they are called."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.levels import queries, services
from app.admin.levels.forms import LevelForm
from app.admin.sending import answer
from app.core import versions
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Field
from app.core.permissions import Permission
from app.core.transaction import read_session
from models import Level

blueprint = Blueprint("levels", __name__, template_folder="templates")
EDITS = requires(Permission.SETTING_CHANGE)


@blueprint.get("/admin/levels")
@EDITS
def index():
    return render_template("levels/index.html", levels=queries.levels(read_session()))


@blueprint.route("/admin/levels/<role>", methods=["GET", "POST"])
@EDITS
def edit(role: str):
    level, actor = next((one for one, _units in queries.levels(read_session()) if one.role == role), None), current_actor()
    if level is None:
        abort(404)
    form = LevelForm.read(obj=level)

    def act(session: Session) -> str:
        now = session.scalars(
            select(Level).where(Level.id == level.id).with_for_update().execution_options(populate_existing=True)
        ).one()
        versions.check(
            now.version, form.version.data, back=url_for(".edit", role=role),
            fields=lambda: [
                Field(field.label.text, saved, mine) for field, saved, mine in zip(
                    (form.name_es, form.name_fr, form.name_en), (now.name_es, now.name_fr, now.name_en), form.names, strict=True
                )
            ],
        )
        services.rename(session, actor=actor, level=now, names=form.names)
        return url_for(".index")

    def show() -> str:
        return render_template("levels/edit.html", level=level, form=form)

    return show() if request.method == "GET" else answer(form, act=act, show=show)
