"""What every form of the administration does with what was sent: act once, or show again what to mend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core.actors import current_actor
from app.core.errors import Misfit, Refused
from app.core.forms import Form
from app.core.idempotency import Answer, once


def answer(
    form: Form, *, act: Callable[[Session], str], show: Callable[[], str], body: dict[str, Any] | None = None
) -> ResponseReturnValue:
    """303 to the address ``act`` gives, done once; or the page of ``show`` again with a sentence beside the field.

    ``body`` adds to what the key covers (the digest of a file). A refusal of no field goes to its page.
    """
    if not form.validate():
        return show(), 422
    covered = {**form.fingerprint(), "page": request.path, **(body or {})}
    try:
        return once(
            actor_key=current_actor().key, client_id=form.client_id.data, body=covered,
            act=lambda session: Answer(location=act(session)),
        ).response()
    except Misfit as no:
        if no.field not in form:
            raise Refused(no.sentence, no.status) from no
        form[no.field].errors = [no.sentence]
        return show(), no.status
