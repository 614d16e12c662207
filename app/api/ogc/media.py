"""How an answer is written: media types, the choice between them, links in bodies and headers (RFC 8288)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import request

from app.core.links import whole

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
SCHEMA, OPENAPI = "application/schema+json", "application/vnd.oai.openapi+json;version=3.0"
JSON_WORD, HTML_WORD = "json", "html"
REL = "http://www.opengis.net/def/rel/ogc/1.0"
Link = dict[str, Any]


def chosen(asked: str | None, machine: str) -> str:
    """The media type to answer with: HTML or ``machine``. ``asked`` is the value of ``f``, which goes before Accept."""
    if asked is not None:
        return HTML if asked == HTML_WORD else machine
    accepted = request.accept_mimetypes.best_match([machine, JSON, HTML], default=machine)
    return HTML if accepted == HTML else machine


def address(path: str, query: Iterable[tuple[str, Any]] = ()) -> str:
    """An address under ``/ogc`` that leaves this server."""
    given = urlencode(list(query))
    return whole(f"/ogc{path}" + (f"?{given}" if given else ""))


def written_as(path: str, word: str, query: Iterable[tuple[str, str]] = ()) -> str:
    """The address of a document in the format ``word``, whatever ``query`` says of formats."""
    return address(path, [*[(name, value) for name, value in query if name != "f"], ("f", word)])


def link(rel: str, href: str, media: str, title: Any = None) -> Link:
    found = {"rel": rel, "href": href, "type": media}
    return found | {"title": str(title)} if title is not None else found


def this_and_other(media: str, machine: str, path: str, query: Iterable[tuple[str, str]] = ()) -> list[Link]:
    """The links of a document to itself and to how it is written otherwise."""
    written = {machine: written_as(path, JSON_WORD, query), HTML: written_as(path, HTML_WORD, query)}
    other = machine if media == HTML else HTML
    return [link("self", written[media], media), link("alternate", written[other], other)]


def header(links: Iterable[Link]) -> str:
    """``links`` as the value of a Link header. A relation that is an address goes without quotes (RFC 5988, 5): parsers
    that only take tokens in quotes off the others read it either way."""
    return ", ".join(f'<{one["href"]}>; rel={_rel(one["rel"])}; type="{one["type"]}"' for one in links)


def _rel(rel: str) -> str:
    return rel if rel.startswith("http") else f'"{rel}"'
