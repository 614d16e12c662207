"""The library as anybody reads it: no account, no cookie."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from app.core import storage
from app.core.access import public
from app.core.pagination import BadCursor
from app.core.transaction import read_session
from models import Document
from territories.documents import queries
from territories.units.queries import Place, find_place

blueprint = Blueprint("documents", __name__, template_folder="templates")
EXTENSIONS = {"image/jpeg": "jpg", "application/pdf": "pdf"}


def place_or_404(code: str) -> Place:
    return find_place(read_session(), code) or abort(404)


def document_or_404(document_id: int) -> Document:
    return queries.find(read_session(), document_id) or abort(404)


@blueprint.get("/t/<code>/documents")
@public(kept="minute")
def library(code: str):
    place = place_or_404(code)
    if place.unit.code != code:
        return redirect(url_for("documents.library", code=place.unit.code), 301)
    assembly, cursor = request.args.get("assembly", "")[:40], request.args.get("cursor")
    try:
        if assembly:
            page = queries.library_of_assembly(read_session(), assembly, cursor=cursor)
        else:
            page = queries.library_of(read_session(), place.unit.id, cursor=cursor)
    except BadCursor:
        abort(400)
    return render_template(
        "documents/library.html", place=place, unit=place.unit, page=page, assembly=assembly,
        subject_of=queries.subject_of,
    )


@blueprint.get("/documents/<int:document_id>")
@public(kept="minute")
def show(document_id: int):
    document = document_or_404(document_id)
    return render_template("documents/show.html", document=document, subject=queries.subject_of(document))


@blueprint.get("/documents/<int:document_id>/file")
@public(localised=False)
def file(document_id: int):
    """The bytes, under headers that let them do nothing. What was withdrawn is gone (410)."""
    document = document_or_404(document_id)
    if document.withdrawn_at is not None:
        abort(410)
    if document.sha256 is None:
        abort(404)
    return served(document)


def served(document: Document) -> Response:
    """The kept file. An image opens in the page, anything else is saved: nothing of it runs here."""
    try:
        content = storage.read(document.sha256)
    except FileNotFoundError:
        abort(404)
    response = Response(content, mimetype=document.media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    kind = "inline" if document.media_type.startswith("image/") else "attachment"
    response.headers.set("Content-Disposition", kind, filename=f"documento-{document.id}.{EXTENSIONS[document.media_type]}")
    return response
