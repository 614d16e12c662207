"""Layers to take away: for a unit and a day, as GeoJSON, GeoPackage and CSV, with what their columns mean (001-44)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from flask import Blueprint, Response, abort, current_app, json, redirect, render_template, request, url_for

from app.core import clock, rate
from app.core.access import public
from app.core.dictionary import kind_words
from app.core.errors import problem
from app.core.headers import open_to_all
from app.core.links import absolute
from app.core.transaction import database, read_session
from models.settings import setting
from models.territory import LEVEL_ORDER, UNIT_CODE
from territories.layers import asked as addresses
from territories.layers import features
from territories.layers.downloads.files import MEDIA, WRITERS, Source, columns_of, schema
from territories.layers.registry import Layer, Scope, find_layer, layers_of
from territories.layers.versions import version_of
from territories.units.queries import Place, find_place

blueprint = Blueprint("downloads", __name__, template_folder="templates")
# Of one address in a minute: a whole layer is the most that anybody can ask of the database.
A_MINUTE = 30


@blueprint.errorhandler(addresses.BadFilter)
def _bad_filter(wrong: addresses.BadFilter) -> Response:
    return problem(400, "Bad filter", str(wrong))


@blueprint.get("/t/<code>/layers")
@public(kept="minute")
def index(code: str):
    place = _place(code)
    if place.unit.code != code:
        return _moved(place)
    layers = [one for one in layers_of(current_app) if _reaches(one, place)]
    return render_template("downloads/index.html", place=place, unit=place.unit, layers=layers, endings=list(MEDIA))


@blueprint.get("/t/<code>/layers/<layer>")
@public(kept="minute")
def about(code: str, layer: str):
    place, found = _place(code), _layer(layer)
    if place.unit.code != code:
        return _moved(place, layer=layer)
    return render_template(
        "downloads/about.html", place=place, unit=place.unit, layer=found, endings=list(MEDIA), columns=columns_of(found),
        kind_words=kind_words, today=_today(),
    )


@blueprint.get("/t/<code>/layers/<layer>.schema.json")
@public(localised=False, kept="day")
def described(code: str, layer: str) -> Response:
    place, found = _place(code), _layer(layer)
    document = schema(found, _source(place, found, Scope(_today(), _today())))
    return open_to_all(Response(json.dumps(document, ensure_ascii=False), mimetype="application/json"))


@blueprint.get("/t/<code>/layers/<layer>.<any(geojson, gpkg, csv):ending>")
@public(localised=False)
def file(code: str, layer: str, ending: str) -> Response:
    """The file, streamed. Under the same version of its layer it is not made or sent again."""
    place, found = _place(code), _layer(layer)
    if place.unit.code != code:
        return _moved(place, layer=layer, ending=ending)
    session, scope = read_session(), _scope(place, found, request.args)
    source = _source(place, found, scope)
    headers = {"Link": f'<{source.about}>; rel="describedby", <https://creativecommons.org/licenses/by/4.0/>; rel="license"'}
    tag = f"{version_of(session, found, scope)}-{scope.on:%Y%m%d}"
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304, headers=headers)
    else:
        rate.limit_reads("downloads", rate.client_address(), times=A_MINUTE, seconds=60)
        response = Response(_written(found, scope, source, ending), mimetype=MEDIA[ending], headers=headers)
        response.headers.set("Content-Disposition", "attachment", filename=source.file(found, ending))
    response.set_etag(tag, weak=True)
    return open_to_all(response)


def _written(layer: Layer, scope: Scope, source: Source, ending: str) -> Iterator[bytes]:
    session = database().replica()
    written = WRITERS[ending](session, features.ask(layer, scope), source)

    def read() -> Iterator[bytes]:
        with session:
            yield from written

    return read()


def _scope(place: Place, layer: Layer, args: Mapping[str, str]) -> Scope:
    """What of the layer the address asks for. Raises BadFilter; the unit is that of the path."""
    if addresses.UNIT in args:
        raise addresses.BadFilter("the unit is the one of the path")
    # A form sends its empty fields too.
    given = {name: value for name, value in args.items() if value}
    return replace(addresses.scope_of(read_session(), layer, given, _today()), unit_id=place.unit.id)


def _source(place: Place, layer: Layer, scope: Scope) -> Source:
    municipality = setting(read_session(), "municipality")
    return Source(municipality, place.unit.code, scope.on, absolute("downloads.about", code=place.unit.code, layer=layer.name))


def _reaches(layer: Layer, place: Place) -> bool:
    """Whether a layer can hold anything of a place: a block is in no layer of territories."""
    return not layer.levels or any(LEVEL_ORDER.index(one) >= place.level.depth for one in layer.levels)


def _today():
    return clock.today(setting(read_session(), "time_zone"))


def _place(code: str) -> Place:
    return (find_place(read_session(), code) if UNIT_CODE.fullmatch(code) else None) or abort(404)


def _layer(name: str) -> Layer:
    return find_layer(current_app, name) or abort(404)


def _moved(place: Place, **values: str) -> Response:
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return redirect(url_for(request.endpoint, code=place.unit.code, **values) + query, 301)
