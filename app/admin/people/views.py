"""People: invite, give and end roles, hand over links, close accounts."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template, request, url_for
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.admin.fields import Asked
from app.admin.people import queries, services
from app.admin.people.forms import InviteForm, ProfileForm, RoleForm, TermForm
from app.admin.sending import answer
from app.core import clock, versions
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Field, Misfit
from app.core.formatters import short_day, zone
from app.core.i18n import _
from app.core.labels import label
from app.core.listing import Choice, Column, Listing, Sort, Text, respond
from app.core.permissions import Permission
from app.core.transaction import read_session, transaction
from models import Body, Role, Term, TerritorialUnit, User

blueprint = Blueprint("people", __name__, template_folder="templates")
GRANTS = requires(Permission.ROLE_GRANT)


@blueprint.get("/admin/people")
@GRANTS
def index():
    return respond("people/index.html", _listing(), queries.people())


def _listing() -> Listing:
    today = clock.today(zone().key)

    def held(person: queries.Person) -> str:
        return "; ".join(f"{_role_words(role, focal)} · {place}" for role, place, focal in person.held)

    def holding(query: Select, value: str) -> Select:
        held_now = select(Term.user_id).where(queries.in_force(today))
        if value == "none":
            return query.where(User.active, User.id.not_in(held_now))
        return query.where(User.id.in_(held_now.where(Term.role == Role(value))))

    return Listing(
        name="personas", title=_("Personas"), sort="name", tie=User.id,
        columns=(
            Column(
                "name", _("Nombre"), lambda one: one.user.name, sort=Sort(func.lower(User.name)),
                link=lambda one: url_for("people.show", user_id=one.user.id),
            ),
            Column("email", _("Correo"), lambda one: one.user.email, sort=Sort(User.email)),
            Column("roles", _("Cargos de hoy"), held),
            Column("state", _("Cuenta"), lambda one: _account_words(one.user)),
        ),
        filters=(
            Text("q", _("Nombre o correo"), _called),
            Choice(
                "role", _("Cargo"), {**{str(role): label(role) for role in Role}, "none": _("Sin cargo vigente")}, holding,
            ),
            Choice(
                "account", _("Cuenta"),
                {"open": _("Activas"), "invited": _("Sin activar"), "asked": _("Piden contraseña"), "closed": _("Cerradas")}, _in_state,
            ),
        ),
        enrich=lambda session, rows: queries.with_roles(session, rows, today),
        empty=_("Nadie con esos filtros."),
    )


def _called(query: Select, said: str) -> Select:
    like = "%" + said.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    return query.where(or_(func.lower(User.name).like(like, escape="\\"), User.email.like(like, escape="\\")))


def _in_state(query: Select, value: str) -> Select:
    return query.where(
        *{
            "open": (User.active, User.password.is_not(None)), "invited": (User.active, User.password.is_(None)),
            "asked": (User.active, User.reset_asked_at.is_not(None)), "closed": (User.active.is_(False),),
        }[value]
    )


def _account_words(user: User) -> str:
    if not user.active:
        return _("Cerrada")
    if user.password is None:
        return _("Sin activar")
    return _("Pide contraseña") if user.reset_asked_at else _("Activa")


def _role_words(role: Role, focal: bool) -> str:
    return _("Punto focal") if focal else label(role)


@blueprint.route("/admin/people/new", methods=["GET", "POST"])
@GRANTS
def new():
    form, actor = InviteForm.read(starts_on=clock.today(zone().key)), current_actor()
    session = read_session()
    form.offer(queries.areas(session))
    form.offer_places(queries.bodies(session))

    def act(writing: Session) -> str:
        user = services.invited(
            writing, actor=actor, email=form.email.data, name=form.name.data, language=form.language.data,
            home_body_id=form.home_body_id.data,
        )
        services.appoint(writing, actor=actor, user=user, **_role_facts(writing, form))
        return url_for(".show", user_id=user.id)

    return _page("people/new.html", form, act)


@blueprint.get("/admin/people/<int:user_id>")
@GRANTS
def show(user_id: int):
    return _person_page(user_id)


@blueprint.route("/admin/people/<int:user_id>/edit", methods=["GET", "POST"])
@GRANTS
def edit(user_id: int):
    user, actor = _user_or_404(user_id), current_actor()
    form = ProfileForm.read(obj=user)
    form.offer(queries.areas(read_session()))

    def act(session: Session) -> str:
        now = _locked_user(session, user, form, lambda saved: [Field(form.name.label.text, saved.name, form.name.data)])
        services.change_account(
            session, actor=actor, user=now, name=form.name.data, language=form.language.data, home_body_id=form.home_body_id.data
        )
        return url_for(".show", user_id=user_id)

    return _page("people/edit.html", form, act, user=user)


@blueprint.route("/admin/people/<int:user_id>/grant", methods=["GET", "POST"])
@GRANTS
def grant(user_id: int):
    user, actor = _user_or_404(user_id), current_actor()
    form = RoleForm.read(starts_on=clock.today(zone().key))
    form.offer_places(queries.bodies(read_session()))

    def act(session: Session) -> str:
        services.appoint(session, actor=actor, user=session.get_one(User, user_id), **_role_facts(session, form))
        return url_for(".show", user_id=user_id)

    return _page("people/grant.html", form, act, user=user)


@blueprint.route("/admin/people/<int:user_id>/terms/<int:term_id>", methods=["GET", "POST"])
@GRANTS
def term(user_id: int, term_id: int):
    user, held, actor = *_term_or_404(user_id, term_id), current_actor()
    form = TermForm.read(obj=held.term)

    def act(session: Session) -> str:
        now = _locked_term(session, held.term, form)
        services.change_dates(session, actor=actor, term=now, starts_on=form.starts_on.data, ends_on=form.ends_on.data)
        return url_for(".show", user_id=user_id)

    withdrawable = held.term.starts_on >= clock.today(zone().key)
    return _page("people/term.html", form, act, user=user, held=held, role_words=_role_words, withdrawable=withdrawable)


@blueprint.route("/admin/people/<int:user_id>/terms/<int:term_id>/withdraw", methods=["GET", "POST"])
@GRANTS
def withdraw(user_id: int, term_id: int):
    user, held, actor = *_term_or_404(user_id, term_id), current_actor()
    form = Asked.read(version=held.term.version)

    def act(session: Session) -> str:
        services.withdraw(session, actor=actor, term=_locked_term(session, held.term, form))
        return url_for(".show", user_id=user_id)

    return _page("people/withdraw.html", form, act, user=user, held=held, role_words=_role_words)


@blueprint.route("/admin/people/<int:user_id>/close", methods=["GET", "POST"])
@GRANTS
def close(user_id: int):
    """Close an open account; open a closed one."""
    user, actor = _user_or_404(user_id), current_actor()
    form = Asked.read(version=user.version)

    def act(session: Session) -> str:
        now = _locked_user(session, user, form, lambda saved: [Field(_("Cuenta"), _account_words(saved), "")])
        (services.close if user.active else services.reopen)(session, actor=actor, user=now)
        return url_for(".show", user_id=user_id)

    return _page("people/close.html", form, act, user=user, terms=queries.terms_of(read_session(), user_id), today=clock.today(zone().key))


@blueprint.post("/admin/people/<int:user_id>/link")
@GRANTS
def link(user_id: int):
    """The page once more, with a link that is shown only now: the database keeps its hash."""
    _user_or_404(user_id)
    with transaction() as session:
        user = session.scalars(select(User).where(User.id == user_id).with_for_update()).one()
        token, invitation = services.link(session, actor=current_actor(), user=user)
    base = current_app.extensions["config"].base_url
    return _person_page(user_id, link=f"{base}/account/activate/{token}" if invitation else f"{base}/reset/{token}", invitation=invitation)


def _person_page(user_id: int, **context) -> str:
    user, session = _user_or_404(user_id), read_session()
    return render_template(
        "people/show.html", user=user, terms=queries.terms_of(session, user_id), today=clock.today(zone().key),
        home=session.get(Body, user.home_body_id) if user.home_body_id else None, role_words=_role_words,
        account_words=_account_words(user), mine=user_id == current_actor().user_id, form=Asked(),
        **{"link": None, "invitation": False, **context},
    )


def _page(template: str, form, act, **context):
    def show_again() -> str:
        return render_template(template, form=form, **context)

    return show_again() if request.method == "GET" else answer(form, act=act, show=show_again)


def _role_facts(session: Session, form: RoleForm) -> dict:
    """The role's place and days out of the form. Raises Misfit for a unit nobody knows."""
    unit: TerritorialUnit | None = None
    if form.unit.data:
        unit = queries.unit_called(session, form.unit.data)
        if unit is None:
            raise Misfit("unit", _("No hay una sola unidad con esa clave o ese nombre: escriba su clave."))
    body = session.get(Body, form.body_id.data) if form.body_id.data else None
    return {
        "role": Role(form.role.data), "unit": unit, "body": body, "focal_point": form.focal_point.data,
        "starts_on": form.starts_on.data, "ends_on": form.ends_on.data,
    }


