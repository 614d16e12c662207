"""The retention schedule: what is erased, when, and how. Data; ``app.admin.privacy.purge`` applies it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, delete, exists, func, literal, null, or_, select, update
from sqlalchemy.orm import Session

from app.admin.imports import services as imports
from app.core import clock, idempotency, storage
from app.core.i18n import lazy
from models import (
    DataRequest,
    Document,
    Event,
    EventText,
    Evidence,
    ExternalKey,
    IdempotencyKey,
    ImportRun,
    Liaison,
    RateWindow,
    Slip,
    SlipBatch,
    Stash,
    Term,
    User,
)
from models.evidence import Moderation
from models.people import AccountSession, AccountToken
from models.privacy import OPEN, RequestState

# Stand where a name and an e-mail stood; nothing can be sent there (RFC 2606).
NAMELESS, NOWHERE = "—", "@borrada.invalid"


@dataclass(frozen=True)
class Rule:
    """``due`` tells, for a moment that is the allowed age ago, the rows to erase; ``oldest`` a column of ``model`` (an
    instant or a day). ``days``: a number, or the setting that holds it.

    ``erase`` takes the condition that picks the rows and flushes. Of a ``logged`` rule the row ids go into the log of
    erasures: what it erases would be due later, or not at all, in a copy brought back.
    """

    key: str
    words: Any
    since: Any
    days: int | str
    model: type
    oldest: Any
    due: Callable[[datetime], ColumnElement[bool]]
    erase: Callable[[Session, ColumnElement[bool]], None]
    logged: bool = False


def _removing(model: type) -> Callable[[Session, ColumnElement[bool]], None]:
    def erase(session: Session, picked: ColumnElement[bool]) -> None:
        session.execute(delete(model).where(picked).execution_options(synchronize_session=False))

    return erase


def _hidden_since(hidden_at: Any, otherwise: Any) -> Any:
    return func.coalesce(hidden_at, otherwise)


_SAID_AT = select(Event.recorded_at).where(Event.seq == EventText.event_seq).correlate(EventText).scalar_subquery()


def _nobody_answers_to(cutoff: datetime) -> ColumnElement[bool]:
    """Accounts without a role since then, that are no liaison's and whose holder has nothing pending with us."""
    holds = exists().where(Term.user_id == User.id, or_(Term.ends_on.is_(None), Term.ends_on >= cutoff.date()))
    serves = exists().where(Liaison.user_id == User.id, or_(Liaison.ends_on.is_(None), Liaison.ends_on >= cutoff.date()))
    asks = exists().where(DataRequest.user_id == User.id, DataRequest.state.in_(OPEN))
    return and_(User.erased_at.is_(None), User.created_at < cutoff, ~holds, ~serves, ~asks)


def forget_people(session: Session, picked: ColumnElement[bool], moment: datetime) -> None:
    """Take away who is behind the accounts ``picked``; their terms and what they did stay, and lead to nobody."""
    ids = select(User.id).where(picked)
    terms = select(Term.id).where(Term.user_id.in_(ids))
    actor = select(literal("user:") + cast(User.id, String)).where(picked)
    quietly = {"synchronize_session": False}
    for query in (
        delete(AccountSession).where(AccountSession.user_id.in_(ids)),
        delete(AccountToken).where(AccountToken.user_id.in_(ids)),
        delete(ExternalKey).where(ExternalKey.kind == "people", ExternalKey.object_id.in_(terms)),
        delete(IdempotencyKey).where(IdempotencyKey.actor_key.in_(actor)),
        update(Liaison).where(Liaison.user_id.in_(ids)).values(name_encrypted=None),
        # Last: it may change what ``picked`` picks.
        update(User).where(picked).values(
            email=literal("c-") + cast(User.id, String) + NOWHERE, name=NAMELESS, password=None, active=False, erased_at=moment,
            fs_uniquifier=literal(secrets.token_hex(16) + "-") + cast(User.id, String), tf_primary_method=None, tf_totp_secret=None,
            tf_last_counter=None, mf_recovery_codes=null(), reset_asked_at=None, home_body_id=None, language="es",
            version=User.version + 1,
        ),
    ):
        session.execute(query.execution_options(**quietly))


def _forget_accounts(session: Session, picked: ColumnElement[bool]) -> None:
    forget_people(session, picked, clock.now())


def _forget_liaisons(session: Session, picked: ColumnElement[bool]) -> None:
    _set(session, Liaison, picked, name_encrypted=None, user_id=None)


def _forget_texts(session: Session, picked: ColumnElement[bool]) -> None:
    _set(session, EventText, picked, text=None, salt=None)


def _forget_codes(session: Session, picked: ColumnElement[bool]) -> None:
    _set(session, SlipBatch, picked, codes_encrypted=None)


def _forget_requests(session: Session, picked: ColumnElement[bool]) -> None:
    _set(
        session, DataRequest, picked, who_encrypted=None, reach_encrypted=None, about_encrypted=None, reply_encrypted=None,
        reason_encrypted=None, user_id=None, erased_at=clock.now(),
    )


def _set(session: Session, model: type, picked: ColumnElement[bool], **values: Any) -> None:
    session.execute(update(model).where(picked).values(**values).execution_options(synchronize_session=False))


