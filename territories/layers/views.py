"""Tiles: each made once for each version of its layer, and sent once to whoever keeps it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, g, json, request, url_for

from app.core import clock, rate
from app.core.access import public
from app.core.actors import current_actor
from app.core.errors import problem
from app.core.headers import open_to_all
from app.core.i18n import LANGUAGES, force_locale
from app.core.links import whole
from app.core.transaction import read_session, single_read
from models.settings import load_settings, setting
from models.shape import LAST_ZOOM
from territories.layers import asked
from territories.layers.registry import Layer, find_layer
from territories.layers.tiles import bounds_of, tile, tile_and_number
from territories.layers.versions import Present

blueprint = Blueprint("tiles", __name__)
MVT = "application/vnd.mapbox-vector-tile"
A_YEAR, A_MINUTE = 31_536_000, 60
# Of one address in a minute, counting those that have to be made: a map asks for thirty at once, and the many phones of
# a school share one address, but after the first of them most tiles are kept.
MADE_A_MINUTE = 6000


@blueprint.errorhandler(asked.BadFilter)
def _bad_filter(wrong: asked.BadFilter) -> Response:
    return problem(400, "Bad filter", str(wrong))


@blueprint.after_request
def _open_public_ones(response: Response) -> Response:
    return response if g.get("protected_layer") else open_to_all(response)


@blueprint.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt")
@public(localised=False)
def show(layer: str, z: int, x: int, y: int) -> Response:
    """One tile. Under the layer's version it never changes; without one it is asked for again after a minute."""
    found = _layer(layer)
    if not (z <= LAST_ZOOM and x < 2**z and y < 2**z):
        abort(404)
    g.page_key = key = _shelf_key(found)
    if key is not None and (kept := current_app.extensions["page_cache"].get(key)) is not None:
        g.pop("page_key")
        g.sent_again = True
        return Response(kept.body, headers=list(kept.headers))
    quick = _made_at_once(found, z, x, y) if key is not None else None
    if quick is not None:
        return quick
    session = read_session()
    present, today = _present(), clock.today(setting(session, "time_zone"))
    scope = asked.scope_of(session, found, request.args, today)
    version = present.version(session, found, scope)
    named = request.args.get(asked.VERSION) == version
    if not named:
        # What is kept is kept under a version for as long as there is room.
        g.pop("page_key")
    if not named and found.public and request.if_none_match.contains_weak(version):
        return Response(status=304, mimetype=MVT, headers=_headers(found, version, named=False))
    _limit()
    return _answer(found, tile(session, found, z, x, y, scope), version, named=named)


def _made_at_once(layer: Layer, z: int, x: int, y: int) -> Response | None:
    """The tile, made in one statement when the address names the version last known of the layer and that statement says
    that nothing was written since. None: all has to be asked for."""
    present: Present | None = current_app.extensions["page_cache"].notes.get("layers")
    if present is None or layer.asks or len(request.args) != 1:
        return None
    scope = present.scope(clock.today(present.zone))
    version = present.versions.get((layer.name, scope.today))
    if version is None or request.args[asked.VERSION] != version:
        return None
    with single_read() as connection:
        if connection is None:
            return None
        _limit()
        body, number = tile_and_number(connection, layer, z, x, y, scope)
    return _answer(layer, body, version, named=True) if number == present.number else None


def _limit() -> None:
    rate.limit_reads("tiles", rate.client_address(), times=MADE_A_MINUTE, seconds=60)


def _answer(layer: Layer, body: bytes | None, version: str, *, named: bool) -> Response:
    return Response(body, 200 if body else 204, mimetype=MVT, headers=_headers(layer, version, named=named))


@blueprint.get("/tiles/<layer>.json")
@public(localised=False)
def tilejson(layer: str) -> Response:
    """TileJSON 3.0.0: where the tiles are, under the present version, and what is in them."""
    found = _layer(layer)
    session = read_session()
    present, today = _present(), clock.today(setting(session, "time_zone"))
    version = present.version(session, found, asked.scope_of(session, found, request.args, today))
    described = _described(found, version, bounds_of(session), setting(session, "municipality"))
    response = Response(json.dumps(described), mimetype="application/json")
    if not found.public:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def address_of(layer: Layer, version: str, **filters: str) -> str:
    """The address of a layer's tiles, with ``{z}``, ``{x}`` and ``{y}`` in their places."""
    path = url_for("tiles.show", layer=layer.name, z=0, x=0, y=0, v=version, **filters)
    return path.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt", 1)


def _layer(name: str) -> Layer:
    """404 alike for a layer that is not there and for one that whoever asks may not see."""
    found = find_layer(current_app, name)
    if found is None:
        # The one look at the session of a public view: what it decides is neither kept nor shared.
        g.anonymous_read = False
        found = find_layer(current_app, name, current_actor())
        g.protected_layer = found is not None
    if found is None:
        abort(404)
    return found


def _shelf_key(layer: Layer) -> tuple | None:
    """Under what a tile that names its version is kept in memory; None for what must not be."""
    if not layer.public or asked.VERSION not in request.args:
        return None
    return ("tile", request.path, request.query_string, request.headers.get("Accept-Encoding", "")[:100])


def _present() -> Present:
    """What is known of the layers at the present number of the data, which is asked for (see docs/adr/0011)."""
    notes, session = current_app.extensions["page_cache"].notes, read_session()
    number = load_settings(session)
    present = notes.get("layers")
    if present is None or present.number != number:
        present = notes["layers"] = Present(number, setting(session, "time_zone"), setting(session, "met_long_ago_days"))
    return present


def _headers(layer: Layer, version: str, *, named: bool) -> dict[str, str]:
    if not layer.public:
        return {"Cache-Control": "private, no-store"}
    told = f"public, max-age={A_YEAR}, immutable" if named else f"public, max-age={A_MINUTE}"
    return {"Cache-Control": told, "ETag": f'W/"{version}"'}


def _described(layer: Layer, version: str, bounds: tuple[float, ...] | None, municipality: str) -> dict[str, Any]:
    filters = {name: request.args[name] for name in asked.keys_of(layer) if name in request.args}
    titles = {}
    for language in LANGUAGES:
        with force_locale(language):
            titles[language] = str(layer.title)
    first, last = layer.zooms
    fields = {one.name: str(one.meaning) for one in layer.fields}
    return {
        "tilejson": "3.0.0", "name": str(layer.title), "titles": titles, "description": str(layer.summary), "version": "1.0.0",
        "attribution": municipality, "scheme": "xyz", "tiles": [whole(address_of(layer, version, **filters))],
        "minzoom": first, "maxzoom": last, **({"bounds": bounds} if bounds else {}),
        "vector_layers": [{"id": layer.name, "description": str(layer.summary), "minzoom": first, "maxzoom": last, "fields": fields}],
    }