def _user_or_404(user_id: int) -> User:
    user = read_session().get(User, user_id)
    if user is None:
        abort(404)
    return user


def _term_or_404(user_id: int, term_id: int) -> tuple[User, queries.Holding]:
    user = _user_or_404(user_id)
    held = next((one for one in queries.terms_of(read_session(), user_id) if one.term.id == term_id), None)
    if held is None:
        abort(404)
    return user, held


def _locked_user(session: Session, user: User, form, fields) -> User:
    now = session.scalars(
        select(User).where(User.id == user.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    versions.check(now.version, form.version.data, fields=lambda: fields(now), back=url_for(".show", user_id=user.id))
    return now


def _locked_term(session: Session, term: Term, form) -> Term:
    now = session.scalar(
        select(Term).where(Term.id == term.id).with_for_update().execution_options(populate_existing=True)
    )
    if now is None:
        abort(404)

    def span(one, other) -> str:
        return f"{short_day(one)} – {short_day(other) if other else ''}"

    mine = span(form.starts_on.data, form.ends_on.data) if isinstance(form, TermForm) else ""
    versions.check(
        now.version, form.version.data, fields=lambda: [Field(_("Fechas del cargo"), span(now.starts_on, now.ends_on), mine)],
        back=url_for(".show", user_id=now.user_id),
    )
    return now
