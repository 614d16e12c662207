"""The OGC API: the public layers of the map for cartographic programs, and the same documents for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Response, abort, current_app, json, request

from agendas.agreements.queries import this_day
from app.api.contract import read
from app.api.ogc import crs, describe, items, openapi, queryables
from app.api.ogc.answers import FORMAT_ONLY, answer, layer_or_404, media_asked, page, section
from app.api.ogc.media import (
    GEOJSON,
    HTML,
    JSON,
    JSON_WORD,
    OPENAPI,
    REL,
    SCHEMA,
    Link,
    address,
    chosen,
    header,
    link,
    this_and_other,
    written_as,
)
from app.core.access import public
from app.core.links import whole
from app.core.page_cache import LONGEST_QUERY, Kept
from app.core.spatial.boxes import extents_of
from app.core.streams import pieces
from app.core.transaction import database, read_session
from models.settings import load_settings, setting
from territories.layers import features
from territories.layers.registry import Layer, Scope, layers_of

blueprint = section("ogc")


@blueprint.get("/")
@public(localised=False, kept="minute", negotiated=True)
def landing() -> Response:
    media = media_asked(FORMAT_ONLY, JSON)
    document = describe.landing(setting(read_session(), "municipality"), this_and_other(media, JSON, "/"))
    return answer(document, media, JSON, "landing", layers=layers_of(current_app))


@blueprint.get("/conformance")
@public(localised=False, kept="minute", negotiated=True)
def conformance() -> Response:
    media = media_asked(FORMAT_ONLY, JSON)
    return answer(describe.conformance(), media, JSON, "conformance", links=this_and_other(media, JSON, "/conformance"))


@blueprint.get("/api")
@public(localised=False, kept="minute", negotiated=True)
def api() -> Response:
    media = media_asked(FORMAT_ONLY, OPENAPI)
    systems = crs.offered(setting(read_session(), "projected_srid"))
    document = openapi.document(layers_of(current_app), systems, base=whole("/ogc"))
    return answer(document, media, OPENAPI, "api", links=this_and_other(media, OPENAPI, "/api"))


@blueprint.get("/collections")
@public(localised=False, kept="minute", negotiated=True)
def collections() -> Response:
    media = media_asked(FORMAT_ONLY, JSON)
    found = _described(layers_of(current_app), lambda at: [link("self", written_as(at, JSON_WORD), JSON)])
    links = this_and_other(media, JSON, "/collections")
    return answer(describe.collections(found, _systems(), links), media, JSON, "collections")


@blueprint.get("/collections/<layer>")
@public(localised=False, kept="minute", negotiated=True)
def collection(layer: str) -> Response:
    shown, media = layer_or_404(layer), media_asked(FORMAT_ONLY, JSON)
    [document] = _described([shown], lambda at: this_and_other(media, JSON, at))
    return answer(document, media, JSON, "collection", layer=shown)


@blueprint.get("/collections/<layer>/queryables")
@public(localised=False, kept="minute", negotiated=True)
def queryables_of(layer: str) -> Response:
    shown, media = layer_or_404(layer), media_asked(FORMAT_ONLY, SCHEMA)
    links = this_and_other(media, SCHEMA, f"/collections/{layer}/queryables")
    return answer(queryables.schema(shown), media, SCHEMA, "queryables", layer=shown, links=links)


@blueprint.get("/collections/<layer>/items")
@public(localised=False, kept="minute", negotiated=True)
def items_of(layer: str) -> Response:
    shown, session = layer_or_404(layer), read_session()
    values = read(items.parameters_of(shown), request.args)
    media = chosen(values["f"], GEOJSON)
    asked = items.question(session, shown, values, this_day(session))
    matched = _matched(asked) if values["cursor"] is None else None
    links = _items_links(layer, media)
    if media == HTML:
        response = _items_page(asked, matched, links)
    else:
        response = _features(asked, matched, links)
    response.headers["Link"] = header([*links, link(f"{REL}/queryables", address(f"/collections/{layer}/queryables"), SCHEMA)])
    response.headers["Content-Crs"] = asked.crs.header
    return response


@blueprint.get("/collections/<layer>/items/<feature>")
@public(localised=False, kept="minute", negotiated=True)
def item(layer: str, feature: str) -> Response:
    shown, session = layer_or_404(layer), read_session()
    values = read(items.ONE, request.args)
    media = chosen(values["f"], GEOJSON)
    asked = items.one(session, shown, feature, values, this_day(session))
    row = next(iter(asked.rows(session, 1)), None)
    if row is None:
        abort(404)
    at = f"/collections/{layer}/items/{row[features.NAME]}"
    links = [*this_and_other(media, GEOJSON, at, _query()), link("collection", address(f"/collections/{layer}"), JSON, shown.title)]
    if media == HTML:
        response = page("item", layer=shown, row=row, links=links)
    else:
        more = f',"links":{json.dumps(links, ensure_ascii=False)}'
        response = Response(features.feature_text(shown, row, more=more), mimetype=GEOJSON)
    response.headers["Link"], response.headers["Content-Crs"] = header(links), asked.crs.header
    return response


# What changes how features are written, not which they are.
UNCOUNTED = {"limit", "f", "crs"}


def _matched(asked: items.Question) -> int:
    """How many features there are, counted once for each version of the data: pages of another size ask again."""
    session, shelf = read_session(), current_app.extensions["page_cache"]
    told = tuple(sorted((name, value) for name, value in _query() if name not in UNCOUNTED))
    if len(str(told)) > LONGEST_QUERY:
        return features.count_of(session, asked.asked)
    key = ("matched", asked.layer.name, load_settings(session), this_day(session), told)
    kept = shelf.get(key)
    if kept is None:
        kept = Kept((), str(features.count_of(session, asked.asked)).encode())
        shelf.put(key, kept)
    return int(kept.body)


def _features(asked: items.Question, matched: int | None, links: list[Link]) -> Response:
    def all_links(cursor: str | None) -> list[Link]:
        return links if cursor is None else [*links, link("next", following(cursor), GEOJSON)]

    following = _following()
    if asked.limit <= items.AT_ONCE:
        lines = items.collection(read_session(), asked, matched=matched, links=all_links)
        return Response("".join(lines), mimetype=GEOJSON)
    open_session = database().replica

    def lines() -> Iterator[str]:
        with open_session() as session:
            yield from items.collection(session, asked, matched=matched, links=all_links)

    response = Response(pieces(lines()), mimetype=GEOJSON)
    # Nothing is known yet of what will be sent but the version of what it is read from.
    response.set_etag(f"{load_settings(read_session())}-{this_day(read_session()):%Y%m%d}", weak=True)
    return response.make_conditional(request)


def _items_page(asked: items.Question, matched: int | None, links: list[Link]) -> Response:
    shown, cursor = items.page(read_session(), asked)
    following = _following()(cursor) if cursor is not None else None
    return page("items", layer=asked.layer, rows=shown, matched=matched, following=following, links=links)


def _following():
    """The address of the page that begins at a cursor, with all else that this one was asked."""
    path, kept = request.path.removeprefix("/ogc"), [(name, value) for name, value in _query() if name != "cursor"]

    def at(cursor: str) -> str:
        return address(path, [*kept, ("cursor", cursor)])

    return at


def _items_links(name: str, media: str) -> list[Link]:
    at = f"/collections/{name}"
    return [*this_and_other(media, GEOJSON, f"{at}/items", _query()), link("collection", address(at), JSON)]


def _query() -> list[tuple[str, str]]:
    return list(request.args.items())


def _systems() -> tuple[crs.Crs, ...]:
    return crs.offered(setting(read_session(), "projected_srid"))


def _described(layers: Iterable[Layer], links) -> list[Mapping[str, Any]]:
    """The layers as collections; two queries, however many they are."""
    session, systems = read_session(), _systems()
    today = this_day(session)
    asked = [(one, one.source(Scope.of(session, today))) for one in layers]
    boxes = extents_of(session, [(rows, one.shape) for one, rows in asked])
    return [
        describe.collection(one, box, systems, links(f"/collections/{one.name}"))
        for (one, _rows), box in zip(asked, boxes, strict=True)
    ]
