"""The record nobody can rewrite: what it is, what it says, how to check it at home."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request, send_file

from app.core.access import public
from app.core.headers import open_to_all
from app.core.links import absolute
from app.core.pagination import BadCursor
from app.core.transaction import database, read_session
from app.portal.ledger import queries
from app.portal.ledger.words import event_words

blueprint = Blueprint("ledger", __name__, template_folder="templates")
blueprint.after_request(open_to_all)
VERIFIER = Path(__file__).with_name("verify.py")
JSON_LINES = "application/jsonl"


@blueprint.get("/ledger")
@public(kept="minute")
def record():
    session = read_session()
    try:
        page = queries.latest(session, cursor=request.args.get("cursor"))
    except BadCursor:
        abort(400)
    return render_template(
        "ledger/record.html", page=page, head=queries.head_of(session), chain=absolute("ledger.chain"),
        texts=absolute("ledger.texts"), verifier=absolute("ledger.verifier"), event_words=event_words,
    )


@blueprint.get("/ledger/chain.jsonl")
@public(localised=False)
def chain() -> Response:
    head = queries.head_of(read_session())
    response = Response(queries.chain_lines(database().replica, head.seq), mimetype=JSON_LINES)
    response.set_etag(f"{head.seq}-{head.hash[:16]}", weak=True)
    response.headers["Content-Disposition"] = "attachment; filename=chain.jsonl"
    return response.make_conditional(request)


@blueprint.get("/ledger/texts.jsonl")
@public(localised=False)
def texts() -> Response:
    response = Response(queries.text_lines(database().replica), mimetype=JSON_LINES)
    response.headers["Content-Disposition"] = "attachment; filename=texts.jsonl"
    return response


@blueprint.get("/ledger/verify.py")
@public(localised=False)
def verifier() -> Response:
    return send_file(VERIFIER, mimetype="text/x-python", as_attachment=True, download_name="verify.py", conditional=True)
