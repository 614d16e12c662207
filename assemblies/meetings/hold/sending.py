"""How a tap or a form becomes one write and an answer: a place to go back to, or JSON for a phone's script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, abort, jsonify, request
from sqlalchemy.orm import Session

from app.core import idempotency
from app.core.actors import current_actor
from app.core.errors import wants_json
from app.core.permissions import Denied, Permission
from app.core.transaction import read_session
from assemblies.meetings import queries
from assemblies.meetings.hold.forms import Act
from assemblies.meetings.hold.policies import may_follow
from models import Assembly

Deed = Callable[[Session, Assembly], Mapping[str, Any] | None]


def look(folio: str, permission: Permission = Permission.ASSEMBLY_HOLD) -> Assembly:
    """The assembly for a page of those who hold it, whatever its state. 404 when there is none, 403 elsewhere."""
    session = read_session()
    assembly = queries.assembly_by_folio(session, folio)
    if assembly is None:
        abort(404)
    if not may_follow(current_actor(), queries.thing_of(session, assembly), permission):
        raise Denied(permission)
    return assembly


def send(folio: str, form: Act, deed: Deed, *, to: Callable[[], str]) -> Response:
    """Do ``deed`` once, with the assembly's row locked, and lead back to ``to``.

    Several sends with one ``client_id`` and one body act once. The address says which send it
    answers (``sent``), so that the page can forget the draft it had kept and no other.
    """
    actor = current_actor()
    if not form.client_id.validate(form):
        abort(400)

    def act(session: Session) -> idempotency.Answer:
        assembly = queries.assembly_by_folio(session, folio, lock=True)
        if assembly is None:
            abort(404)
        data = deed(session, assembly)
        return idempotency.Answer(location=_with_sent(to(), form.client_id.data), data=dict(data or {}))

    answer = idempotency.once(
        actor_key=actor.key, client_id=form.client_id.data, act=act, body={**form.fingerprint(), "path": request.path}
    )
    return jsonify(answer.data) if wants_json() else answer.response()


def _with_sent(address: str, client_id: str) -> str:
    page, mark, anchor = address.partition("#")
    joint = "&" if "?" in page else "?"
    return f"{page}{joint}sent={client_id}{mark}{anchor}"
