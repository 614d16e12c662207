"""A form sent after the session ended is set aside, encrypted, and put back after signing in.

It comes back to the person who sent it: to the account whose session had ended or, where the browser named
none, to that browser. Files come back too: the form is sent again with the token instead of the file.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from urllib.parse import urlsplit

from flask import Request, g, json, request, session
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from app.core import clock, crypto
from app.core.addresses import local
from app.core.transaction import read_session, transaction
from models.operations import IdempotencyKey, Stash
from models.people import AccountSession

KEPT_FOR = timedelta(hours=24)
# Begins a reference to a row by its number; a token never holds a full stop.
BY_NUMBER = "n."
FIELD = "stash"
BROWSER = "stash"
MOST_WAITING = 5
NEVER_KEPT = frozenset({"csrf_token", "password", "new_password", "repeated", "current_password", "code", FIELD})


@dataclass(frozen=True)
class Recalled:
    """What was set aside: fields and files by name, and the token under which it is kept."""

    fields: MultiDict
    files: MultiDict
    token: str


class KeptFile(FileStorage):
    """A file that came back from being set aside; forms say so beside its field."""

    kept = True


def keep(sent: Request) -> str:
    """Set the form and its files aside and return the token that brings them back.

    Files only of a browser whose cookie names an account: otherwise anybody could fill the disk, 20 MB at a time.
    """
    token = crypto.new_token()
    files = files_of(sent).items(multi=True) if _former_user() is not None else ()
    data = {
        "form": [pair for pair in sent.form.items(multi=True) if pair[0] not in NEVER_KEPT],
        "files": [
            (name, file.filename, file.mimetype, base64.b64encode(file.read()).decode())
            for name, file in files
        ],
        "sent_to": sent.path,
    }
    with transaction(quiet=True) as writing:
        writing.execute(delete(Stash).where(Stash.expires_at < clock.now()))
        writing.add(
            Stash(
                token_hash=crypto.token_hash(token), owner=_owner_to_be(), path=back_to(sent),
                data_encrypted=crypto.encrypt(json.dumps(data).encode()), expires_at=clock.now() + KEPT_FOR,
            )
        )
    return token


def back_to(sent: Request) -> str:
    """The page the form was on: a ``form_at`` field says so where it is not the address it posts to."""
    return local(sent.form.get("form_at"), sent.path)


def recall() -> Recalled | None:
    """What the ``stash`` parameter of this page brings back, or None.

    Only the page the form came from gets it, and only for its owner: a token pasted elsewhere, or found in
    the history of a shared computer, opens nothing.
    """
    if request.method != "GET":
        return None
    if "stash" not in g:
        g.stash = None
        row, data = _open(request.args.get("stash", ""))
        if row is not None and urlsplit(row.path).path == request.path:
            g.stash = _recalled(data, request.args["stash"])
    return g.stash


@dataclass(frozen=True)
class Waiting:
    """A form set aside and not sent since: its page, and the ``reference`` that stands for its token there."""

    path: str
    reference: str
    until: datetime


def waiting(session: Session, *, user_id: int, actor_key: str) -> list[Waiting]:
    """The forms that an account set aside and never sent again, the latest first; at most two queries."""
    rows = session.scalars(
        select(Stash).where(Stash.owner == crypto.keyed_hash("stash", "user", user_id), Stash.expires_at > clock.now())
        .order_by(Stash.id.desc()).limit(MOST_WAITING)
    ).all()
    keys = {row.id: key for row in rows if (key := _client_id(row)) is not None}
    sent = session.scalars(
        select(IdempotencyKey.key).where(IdempotencyKey.actor_key == actor_key, IdempotencyKey.key.in_(keys.values()))
    ).all() if keys else []
    return [
        Waiting(row.path, f"{BY_NUMBER}{row.id}", row.expires_at)
        for row in rows if row.id in keys and keys[row.id] not in sent
    ]


def _client_id(row: Stash) -> str | None:
    """The key with which a form set aside would be sent; None for one that was no form of ours."""
    plain = crypto.decrypt(row.data_encrypted)
    fields = dict(json.loads(plain)["form"]) if plain is not None else {}
    return fields["client_id"].lower() if "client_id" in fields else None


def files_of(sent: Request) -> MultiDict:
    """The files of this request; where none was chosen again, those set aside with the form being sent."""
    chosen = MultiDict((name, file) for name, file in sent.files.items(multi=True) if file.filename)
    token = sent.form.get(FIELD, "")
    if token:
        row, data = _open(token)
        if row is not None and sent.path in (data["sent_to"], urlsplit(row.path).path):
            kept = _recalled(data, token).files
            for name in kept.keys() - chosen.keys():
                chosen.setlist(name, kept.getlist(name))
    return chosen


def _open(token: str) -> tuple[Stash | None, dict]:
    if not token:
        return None, {}
    number = token.removeprefix(BY_NUMBER)
    by_number = token.startswith(BY_NUMBER) and number.isascii() and number.isdigit() and len(number) < 18
    # The owner is asked for below: a number anybody could guess opens nothing of anybody else's.
    wanted = Stash.id == int(number) if by_number else Stash.token_hash == crypto.token_hash(token)
    row = read_session().scalar(select(Stash).where(wanted))
    if row is None or row.expires_at <= clock.now() or row.owner not in _owners():
        return None, {}
    plain = crypto.decrypt(row.data_encrypted)
    return (row, json.loads(plain)) if plain is not None else (None, {})


def _recalled(data: dict, token: str) -> Recalled:
    return Recalled(
        MultiDict(data["form"]),
        MultiDict(
            (name, KeptFile(BytesIO(base64.b64decode(body)), filename, name, content_type=kind))
            for name, filename, kind, body in data["files"]
        ),
        token,
    )


def _former_user() -> int | None:
    """Whose session this browser's cookie names, open or ended."""
    carried = session.get("_user_id")
    if not carried:
        return None
    return read_session().scalar(select(AccountSession.user_id).where(AccountSession.token_hash == crypto.token_hash(carried)))


def _owner_to_be() -> str:
    user_id = _former_user()
    if user_id is not None:
        return crypto.keyed_hash("stash", "user", user_id)
    session[BROWSER] = session.get(BROWSER) or secrets.token_urlsafe(16)
    return crypto.keyed_hash("stash", "browser", session[BROWSER])


def _owners() -> set[str]:
    """The owners this request may speak for: called on pages behind the sign-in only."""
    owners = {crypto.keyed_hash("stash", "browser", session[BROWSER])} if session.get(BROWSER) else set()
    user_id = _former_user()
    return owners | ({crypto.keyed_hash("stash", "user", user_id)} if user_id is not None else set())
