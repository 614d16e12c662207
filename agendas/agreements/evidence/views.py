"""Evidence out: bytes only under headers that let them do nothing."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import storage
from app.core.access import public, requires
from app.core.permissions import Permission
from app.core.transaction import read_session
from app.core.uploads import images
from models import Evidence
from models.evidence import Moderation

blueprint = Blueprint("evidence", __name__)
EXTENSIONS = {"image/jpeg": "jpg", "application/pdf": "pdf"}


@blueprint.get("/evidence/<sha256>")
@public(localised=False)
def show(sha256: str):
    return _cached(_file(_visible_or_404(sha256)))


@blueprint.get("/evidence/<sha256>/small")
@public(localised=False)
def small(sha256: str):
    """The photo as a list shows it: the whole one weighs more than a page may on a prepaid phone."""
    row = _visible_or_404(sha256)
    if row.media_type != "image/jpeg":
        abort(404)
    response = _file(row)
    response.set_data(images.small(response.get_data()))
    return _cached(response)


def _visible_or_404(sha256: str) -> Evidence:
    kept = _rows(read_session(), sha256)
    # The same photo may stand behind two reports: hidden in one, it is shown in none.
    if not kept or any(row.moderation is Moderation.HIDDEN for row in kept):
        abort(404)
    if not any(row.moderation is Moderation.VISIBLE for row in kept):
        abort(404)
    return kept[0]


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=86400, immutable"
    return response


@blueprint.get("/work/evidence/<sha256>")
@requires(Permission.TEXT_MODERATE)
def for_moderation(sha256: str):
    kept = _rows(read_session(), sha256)
    if not kept:
        abort(404)
    return _file(kept[0])


def _rows(session: Session, sha256: str) -> list[Evidence]:
    if not storage.DIGEST.fullmatch(sha256):
        return []
    return list(session.scalars(select(Evidence).where(Evidence.sha256 == sha256)))


def _file(row: Evidence) -> Response:
    try:
        content = storage.read(row.sha256)
    except FileNotFoundError:
        abort(404)
    response = Response(content, mimetype=row.media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    name = f"{row.sha256[:12]}.{EXTENSIONS[row.media_type]}"
    kind = "inline" if row.media_type.startswith("image/") else "attachment"
    response.headers.set("Content-Disposition", kind, filename=name)
    return response
