"""Everything public, to take away."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request, url_for

from app.core import clock
from app.core.access import public
from app.core.formatters import zone
from app.core.links import agreement_path, assembly_path, whole
from app.core.transaction import database
from app.portal.open_data import exports
from models.territory import LevelRole

blueprint = Blueprint("open_data", __name__, template_folder="templates", url_prefix="/open-data")


@blueprint.get("/")
@public
def index():
    return render_template(
        "open_data/index.html", agreement_columns=exports.AGREEMENT_COLUMNS, assembly_columns=exports.ASSEMBLY_COLUMNS,
        unit_properties=exports.UNIT_PROPERTIES,
    )


@blueprint.get("/agreements.csv")
@public(localised=False)
def agreements() -> Response:
    base = whole(agreement_path(""))
    lines = exports.agreements_csv(database().replica, lambda folio: base + folio, clock.today(zone().key))
    return _file(lines, "text/csv", "agreements.csv")


@blueprint.get("/assemblies.csv")
@public(localised=False)
def assemblies() -> Response:
    base = whole(assembly_path("x"))[:-1]
    return _file(exports.assemblies_csv(database().replica, lambda folio: base + folio), "text/csv", "assemblies.csv")


@blueprint.get("/units.geojson")
@public(localised=False)
def units() -> Response:
    try:
        level = LevelRole(request.args["level"]) if "level" in request.args else None
    except ValueError:
        abort(400)
    base = whole(url_for("units.unit", code="x"))[:-1]
    return _file(exports.units_geojson(database().replica, lambda code: base + code, level), "application/geo+json", "units.geojson")


def _file(lines, mimetype: str, name: str) -> Response:
    charset = "; charset=utf-8" if mimetype == "text/csv" else ""
    response = Response((line.encode() for line in lines), content_type=mimetype + charset)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
