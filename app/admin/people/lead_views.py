"""Who leads each territory: one at a time, replaced with dates; a territory without lead is an alarm (001-45)."""

from __future__ import annotations

from datetime import date

from flask import abort, render_template, request, url_for
from sqlalchemy import Select, func
from sqlalchemy.orm import Session

from app.admin.people import queries, services
from app.admin.people.forms import LeadForm
from app.admin.people.views import GRANTS, blueprint
from app.admin.sending import answer
from app.core import clock
from app.core.access import requires
from app.core.actors import current_actor
from app.core.formatters import zone
from app.core.i18n import _
from app.core.listing import Choice, Column, Listing, Sort, Text, respond
from app.core.permissions import Permission, may_somewhere
from app.core.search import fold, words_match
from app.core.transaction import read_session
from models import Term, TerritorialUnit, User
from models.territory import UNIT_CODE, LevelRole
from territories.units.queries import find_place


@blueprint.get("/admin/leads")
@requires(Permission.ADMIN_SEE)
def leads():
    today = clock.today(zone().key)
    return respond(
        "people/leads.html", _listing(), queries.leads(today), today=today,
        missing=read_session().scalar(_counted(queries.without_lead(today))),
        names=may_somewhere(current_actor(), Permission.ROLE_GRANT),
    )


def _counted(rows: Select) -> Select:
    return rows.with_only_columns(func.count(TerritorialUnit.id), maintain_column_froms=True)


def _listing() -> Listing:
    grants = may_somewhere(current_actor(), Permission.ROLE_GRANT)

    def link(row) -> str | None:
        return url_for("people.lead", code=row.code) if grants else None

    return Listing(
        name="responsables", title=_("Responsables de territorio"), sort="name", tie=TerritorialUnit.id,
        columns=(
            Column("name", _("Territorio"), lambda row: row.name, sort=Sort(TerritorialUnit.search_name), link=link),
            Column("code", _("Clave"), lambda row: row.code),
            Column("person", _("Responsable"), lambda row: row.person or "", sort=Sort(func.lower(User.name), nullable=True)),
            Column("since", _("Desde"), lambda row: row.starts_on, sort=Sort(Term.starts_on, date, nullable=True)),
            Column("until", _("Hasta"), lambda row: row.ends_on, sort=Sort(Term.ends_on, date, nullable=True)),
            Column("next", _("Quien sigue empieza"), lambda row: row.next_on),
        ),
        filters=(
            Text("q", _("Nombre o clave"), lambda query, said: query.where(words_match(TerritorialUnit.search_name, fold(said).split()))),
            Choice(
                "lead", _("Responsable"),
                {"missing": _("Sin responsable"), "ending": _("Termina pronto"), "present": _("Con responsable")}, _led,
            ),
        ),
        empty=_("No hay territorios con esos filtros."),
    )


def _led(query: Select, value: str) -> Select:
    if value == "ending":
        return query.where(Term.ends_on.is_not(None))
    return query.where(Term.id.is_(None) if value == "missing" else Term.id.is_not(None))


@blueprint.route("/admin/leads/<code>", methods=["GET", "POST"])
@GRANTS
def lead(code: str):
    session, actor, today = read_session(), current_actor(), clock.today(zone().key)
    place = find_place(session, code) if UNIT_CODE.fullmatch(code) else None
    if place is None or place.level.role is not LevelRole.TERRITORY:
        abort(404)
    row = session.execute(queries.leads(today).where(TerritorialUnit.id == place.unit.id)).first()
    form = LeadForm.read(starts_on=today)

    def act(writing: Session) -> str:
        term = services.name_lead(
            writing, actor=actor, unit=writing.get_one(TerritorialUnit, place.unit.id), email=form.email.data, name=form.name.data,
            starts_on=form.starts_on.data,
        )
        return url_for(".show", user_id=term.user_id)

    def show() -> str:
        return render_template("people/lead.html", place=place, row=row, form=form)

    return show() if request.method == "GET" else answer(form, act=act, show=show)
