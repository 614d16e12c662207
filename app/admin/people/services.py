"""Accounts, roles and terms from the administration. The record tells the role and its place, never the person."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.accounts.queries import user_by_email
from app.admin.people.queries import in_force
from app.core import clock
from app.core.actors import Actor
from app.core.errors import Misfit, Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from models import Body, Liaison, Role, Term, TerritorialUnit, User, ledger
from models.ledger import Capacity, EventKind
from models.people import TokenPurpose
from models.settings import setting

DAY = timedelta(days=1)


def appoint(
    session: Session, *, actor: Actor, user: User, role: Role, unit: TerritorialUnit | None, body: Body | None,
    focal_point: bool, starts_on: date, ends_on: date | None,
) -> Term:
    """Give an account a role for a term. Raises Denied, Misfit with the field that does not fit."""
    capacity = _authorised(actor)
    _check_span(starts_on, ends_on)
    if not user.active:
        raise Refused(_("Esta cuenta está cerrada: ábrala de nuevo antes de darle un cargo."), 409)
    if body is not None and not body.active:
        raise Misfit("body_id", _("Esa instancia está retirada."))
    if focal_point and role is not Role.AREA:
        raise Misfit("focal_point", _("Solo se es punto focal de un área de gobierno."))
    try:
        term = accounts.grant(
            session, user=user, role=role, unit=unit, body=body, focal_point=focal_point, capacity=capacity,
            starts_on=starts_on, ends_on=ends_on,
        )
    except accounts.WrongPlace as wrong:
        raise _misfit_of(wrong) from wrong
    except accounts.LeadTaken as taken:
        taken_words = _("Ese territorio ya tiene responsable en esas fechas: reemplácelo desde la lista de responsables.")
        raise Misfit("starts_on", taken_words) from taken
    if role is Role.LIAISON:
        accounts.enlist(session, email=user.email, block=unit)
    return term


def name_lead(session: Session, *, actor: Actor, unit: TerritorialUnit, email: str, name: str, starts_on: date) -> Term:
    """Make the person of ``email`` the lead of a territory from a day on; who leads it now ends on the eve.

    One unit has one lead (001-45) and the change leaves no day without one. Raises Denied, Misfit for a day on
    which the present lead has not yet begun or another is already named.
    """
    capacity = _authorised(actor)
    present = session.scalars(
        select(Term).where(
            Term.unit_id == unit.id, Term.role == Role.LEAD, (Term.ends_on.is_(None)) | (Term.ends_on >= starts_on)
        ).with_for_update().execution_options(populate_existing=True)
    ).all()
    user = accounts.account_of(session, email=email, name=name)
    if not user.active:
        raise Misfit("email", _("Esa cuenta está cerrada: ábrala antes de nombrarla."))
    for term in present:
        if term.starts_on >= starts_on:
            raise Misfit("starts_on", _("Ya hay responsable desde ese día o después: elija otra fecha, o quite antes ese nombramiento."))
        if term.user_id == user.id:
            raise Misfit("email", _("Esa persona ya es responsable de este territorio."))
        term.ends_on = starts_on - DAY
        term.version += 1
        session.flush()
        accounts.record_term(session, EventKind.ROLE_ENDED, term, unit=unit, body=None, capacity=capacity)
    return appoint(
        session, actor=actor, user=user, role=Role.LEAD, unit=unit, body=None, focal_point=False, starts_on=starts_on, ends_on=None
    )


def change_dates(session: Session, *, actor: Actor, term: Term, starts_on: date, ends_on: date | None) -> None:
    """Other days for a term; an end that has come is its end. Raises Denied, Misfit."""
    capacity, today = _authorised(actor), _today(session)
    _check_span(starts_on, ends_on)
    if starts_on != term.starts_on and term.starts_on < today:
        raise Misfit("starts_on", _("Ya había empezado: ese día no cambia. Termínelo y dé otro cargo."))
    if ends_on is not None and ends_on <= today:
        _spare_last_admin(session, term, ends_on)
    term.starts_on, term.ends_on = starts_on, ends_on
    term.version += 1
    try:
        accounts.settle_leads(session, term)
    except accounts.LeadTaken as taken:
        raise Misfit("ends_on", _("En esas fechas el territorio ya tiene otro responsable.")) from taken
    ended = ends_on is not None and ends_on <= today
    _follow_liaison(session, term)
    _record(session, EventKind.ROLE_ENDED if ended else EventKind.ROLE_CHANGED, term, capacity)


def withdraw(session: Session, *, actor: Actor, term: Term) -> None:
    """Take back a term that begins today or later, as if it had not been given. Raises Denied, Refused once it has run."""
    capacity, today = _authorised(actor), _today(session)
    if term.starts_on < today:
        raise Refused(_("Este cargo ya empezó: termínelo con su último día."), 409)
    _spare_last_admin(session, term, today - DAY)
    unit, body = _place(session, term)
    session.delete(term)
    session.flush()
    accounts.record_term(
        session, EventKind.ROLE_ENDED, term, unit=unit, body=body, capacity=capacity, extra={"withdrawn": True}
    )


def change_account(session: Session, *, actor: Actor, user: User, name: str, language: str, home_body_id: int | None) -> None:
    """A person's name, language and home department (001-04). Raises Denied, Misfit for a department that is no area."""
    capacity = _authorised(actor)
    home = session.get(Body, home_body_id) if home_body_id else None
    if home_body_id and (home is None or home.is_community):
        raise Misfit("home_body_id", _("Elija un área de gobierno."))
    moved = user.home_body_id != home_body_id
    user.name, user.language, user.home_body_id = name, language, home_body_id
    user.version += 1
    session.flush()
    if moved:
        _tell(session, EventKind.ACCOUNT_CHANGED, capacity, {"home": home.code if home else None})


