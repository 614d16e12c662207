"""What the views of the OGC API share: how they are asked, and how a document becomes an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, current_app, json, render_template, request

from app.api.contract import BadFilter, Parameter, read
from app.api.ogc import parameters
from app.api.ogc.media import HTML, chosen
from app.core.errors import problem
from app.core.fields import Column
from app.core.headers import open_to_all
from app.core.labels import label
from territories.layers.registry import Layer, find_layer

FORMAT_ONLY = (parameters.FORMAT,)


def section(name: str) -> Blueprint:
    """A blueprint under ``/ogc`` that any site may read and that says what it refuses."""
    blueprint = Blueprint(name, __name__, template_folder="templates", url_prefix="/ogc")
    blueprint.after_request(open_to_all)
    blueprint.after_request(_vary)
    blueprint.register_error_handler(BadFilter, _bad_filter)
    return blueprint


def _vary(response: Response) -> Response:
    response.vary.add("Accept")
    return response


def _bad_filter(wrong: BadFilter) -> Response:
    return problem(400, "Bad request", str(wrong))


def layer_or_404(name: str) -> Layer:
    """The public layer of that name; of one that is not public nothing is told."""
    found = find_layer(current_app, name)
    return found if found is not None else abort(404)


def media_asked(known: tuple[Parameter, ...], machine: str) -> str:
    """The media type to answer with; any parameter but those ``known`` is refused."""
    return chosen(read(known, request.args)["f"], machine)


def answer(document: Mapping[str, Any], media: str, machine: str, template: str, **context: Any) -> Response:
    if media == HTML:
        return page(template, **{"links": document.get("links"), "document": document} | context)
    response = Response(json.dumps(document, ensure_ascii=False, sort_keys=False), content_type=machine)
    return response


def _shown(field: Column, row: Mapping[str, Any]) -> str:
    """A cell in words."""
    value = field.read(row)
    return "" if value is None else label(field.words(value)) if field.words is not None else str(value)


def page(template: str, **context: Any) -> Response:
    return Response(render_template(f"ogc/{template}.html", one_language=True, shown=_shown, **context), mimetype=HTML)