def _forget_photos(session: Session, picked: ColumnElement[bool]) -> None:
    """The files first: stopped halfway, rows without a file are found again, and files without a row never would be."""
    ids, digests = [], set()
    for row in session.execute(select(Evidence.id, Evidence.sha256).where(picked)):
        ids.append(row.id)
        digests.add(row.sha256)
    shared = set(
        session.scalars(
            select(Evidence.sha256).where(Evidence.sha256.in_(digests), Evidence.id.not_in(ids), Evidence.erased_at.is_(None))
        )
    ) | set(session.scalars(select(Document.sha256).where(Document.sha256.in_(digests))))
    for digest in digests - shared:
        storage.erase(digest)
    _set(session, Evidence, Evidence.id.in_(ids), title="", size=0, erased_at=clock.now())


def _forget_imports(session: Session, _picked: ColumnElement[bool]) -> None:
    imports.forget_old(session)


RULES: tuple[Rule, ...] = (
    Rule(
        "accounts", lazy("Cuentas sin cargo: nombre, correo y accesos"), lazy("después de terminar su último cargo"),
        "keep_accounts_days", User, User.created_at, _nobody_answers_to, _forget_accounts, logged=True,
    ),
    Rule(
        "sessions", lazy("Sesiones terminadas"), lazy("después de terminar"), "keep_sessions_days", AccountSession,
        AccountSession.created_at, lambda cutoff: func.coalesce(AccountSession.ended_at, AccountSession.expires_at) < cutoff,
        _removing(AccountSession),
    ),
    Rule(
        "tokens", lazy("Enlaces de un solo uso, usados o vencidos"), lazy("después de vencer"), 1, AccountToken,
        AccountToken.expires_at, lambda cutoff: AccountToken.expires_at < cutoff, _removing(AccountToken),
    ),
    Rule(
        "liaisons", lazy("Nombres de enlaces que terminaron"), lazy("después de terminar"), "keep_liaisons_days", Liaison,
        Liaison.ends_on,
        lambda cutoff: and_(Liaison.ends_on < cutoff.date(), or_(Liaison.name_encrypted.is_not(None), Liaison.user_id.is_not(None))),
        _forget_liaisons, logged=True,
    ),
    Rule(
        "slip_codes", lazy("Códigos de papeletas que ya no valen"), lazy("después de su último día"), 1, SlipBatch, SlipBatch.issued_at,
        lambda cutoff: and_(
            SlipBatch.codes_encrypted.is_not(None), SlipBatch.issued_at < cutoff,
            ~exists().where(Slip.batch_id == SlipBatch.id, Slip.valid_until >= cutoff.date()),
        ),
        _forget_codes, logged=True,
    ),
    Rule(
        "hidden_texts", lazy("Textos ocultos en la revisión"), lazy("después de ocultarse"), "keep_hidden_days", EventText,
        _hidden_since(EventText.hidden_at, _SAID_AT),
        lambda cutoff: and_(
            EventText.hidden_reason.is_not(None), EventText.text.is_not(None), _hidden_since(EventText.hidden_at, _SAID_AT) < cutoff
        ),
        _forget_texts, logged=True,
    ),
    Rule(
        "hidden_photos", lazy("Fotos y documentos ocultos en la revisión"), lazy("después de ocultarse"), "keep_hidden_days", Evidence,
        _hidden_since(Evidence.hidden_at, Evidence.added_at),
        lambda cutoff: and_(
            Evidence.moderation == Moderation.HIDDEN, Evidence.erased_at.is_(None),
            _hidden_since(Evidence.hidden_at, Evidence.added_at) < cutoff,
        ),
        _forget_photos, logged=True,
    ),
    Rule(
        "requests", lazy("Solicitudes cerradas: quién, qué y qué se respondió"), lazy("después de cerrarse"), "keep_requests_days",
        DataRequest, DataRequest.closed_at,
        lambda cutoff: and_(
            DataRequest.state == RequestState.CLOSED, DataRequest.erased_at.is_(None), DataRequest.closed_at < cutoff
        ),
        _forget_requests, logged=True,
    ),
    Rule(
        "imports", lazy("Listas incorporadas o abandonadas: archivo y renglones"), lazy("después de subirse"), imports.KEPT_FOR.days,
        ImportRun, ImportRun.created_at, imports.outlived, _forget_imports,
    ),
    Rule(
        "stashes", lazy("Formularios apartados al terminar una sesión"), lazy("después de vencer"), 1, Stash, Stash.expires_at,
        lambda cutoff: Stash.expires_at < cutoff, _removing(Stash),
    ),
    Rule(
        "answers", lazy("Respuestas a lo ya enviado"), lazy("después de enviarse"), idempotency.KEPT_FOR.days, IdempotencyKey,
        IdempotencyKey.created_at, lambda cutoff: IdempotencyKey.created_at < cutoff, _removing(IdempotencyKey),
    ),
    Rule(
        "rates", lazy("Cuentas de intentos"), lazy("después de contarse"), 1, RateWindow, RateWindow.starts_at,
        lambda cutoff: RateWindow.starts_at < cutoff, _removing(RateWindow),
    ),
)