def close(session: Session, *, actor: Actor, user: User) -> int:
    """Shut an account: its sessions and links end now, its roles today. Returns how many roles ended.

    Raises Denied, Refused for one's own account or the last administration.
    """
    capacity, today = _authorised(actor), _today(session)
    if user.id == actor.user_id:
        raise Refused(_("Nadie cierra su propia cuenta: pídalo a otra persona de la administración."), 409)
    held = session.scalars(
        select(Term).where(Term.user_id == user.id, (Term.ends_on.is_(None)) | (Term.ends_on >= today)).with_for_update()
    ).all()
    for term in held:
        _spare_last_admin(session, term, today)
        if term.starts_on > today:
            withdraw(session, actor=actor, term=term)
            continue
        term.ends_on = today
        term.version += 1
        session.flush()
        _follow_liaison(session, term)
        _record(session, EventKind.ROLE_ENDED, term, capacity)
    accounts.disable(session, user=user)
    user.version += 1
    session.flush()
    _tell(session, EventKind.ACCOUNT_CLOSED, capacity, {"roles": len(held)})
    return len(held)


def reopen(session: Session, *, actor: Actor, user: User) -> None:
    """Let a closed account in again, without any role. Raises Denied."""
    capacity = _authorised(actor)
    user.active = True
    user.version += 1
    session.flush()
    _tell(session, EventKind.ACCOUNT_REOPENED, capacity, {})


def link(session: Session, *, actor: Actor, user: User) -> tuple[str, bool]:
    """A one-time token for the person, and whether it is an invitation (else a reset). Raises Denied, Refused when closed."""
    _authorised(actor)
    if not user.active:
        raise Refused(_("Esta cuenta está cerrada: ábrala de nuevo antes de darle un enlace."), 409)
    if user.password is None:
        return accounts.new_link(session, user, TokenPurpose.INVITATION), True
    return accounts.reset_link(session, user), False


def invited(session: Session, *, actor: Actor, email: str, name: str, language: str, home_body_id: int | None) -> User:
    """The account of an e-mail, made if there is none. Raises Denied, Misfit for one that exists already."""
    _authorised(actor)
    if user_by_email(session, email) is not None:
        raise Misfit("email", _("Ya hay una cuenta con ese correo: búsquela en la lista y dele el cargo ahí."))
    user = accounts.account_of(session, email=email, name=name, language=language)
    user.home_body_id = home_body_id
    session.flush()
    return user


def _authorised(actor: Actor) -> Capacity:
    return authorise(actor, Permission.ROLE_GRANT, Thing(path=frozenset()))


def _today(session: Session) -> date:
    return clock.today(setting(session, "time_zone"))


def _check_span(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Misfit("ends_on", _("El último día no puede ser antes del primero."))


def _misfit_of(wrong: accounts.WrongPlace) -> Misfit:
    return {
        "unit": Misfit("unit", _("Este cargo se tiene en una unidad: escriba su clave o su nombre.")),
        "block": Misfit("unit", _("Un enlace lo es de una cuadra: escriba la clave de una cuadra.")),
        "body": Misfit("body_id", _("Este cargo se tiene por una instancia: elíjala.")),
        "area": Misfit("body_id", _("Este cargo es de un área de gobierno: elija una.")),
        "community": Misfit("body_id", _("Este cargo es de un colectivo, comisión o mesa: elija uno.")),
    }[wrong.needs]


def _spare_last_admin(session: Session, term: Term, last_day: date) -> None:
    """Refuse to leave the instance without anybody who could give a role again."""
    if term.role is not Role.ADMIN:
        return
    others = select(Term.id).join(User, User.id == Term.user_id).where(
        Term.role == Role.ADMIN, Term.id != term.id, User.active, in_force(last_day + DAY)
    )
    if session.scalar(others.limit(1)) is None:
        raise Refused(_("Es la última cuenta de administración: nombre antes a otra persona."), 409)


def _follow_liaison(session: Session, term: Term) -> None:
    """The volunteer's own term ends with the role's: a liaison counts while the role holds."""
    if term.role is Role.LIAISON:
        liaison = session.scalar(select(Liaison).where(Liaison.user_id == term.user_id))
        if liaison is not None:
            liaison.ends_on = term.ends_on
            session.flush()


def _place(session: Session, term: Term) -> tuple[TerritorialUnit | None, Body | None]:
    return (
        session.get_one(TerritorialUnit, term.unit_id) if term.unit_id else None,
        session.get_one(Body, term.body_id) if term.body_id else None,
    )


def _record(session: Session, kind: EventKind, term: Term, capacity: Capacity) -> None:
    unit, body = _place(session, term)
    accounts.record_term(session, kind, term, unit=unit, body=body, capacity=capacity)


def _tell(session: Session, kind: EventKind, capacity: Capacity, data: dict) -> None:
    """An account has no public name: all of them are one object of the record."""
    moment = clock.now()
    ledger.append(session, kind, object="accounts", capacity=capacity, occurred_at=moment, recorded_at=moment, data=data)
