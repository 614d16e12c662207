"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from app.core import migrations
from app.core.access import public
from app.core.transaction import database

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public(localised=False)
def healthz() -> Response:
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public(localised=False)
def readyz() -> Response:
    try:
        ready = migrations.is_current(database().engine)
    except SQLAlchemyError:
        return Response("database unreachable\n", 503, mimetype="text/plain")
    return Response("ready\n" if ready else "database not migrated\n", 200 if ready else 503, mimetype="text/plain")
