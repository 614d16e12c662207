"""Where the vector tiles of each collection are, and how they are painted."""

from __future__ import annotations

from flask import Response, current_app, json, request

from agendas.agreements.queries import this_day
from app.api.contract import read
from app.api.ogc import tilesets
from app.api.ogc.answers import FORMAT_ONLY, answer, layer_or_404, media_asked, section
from app.api.ogc.media import JSON, this_and_other
from app.core.access import public
from app.core.spatial.boxes import extents_of
from app.core.transaction import read_session
from models.settings import setting
from territories.layers.classes import classify
from territories.layers.registry import Scope, layers_of
from territories.layers.rows import values_of
from territories.layers.style import style_json

blueprint = section("ogc_tiles")
# Rows whose values make the classes of a style; those that come first stand for more.
CLASSED = 100_000


@blueprint.get("/tiles")
@public(localised=False, kept="minute", negotiated=True)
def every() -> Response:
    media = media_asked(FORMAT_ONLY, JSON)
    return answer(tilesets.tilesets(layers_of(current_app), this_and_other(media, JSON, "/tiles")), media, JSON, "tilesets")


@blueprint.get("/collections/<layer>/tiles")
@public(localised=False, kept="minute", negotiated=True)
def of_collection(layer: str) -> Response:
    found, media = layer_or_404(layer), media_asked(FORMAT_ONLY, JSON)
    links = this_and_other(media, JSON, f"/collections/{layer}/tiles")
    return answer(tilesets.tilesets([found], links), media, JSON, "tilesets")


@blueprint.get(f"/collections/<layer>/tiles/{tilesets.SCHEME}")
@public(localised=False, kept="minute", negotiated=True)
def one(layer: str) -> Response:
    found, media, session = layer_or_404(layer), media_asked(FORMAT_ONLY, JSON), read_session()
    today = this_day(session)
    [box] = extents_of(session, [(found.source(Scope(today, today)), found.shape)])
    document = tilesets.tileset(found, box, this_and_other(media, JSON, tilesets.at(found)))
    return answer(document, media, JSON, "tileset")


@blueprint.get("/styles")
@public(localised=False, kept="minute", negotiated=True)
def styles() -> Response:
    media = media_asked(FORMAT_ONLY, JSON)
    return answer(tilesets.styles(layers_of(current_app), this_and_other(media, JSON, "/styles")), media, JSON, "styles")


@blueprint.get("/styles/<layer>")
@public(localised=False, kept="minute")
def style(layer: str) -> Response:
    """A whole style of MapLibre for one layer, with the classes that it has today."""
    found, session = layer_or_404(layer), read_session()
    read(FORMAT_ONLY, request.args)
    today = this_day(session)
    values = values_of(session, found, Scope(today, today), CLASSED) if found.style.by else []
    classes = classify([value for _id, value in values], found.style)
    document = style_json(found, classes, tilejson=tilesets.tilejson(found), attribution=setting(session, "municipality"))
    return Response(json.dumps(document, ensure_ascii=False), mimetype=tilesets.STYLE)
