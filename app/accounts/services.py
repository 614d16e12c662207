"""Accounts: invited, activated, reset, signed in, ended. Every function flushes; the caller commits."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import passwords, second_factor, sessions
from app.accounts.queries import normal_email, user_by_email
from app.core import clock, crypto
from app.core.i18n import _
from app.core.restored import after_restore
from models import Body, Liaison, Role, Term, TerritorialUnit, User
from models.body import BodyKind
from models.ledger import Capacity, EventKind, append
from models.people import AccountSession, AccountToken, TokenPurpose
from models.settings import notice_in_force, setting
from models.territory import Level, LevelRole, territory_code_of

LASTS = {TokenPurpose.INVITATION: timedelta(days=7), TokenPurpose.RESET: timedelta(hours=1)}
HELD_BY_A_BODY = frozenset({Role.AREA, Role.COLLECTIVE})


class WrongPlace(Exception):
    """The role is not held there. ``needs`` says where it is: ``unit``, ``block``, ``body``, ``area`` or ``community``."""

    def __init__(self, role: Role, needs: str):
        super().__init__(f"{role} is held on another kind of place: {needs}")
        self.role, self.needs = role, needs


class LeadTaken(Exception):
    """The unit has a lead on those days already (001-45)."""


class SpentLink(Exception):
    """The one-time link was used, expired, or never was."""


class CodeRefused(Exception):
    """The second factor's code is wrong or was used."""


class PasswordRefused(Exception):
    """The present password, asked again, is not that one."""


def invite(
    session: Session, *, email: str, name: str = "", language: str = "es", role: Role, unit: TerritorialUnit | None = None,
    body: Body | None = None, focal_point: bool = False, capacity: Capacity, starts_on: date | None = None,
) -> str | None:
    """Make the account if there is none, grant ``role`` on ``unit`` or by ``body``, and return the token of a one-time link.

    None when the account was activated before: it only gained the role. Earlier invitations stop working.
    The chain records the role and its place, never the person. Raises WrongPlace, LeadTaken.
    """
    _check_place(session, role, unit, body)
    user = account_of(session, email=email, name=name, language=language)
    grant(session, user=user, role=role, unit=unit, body=body, focal_point=focal_point, capacity=capacity, starts_on=starts_on)
    return None if user.password else new_link(session, user, TokenPurpose.INVITATION)


def account_of(session: Session, *, email: str, name: str = "", language: str = "es") -> User:
    """The account of an e-mail, made when there is none: it opens nothing until its invitation is spent."""
    user = user_by_email(session, email)
    if user is None:
        address = normal_email(email)
        user = User(
            email=address, name=name.strip() or address.partition("@")[0], language=language, created_at=clock.now(),
            fs_uniquifier=secrets.token_hex(32),
        )
        session.add(user)
        session.flush()
    return user


def grant(
    session: Session, *, user: User, role: Role, unit: TerritorialUnit | None = None, body: Body | None = None,
    focal_point: bool = False, capacity: Capacity, starts_on: date | None = None, ends_on: date | None = None,
) -> Term:
    """A term of ``role`` from ``starts_on`` (today) on; one already in force is returned as it is.

    Raises WrongPlace, and LeadTaken for a second lead of a unit on any of those days.
    """
    _check_place(session, role, unit, body)
    day = starts_on or clock.today(setting(session, "time_zone"))
    held = session.scalars(
        select(Term).where(
            Term.user_id == user.id, Term.role == role, Term.focal_point == focal_point,
            Term.unit_id == (unit.id if unit else None), Term.body_id == (body.id if body else None),
        )
    )
    for term in held:
        if term.in_force(day):
            return term
    term = Term(
        user_id=user.id, role=role, unit_id=unit.id if unit else None, body_id=body.id if body else None,
        focal_point=focal_point, starts_on=day, ends_on=ends_on,
    )
    session.add(term)
    settle_leads(session, term)
    record_term(session, EventKind.ROLE_GRANTED, term, unit=unit, body=body, capacity=capacity)
    return term


