"""The municipality's colours and logo, each under an address that changes with it."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from app.core import storage
from app.core.access import public
from app.core.assets import YEAR
from app.core.identity import identity

blueprint = Blueprint("brand", __name__)


@blueprint.get("/brand/<version>.css")
@public(localised=False)
def stylesheet(version: str) -> Response:
    if not identity().stylesheet or version != identity().stylesheet_version:
        abort(404)
    return _kept(Response(identity().stylesheet, mimetype="text/css"))


@blueprint.get("/brand/<sha256>.png")
@public(localised=False)
def logo(sha256: str) -> Response:
    """Only the logo in use: the store holds private files under digests too."""
    if not identity().logo or sha256 != identity().logo:
        abort(404)
    try:
        return _kept(Response(storage.read(sha256), mimetype="image/png"))
    except FileNotFoundError:
        abort(404)


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response
