"""The map to explore: layers over a place, and the same rows as a table that needs neither a mouse nor a script."""

from __future__ import annotations

import re
from typing import Any

import shapely
from flask import Blueprint, Response, abort, current_app, json, make_response, request
from markupsafe import Markup, escape

from app.core import clock
from app.core.access import public
from app.core.formatters import zone
from app.core.headers import LOCATION, policy
from app.core.links import whole
from app.core.listing import respond
from app.core.transaction import read_session
from app.portal.explore import asked
from app.portal.explore.ground import base_map, ground_of
from app.portal.explore.paint import Painted, since
from app.portal.explore.words import for_script
from app.portal.units.finding import canonical, place_or_404
from territories.layers.registry import layers_of
from territories.layers.rows import OF, row_of, rows_of
from territories.layers.versions import version_of
from territories.units.queries import Place

blueprint = Blueprint("explore", __name__, template_folder="templates")
NUMBER = re.compile(r"[0-9]{1,18}")


@blueprint.get("/t/<code>/explore")
@public(kept="minute")
def page(code: str):
    place = place_or_404(code)
    if moved := canonical(place, code):
        return moved
    session, base = read_session(), base_map(read_session())
    layers = list(layers_of(current_app))
    found = _asked(place, layers)
    made = respond(
        "explore/explore.html", found.state.listing, rows_of(found.layer, found.scope), state=found.state, place=place, asked=found,
        layers=layers, whole=whole, ground=ground_of(session, place.unit.id), painted=Painted.read(session, found.layer, found.scope),
        settings=for_script(place, base),
    )
    answer = make_response(made)
    if base is not None:
        answer.headers["Content-Security-Policy"] = policy(img_src=base.origin, connect_src=base.origin)
    answer.headers.set(*LOCATION)
    return answer


@blueprint.get("/t/<code>/explore/ground.json")
@public(localised=False, kept="minute")
def ground(code: str):
    """Where a place is: its bounds and its outline, in degrees."""
    place = place_or_404(code)
    found = ground_of(read_session(), place.unit.id)
    if found is None:
        abort(404)
    return _json({"code": place.unit.code, "bounds": found.bounds, "outline": json.loads(shapely.to_geojson(found.shape))})


@blueprint.get("/t/<code>/explore/layer.json")
@public(kept="minute")
def layer(code: str):
    """How a layer is painted here, and with ``join`` the values of its rows."""
    place, session = place_or_404(code), read_session()
    found = _asked(place, list(layers_of(current_app)))
    version = version_of(session, found.layer, found.scope)
    painted = Painted.read(session, found.layer, found.scope)
    first = since(session, found.layer, found.scope.today)
    return _json(
        painted.told(join="join" in request.args, version=version, unit=place.unit.code, **found.filters)
        | {"since": first and first.isoformat(), "today": found.scope.today.isoformat(), "on": found.state.values.get("on")}
    )


@blueprint.get("/t/<code>/explore/thing.json")
@public(kept="minute")
def thing(code: str):
    """The facts of one row in the words of the table, and where its page is."""
    place = place_or_404(code)
    found = _asked(place, list(layers_of(current_app)), whole_tree=True)
    number = request.args.get("id", "")
    known = NUMBER.fullmatch(number)
    row = row_of(read_session(), found.layer, found.scope, int(number)) if known else None
    if row is None:
        abort(404)
    head, *rest = found.state.listing.columns
    facts = [(str(one.label), _words(one.shown(row))) for one in rest if one.key != OF]
    return _json({"title": _words(head.shown(row)), "url": head.link(row), "facts": [fact for fact in facts if fact[1]]})


@blueprint.get("/explore/worker.js")
@public(localised=False)
def worker():
    """The map's worker where there is a base map: it fetches by the policy of its own answer, not by the page's."""
    base = base_map(read_session())
    answer = current_app.send_static_file("vendor/maplibre-gl-worker.js")
    if base is not None:
        answer.headers["Content-Security-Policy"] = policy(img_src=base.origin, connect_src=base.origin)
    return answer


def _asked(place: Place, layers, *, whole_tree: bool = False) -> asked.Asked:
    """What the address asks of ``place``; ``whole_tree``: of anything, wherever it lies. Raises BadQuery."""
    return asked.read(
        read_session(), request.args, layers=layers, unit_id=None if whole_tree else place.unit.id, role=place.level.role,
        today=clock.today(zone().key),
    )


def _words(cell: Any) -> str:
    """What a cell of the table says, without what it links to."""
    return (cell if isinstance(cell, Markup) else escape(cell)).striptags()


def _json(body: Any) -> Response:
    return Response(json.dumps(body, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")