def settle_leads(session: Session, term: Term) -> None:
    """Write ``term``; the database is who decides between two leads of a unit. Raises LeadTaken."""
    try:
        session.flush()
    except IntegrityError as clash:
        if term.role is Role.LEAD:
            raise LeadTaken from clash
        raise


def record_term(
    session: Session, kind: EventKind, term: Term, *, unit: TerritorialUnit | None, body: Body | None, capacity: Capacity,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """One entry of the record about a term: the role, its place and its days. A liaison's place is the territory."""
    public = territory_code_of(session, unit.id) if term.role is Role.LIAISON else unit.code if unit else None
    place = {"unit": public} if unit else {"body": body.code}
    moment = clock.now()
    append(
        session, kind, object=f"unit:{public}" if unit else f"body:{body.code}", capacity=capacity,
        occurred_at=moment, recorded_at=moment,
        data={
            "role": str(term.role), **place, "focal_point": term.focal_point, "from": term.starts_on.isoformat(),
            "to": term.ends_on.isoformat() if term.ends_on else None, **(extra or {}),
        },
    )


def enlist(session: Session, *, email: str, block: TerritorialUnit) -> Liaison:
    """The volunteer behind an account that was given the role: without it a liaison signs in and has no voice."""
    user = user_by_email(session, email)
    liaison = session.scalar(select(Liaison).filter_by(user_id=user.id))
    if liaison is None:
        liaison = Liaison(unit_id=block.id, user_id=user.id, starts_on=clock.today(setting(session, "time_zone")))
        session.add(liaison)
    elif liaison.ends_on is not None:
        liaison.unit_id, liaison.ends_on = block.id, None
    session.flush()
    return liaison


def _check_place(session: Session, role: Role, unit: TerritorialUnit | None, body: Body | None) -> None:
    if role in HELD_BY_A_BODY:
        if body is None or unit is not None:
            raise WrongPlace(role, "body")
        if (role is Role.AREA) != (body.kind is BodyKind.AREA):
            raise WrongPlace(role, "area" if role is Role.AREA else "community")
        return
    if unit is None or body is not None:
        raise WrongPlace(role, "unit")
    if role is Role.LIAISON and session.get_one(Level, unit.level_id).role is not LevelRole.BLOCK:
        raise WrongPlace(role, "block")


def new_link(session: Session, user: User, purpose: TokenPurpose) -> str:
    """A token of 256 bits for a one-time link; those before it of the same purpose stop working."""
    moment = clock.now()
    session.execute(
        update(AccountToken).values(used_at=moment)
        .where(AccountToken.user_id == user.id, AccountToken.purpose == purpose, AccountToken.used_at.is_(None))
    )
    token = crypto.new_token()
    session.add(
        AccountToken(user_id=user.id, purpose=purpose, token_hash=crypto.token_hash(token), expires_at=moment + LASTS[purpose])
    )
    session.flush()
    return token


def _spend(session: Session, purpose: TokenPurpose, token: str) -> User:
    row = session.scalar(
        select(AccountToken).where(AccountToken.token_hash == crypto.token_hash(token), AccountToken.purpose == purpose).with_for_update()
    )
    moment = clock.now()
    if row is None or row.used_at is not None or row.expires_at <= moment:
        raise SpentLink
    user = locked(session, row.user_id)
    if not user.active:
        raise SpentLink
    row.used_at = moment
    return user


def activate(session: Session, *, token: str, name: str, password_hash: str) -> User:
    """Spend an invitation: the person says their name and chooses a password. Raises SpentLink."""
    user = _spend(session, TokenPurpose.INVITATION, token)
    user.name = name.strip() or user.name
    user.password, user.notice_number = password_hash, session.scalar(select(notice_in_force()))
    session.flush()
    return user


def ask_reset(session: Session, *, email: str) -> None:
    """Note that the account asked for a new password, if there is one; whoever administers hands the link over."""
    user = user_by_email(session, email)
    if user is not None and user.active:
        user.reset_asked_at = clock.now()
        session.flush()


def reset_link(session: Session, user: User) -> str:
    """The token of a one-time link to a new password. The second factor stays as it is."""
    user.reset_asked_at = None
    return new_link(session, user, TokenPurpose.RESET)


def reset(session: Session, *, token: str, password_hash: str) -> User:
    """Spend a reset: the new password ends every session. Raises SpentLink."""
    user = _spend(session, TokenPurpose.RESET, token)
    user.password = password_hash
    user.reset_asked_at = None
    session.flush()
    sessions.end(session, user.id)
    return user


def change_password(session: Session, *, user_id: int, password_hash: str, device: str) -> str:
    """Keep the new password, end every session and open one with a token of its own, which is returned."""
    user = locked(session, user_id)
    user.password = password_hash
    session.flush()
    sessions.end(session, user_id)
    return sessions.begin(session, user, device)


def change_profile(session: Session, *, user_id: int, name: str, language: str) -> None:
    """The name a person goes by and the language their pages open in."""
    user = locked(session, user_id)
    user.name, user.language = name.strip(), language
    session.flush()


def prove_second_factor(session: Session, *, user_id: int, code: str) -> User:
    """Spend a code of the authenticator or a recovery code. Raises CodeRefused."""
    user = locked(session, user_id)
    if not user.active or not second_factor.proved(user, code):
        raise CodeRefused
    session.flush()
    return user


def set_up_second_factor(session: Session, *, user_id: int, secret: str, code: str, token: str) -> list[str]:
    """Turn the second factor on (or move it to another telephone), end the other sessions, return the recovery codes.
    Raises CodeRefused."""
    user = locked(session, user_id)
    codes = second_factor.set_up(user, secret, code)
    if codes is None:
        raise CodeRefused
    session.flush()
    sessions.end(session, user_id, but=token)
    return codes


def renew_recovery_codes(session: Session, *, user_id: int) -> list[str]:
    """Ten new recovery codes in place of the old ones."""
    codes = second_factor.new_recovery_codes(locked(session, user_id))
    session.flush()
    return codes


def remove_second_factor(session: Session, *, user: User) -> None:
    """For who lost telephone and codes: forgotten, and every session ended."""
    second_factor.remove(user)
    session.flush()
    sessions.end(session, user.id)


def disable(session: Session, *, user: User) -> None:
    """Shut the account: its sessions end and its links stop working; its past acts stay."""
    user.active = False
    session.flush()
    sessions.end(session, user.id)
    session.execute(
        update(AccountToken).values(used_at=clock.now()).where(AccountToken.user_id == user.id, AccountToken.used_at.is_(None))
    )


def open_session(session: Session, *, user_id: int, seen: str | None, password: str | None, device: str, replacing: str | None) -> str:
    """Sign a browser in and return its token.

    ``seen`` is the hash that ``password`` matched: changed since, or the account disabled, raises PasswordRefused.
    ``replacing`` is the token the browser carried before, which ends. A hash made with weaker settings is made
    anew while ``password`` is at hand.
    """
    user = locked(session, user_id)
    if not user.active or user.password is None or user.password != seen:
        raise PasswordRefused
    if replacing:
        sessions.end_token(session, replacing)
    if password is not None and passwords.outdated(user.password):
        user.password = passwords.hashed(password)
    return sessions.begin(session, user, device)


def locked(session: Session, user_id: int) -> User:
    """The account, its row locked and read anew."""
    return session.scalars(
        select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    ).one()


@after_restore
def shut_what_was_open(session: Session, taken_at: datetime) -> str:
    """End every session and spend every link of a copy brought back: some were ended after it was taken, and would open again."""
    moment = clock.now()
    ended = session.execute(
        update(AccountSession).where(AccountSession.ended_at.is_(None), AccountSession.expires_at > moment).values(ended_at=moment)
    ).rowcount
    session.execute(update(AccountToken).where(AccountToken.used_at.is_(None)).values(used_at=moment))
    return _("Se cerraron las sesiones abiertas (%(count)s) y se anularon los enlaces de un solo uso.", count=ended)
