"""The taxonomy: add, rename, reserve, merge, separate; and old codes that lead to the new ones."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.fields import Asked
from app.admin.sending import answer
from app.admin.themes import queries, services
from app.admin.themes.forms import MergeForm, NewThemeForm, ThemeForm
from app.core import versions
from app.core.access import SAFE_METHODS, access_of, requires
from app.core.actors import current_actor
from app.core.errors import Field
from app.core.i18n import _
from app.core.permissions import Permission
from app.core.transaction import read_session
from models import Theme
from models.theme import theme_now

blueprint = Blueprint("themes", __name__, template_folder="templates")
EDITS = requires(Permission.THEME_EDIT)


def init_themes(app: Flask) -> None:
    """Let the code of a merged theme, in any filter of any page, file or API, lead to the theme it is now."""

    @app.before_request
    def _follow_merged():
        code = request.args.get("theme")
        if not code or request.method not in SAFE_METHODS or access_of(app, request.endpoint) is None:
            return None
        merged = select(Theme.id).where(Theme.code == code, Theme.merged_into_id.is_not(None))
        if read_session().scalar(merged) is None:
            return None
        now = theme_now(read_session(), code)
        asked = [(key, now.code if key == "theme" else value) for key, value in request.args.items(multi=True)]
        return redirect(f"{g.get('url_prefix', '')}{request.path}?{urlencode(asked)}", 302)


@blueprint.get("/admin/themes")
@EDITS
def index():
    return render_template("themes/index.html", taxonomy=queries.taxonomy(read_session()))


@blueprint.route("/admin/themes/new", methods=["GET", "POST"])
@EDITS
def new():
    form, actor = NewThemeForm.read(), current_actor()
    form.offer(queries.parents_for(read_session(), None))

    def act(session: Session) -> str:
        services.add(session, actor=actor, code=form.code.data, names=form.names, parent_id=form.parent_id.data)
        return url_for(".index")

    return _page("themes/edit.html", form, act, row=None)


@blueprint.route("/admin/themes/<code>", methods=["GET", "POST"])
@EDITS
def edit(code: str):
    row, actor = _row_or_404(code), current_actor()
    form = ThemeForm.read(obj=row.theme)
    form.offer(queries.parents_for(read_session(), row.theme))

    def act(session: Session) -> str:
        theme = _locked(session, row.theme, form, lambda now: [
            Field(field.label.text, saved, mine) for field, saved, mine in zip(
                (form.name_es, form.name_fr, form.name_en), (now.name_es, now.name_fr, now.name_en), form.names, strict=True
            )
        ])
        services.change(session, actor=actor, theme=theme, names=form.names, parent_id=form.parent_id.data)
        return url_for(".index")

    return _page("themes/edit.html", form, act, row=row)


@blueprint.route("/admin/themes/<code>/reserve", methods=["GET", "POST"])
@EDITS
def reserve(code: str):
    row, actor = _row_or_404(code), current_actor()
    form = Asked.read(version=row.theme.version)

    def act(session: Session) -> str:
        theme = _locked(session, row.theme, form, _flag)
        (services.loosen if row.theme.sensitive else services.tighten)(session, actor=actor, theme=theme)
        return url_for(".edit", code=code)

    return _page("themes/reserve.html", form, act, row=row)


@blueprint.route("/admin/themes/<code>/merge", methods=["GET", "POST"])
@EDITS
def merge(code: str):
    row, actor = _row_or_404(code), current_actor()
    form = MergeForm.read(version=row.theme.version)
    form.offer(queries.targets_for(read_session(), row.theme))

    def act(session: Session) -> str:
        source = _locked(session, row.theme, form, _flag)
        services.merge(session, actor=actor, source=source, target=_lock(session, form.target_id.data))
        return url_for(".index")

    return _page("themes/merge.html", form, act, row=row, has_children=queries.has_children(read_session(), row.theme))


@blueprint.route("/admin/themes/<code>/separate", methods=["GET", "POST"])
@EDITS
def separate(code: str):
    row, actor = _row_or_404(code), current_actor()
    form = Asked.read(version=row.theme.version)

    def act(session: Session) -> str:
        services.separate(session, actor=actor, theme=_locked(session, row.theme, form, _flag))
        return url_for(".edit", code=code)

    return _page("themes/separate.html", form, act, row=row)


def _page(template: str, form, act, **context):
    def show() -> str:
        return render_template(template, form=form, **context)

    return show() if request.method == "GET" else answer(form, act=act, show=show)


def _row_or_404(code: str) -> queries.Row:
    row = queries.row_of(read_session(), code)
    if row is None:
        abort(404)
    return row


def _flag(theme: Theme) -> list[Field]:
    return [Field(_("Tema"), theme.name_es, "")]


def _lock(session: Session, theme_id: int) -> Theme:
    return session.scalars(
        select(Theme).where(Theme.id == theme_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _locked(session: Session, theme: Theme, form, fields) -> Theme:
    """The theme as it is now, its row locked. Raises StaleVersion."""
    found = _lock(session, theme.id)
    versions.check(found.version, form.version.data, fields=lambda: fields(found), back=url_for(".edit", code=found.code))
    return found
