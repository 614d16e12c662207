"""Bodies: who can owe or answer for something, and who answers in their name."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.admin.bodies import queries, services
from app.admin.bodies.forms import BodyForm, NewBodyForm
from app.admin.fields import Asked
from app.admin.people.queries import unit_called
from app.admin.sending import answer
from app.core import clock, versions
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Field, Misfit
from app.core.formatters import zone
from app.core.i18n import _
from app.core.labels import label
from app.core.listing import Choice, Column, Listing, Sort, Text, respond
from app.core.permissions import Permission
from app.core.transaction import read_session
from models import Body
from models.body import BodyKind, GovernmentLevel

blueprint = Blueprint("bodies", __name__, template_folder="templates")
EDITS = requires(Permission.BODY_EDIT)


@blueprint.get("/admin/bodies")
@EDITS
def index():
    today = clock.today(zone().key)
    return respond("bodies/index.html", _listing(today), queries.bodies(today))


def _listing(today) -> Listing:
    def in_state(query: Select, value: str) -> Select:
        return queries.unanswered(query, today) if value == "unanswered" else query.where(Body.active.is_(value == "active"))

    return Listing(
        name="instancias", title=_("Instancias"), sort="name", tie=Body.id,
        columns=(
            Column(
                "name", _("Instancia"), lambda row: row.Body.name, sort=Sort(func.lower(Body.name)),
                link=lambda row: url_for("bodies.show", code=row.Body.code),
            ),
            Column("code", _("Clave"), lambda row: row.Body.code, sort=Sort(Body.code)),
            Column("kind", _("Tipo"), lambda row: row.Body.kind),
            Column("level", _("Gobierno"), lambda row: row.Body.level),
            Column("people", _("Usuarios"), lambda row: row.people),
            Column("focal", _("Puntos focales"), lambda row: row.focal),
            Column("owed", _("Debe"), lambda row: row.owed),
        ),
        filters=(
            Text("q", _("Nombre o clave"), _called),
            Choice(
                "kind", _("Tipo"), {str(kind): label(kind) for kind in BodyKind},
                lambda query, kind: query.where(Body.kind == BodyKind(kind)),
            ),
            Choice(
                "level", _("Gobierno"), {str(level): label(level) for level in GovernmentLevel},
                lambda query, level: query.where(Body.level == GovernmentLevel(level)),
            ),
            Choice(
                "state", _("Situación"), {"active": _("En uso"), "unanswered": _("Nadie responde"), "retired": _("Retiradas")},
                in_state, default="active",
            ),
        ),
        empty=_("No hay instancias con esos filtros."),
    )


def _called(query: Select, said: str) -> Select:
    like = "%" + said.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    return query.where(or_(func.lower(Body.name).like(like, escape="\\"), func.lower(Body.code).like(like, escape="\\")))


@blueprint.route("/admin/bodies/new", methods=["GET", "POST"])
@EDITS
def new():
    form, actor = NewBodyForm.read(), current_actor()
    form.offer()

    def act(session: Session) -> str:
        unit = unit_called(session, form.unit.data) if form.unit.data else None
        if form.unit.data and unit is None:
            raise Misfit("unit", _("No hay una sola unidad con esa clave o ese nombre: escriba su clave."))
        body = services.add(
            session, actor=actor, code=form.code.data, name=form.name.data, kind=BodyKind(form.kind.data),
            level=GovernmentLevel(form.level.data), unit=unit,
        )
        return url_for(".show", code=body.code)

    return _page("bodies/new.html", form, act)


@blueprint.route("/admin/bodies/<code>", methods=["GET", "POST"])
@EDITS
def show(code: str):
    """The body, who answers for it, and its name to change."""
    row, actor, today = _row_or_404(code), current_actor(), clock.today(zone().key)
    form = BodyForm.read(obj=row.Body)

    def act(session: Session) -> str:
        body = _locked(session, row.Body, form, lambda now: [Field(form.name.label.text, now.name, form.name.data)])
        services.rename(session, actor=actor, body=body, name=form.name.data)
        return url_for(".show", code=code)

    return _page("bodies/show.html", form, act, row=row, answering=queries.answering(read_session(), row.Body.id, today))


@blueprint.route("/admin/bodies/<code>/retire", methods=["GET", "POST"])
@EDITS
def retire(code: str):
    """Retire a body in use; bring back a retired one."""
    row, actor = _row_or_404(code), current_actor()
    form = Asked.read(version=row.Body.version)

    def act(session: Session) -> str:
        body = _locked(session, row.Body, form, lambda now: [Field(_("Instancia"), now.name, "")])
        (services.retire if row.Body.active else services.restore)(session, actor=actor, body=body)
        return url_for(".show", code=code)

    return _page("bodies/retire.html", form, act, row=row)


def _page(template: str, form, act, **context):
    def show_again() -> str:
        return render_template(template, form=form, **context)

    return show_again() if request.method == "GET" else answer(form, act=act, show=show_again)


def _row_or_404(code: str):
    row = read_session().execute(queries.bodies(clock.today(zone().key)).where(Body.code == code)).one_or_none()
    if row is None:
        abort(404)
    return row


def _locked(session: Session, body: Body, form, fields) -> Body:
    now = session.scalars(
        select(Body).where(Body.id == body.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    versions.check(now.version, form.version.data, fields=lambda: fields(now), back=url_for(".show", code=now.code))
    return now
