"""Public pages kept in memory: made once for each version of the data, never shown of an older one.

The key holds the address, the language, how the body travels, the number of the data's version and the
minute (for files the day), since pages tell what is late and what is to come. Each process keeps its own; there is nothing
to invalidate.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

from flask import Flask, Response, current_app, g, request

from app.core import clock
from app.core.access import access_of
from app.core.i18n import language
from app.core.transaction import read_session
from models.settings import load_settings, setting

MOST_BYTES = 48 * 1024 * 1024
# The agreements of a whole borough as CSV, compressed, are some 600 kB.
LARGEST = 4 * 1024 * 1024
LONGEST_QUERY = 300
# Made anew for each answer, or by whoever sends it.
_NOT_KEPT = frozenset({"x-request-id", "date", "content-length", "set-cookie"})


@dataclass(frozen=True)
class Kept:
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Shelf:
    """The least recently asked for goes first when the bytes run out."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._lock = Lock()
        self._pages: OrderedDict[tuple, Kept] = OrderedDict()
        self._left = most_bytes
        # What a section remembers of the present data, under its own name.
        self.notes: dict[str, Any] = {}

    def get(self, key: tuple) -> Kept | None:
        with self._lock:
            kept = self._pages.get(key)
            if kept is not None:
                self._pages.move_to_end(key)
            return kept

    def put(self, key: tuple, kept: Kept) -> None:
        with self._lock:
            if key in self._pages or len(kept.body) > LARGEST:
                return
            self._pages[key] = kept
            self._left -= len(kept.body)
            while self._left < 0:
                _oldest, gone = self._pages.popitem(last=False)
                self._left += len(gone.body)


def init_page_cache(app: Flask) -> None:
    """Called before whatever compresses and adds headers, so that a page is kept as it was sent."""
    app.extensions["page_cache"] = Shelf()
    app.after_request(_keep)


def serve_kept() -> Response | None:
    """The page of this request as it was made before, or None. Called once the request may be answered.
    Raises SQLAlchemyError when the data cannot be asked for its version."""
    access = access_of(current_app, request.endpoint)
    if access is None or not access.kept or request.method != "GET" or len(request.query_string) > LONGEST_QUERY:
        return None
    # Read before anything else: a page made while somebody writes may be newer than its number, never older.
    session = read_session()
    version = load_settings(session)
    until = clock.today(setting(session, "time_zone")) if access.kept == "day" else int(clock.now().timestamp() // 60)
    accepted = request.headers.get("Accept", "")[:200] if access.negotiated else ""
    key = (version, until, language(), request.path, request.query_string, request.headers.get("Accept-Encoding", "")[:100], accepted)
    kept = current_app.extensions["page_cache"].get(key)
    if kept is None:
        g.page_key = key
        return None
    g.sent_again = True
    return Response(kept.body, headers=list(kept.headers))


def send_again(response: Response) -> Response | None:
    """The page of :func:`serve_kept`, ready to leave; None for any other answer. Whatever finishes an answer has seen it
    the first time: only what is each request's own is left to do."""
    if not g.get("sent_again", False):
        return None
    response.headers["X-Request-Id"] = g.request_id
    if "ETag" not in response.headers:
        response.add_etag(weak=True)
    return response.make_conditional(request)


def _keep(response: Response) -> Response:
    key = g.pop("page_key", None)
    if key is None or response.status_code != 200 or "Set-Cookie" in response.headers:
        return response
    shelf = current_app.extensions["page_cache"]
    headers = tuple((name, value) for name, value in response.headers if name.lower() not in _NOT_KEPT)
    if response.is_streamed:
        response.response = _listened(response.response, shelf, key, headers)
    else:
        shelf.put(key, Kept(headers, response.get_data()))
    return response


def _listened(parts: Iterable[bytes], shelf: Shelf, key: tuple, headers: tuple) -> Iterator[bytes]:
    """``parts`` as they pass, kept once the last one has; one cut short, or too large, is not."""
    heard: list[bytes] | None = []
    size = 0
    try:
        for part in parts:
            size += len(part)
            if heard is not None and size <= LARGEST:
                heard.append(part)
            else:
                heard = None
            yield part
        if heard is not None:
            shelf.put(key, Kept(headers, b"".join(heard)))
    finally:
        if hasattr(parts, "close"):
            parts.close()
