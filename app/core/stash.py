"""A form sent after the session ended is set aside, encrypted, and put back after signing in."""

from __future__ import annotations

import base64
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

from flask import Request, g, json, request
from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage, MultiDict

from app.core import clock, crypto
from app.core.transaction import read_session, transaction
from models.operations import Stash

KEPT_FOR = timedelta(hours=24)
NEVER_KEPT = frozenset({"csrf_token", "password", "new_password"})


def keep(sent: Request) -> str:
    """Set the form and its files aside and return the token that brings them back."""
    token = crypto.new_token()
    data = {
        "form": [pair for pair in sent.form.items(multi=True) if pair[0] not in NEVER_KEPT],
        "files": [
            (name, file.filename, file.mimetype, base64.b64encode(file.read()).decode())
            for name, file in sent.files.items(multi=True)
            if file.filename
        ],
    }
    with transaction() as session:
        session.execute(delete(Stash).where(Stash.expires_at < clock.now()))
        session.add(
            Stash(
                token_hash=crypto.token_hash(token), path=back_to(sent),
                data_encrypted=crypto.encrypt(json.dumps(data).encode()), expires_at=clock.now() + KEPT_FOR,
            )
        )
    return token


def back_to(sent: Request) -> str:
    """The page the form was on: a ``form_at`` field says so where it is not the address it posts to."""
    named = sent.form.get("form_at", "")
    parts = urlsplit(named)
    local = named.startswith("/") and not named.startswith("//") and not parts.netloc and "\\" not in named
    return named if local else sent.path


def recall() -> tuple[MultiDict, MultiDict] | None:
    """What the ``stash`` parameter of this page brings back: (fields, files), or None.

    Only the page the form came from gets it: a token pasted elsewhere opens nothing.
    """
    token = request.args.get("stash", "")
    if not token or request.method != "GET":
        return None
    if "stash" not in g:
        row = read_session().scalar(select(Stash).where(Stash.token_hash == crypto.token_hash(token)))
        g.stash = None
        if row is not None and row.expires_at > clock.now() and urlsplit(row.path).path == request.path:
            plain = crypto.decrypt(row.data_encrypted)
            if plain is not None:
                data = json.loads(plain)
                g.stash = (
                    MultiDict(data["form"]),
                    MultiDict(
                        (name, FileStorage(BytesIO(base64.b64decode(body)), filename, name, content_type=kind))
                        for name, filename, kind, body in data["files"]
                    ),
                )
    return g.stash
