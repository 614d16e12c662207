"""A liaison present at an assembly countersigns from a phone of their own."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for

from app.core import idempotency
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Refused
from app.core.permissions import Permission
from app.core.transaction import read_session
from assemblies.meetings import queries as meetings
from assemblies.meetings.hold import follow_up
from assemblies.meetings.hold.forms import Act

blueprint = Blueprint("countersign", __name__, template_folder="templates", url_prefix="/work/assemblies/<folio>/countersign")
SIGN = requires(Permission.AGREEMENT_COUNTERSIGN)


@blueprint.get("")
@SIGN
def page(folio: str):
    return _page(folio)


def _page(folio: str, refused: Refused | None = None):
    session = read_session()
    assembly = meetings.assembly_by_folio(session, folio)
    if assembly is None or assembly.convened_at is None:
        abort(404)
    html = render_template(
        "hold/countersign.html", assembly=assembly, dockets=follow_up.waiting(session, assembly), plain=Act(), refused=refused,
        sent=request.args.get("sent"),
    )
    return html, refused.status if refused else 200


@blueprint.post("/<agreement_folio>")
@SIGN
def sign(folio: str, agreement_folio: str):
    form = Act.read()
    if not form.validate():
        abort(422)
    actor = current_actor()

    def act(session):
        # Locked, so that nobody seals the minutes between looking at its state and signing.
        assembly = meetings.assembly_by_folio(session, folio, lock=True) or abort(404)
        follow_up.countersign_as_liaison(
            session, actor=actor, assembly=assembly, agreement_folio=agreement_folio, occurred_at=form.moment
        )
        return idempotency.Answer(url_for("countersign.page", folio=folio, sent=form.client_id.data))

    body = {**form.fingerprint(), "path": request.path}
    try:
        return idempotency.once(actor_key=actor.key, client_id=form.client_id.data, body=body, act=act).response()
    except Refused as no:
        return _page(folio, no)
