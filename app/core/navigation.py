"""The links of the staff pages: each section adds its own, shown to whoever may open them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for

from app.core.actors import current_actor
from app.core.permissions import Permission, may_somewhere


@dataclass(frozen=True)
class Link:
    """``current``: "page" for the page itself, "true" for the room that a page is in, empty otherwise."""

    text: str
    url: str
    current: str


def offer(app: Flask, endpoint: str, text, permission: Permission | None, *, order: int, within: Permission | None = None) -> None:
    """Show ``text`` (lazy) leading to ``endpoint`` to whoever holds ``permission`` somewhere (None: any account).

    ``within``: whoever holds it meets the page on another that is already here, and is spared a dozen links in a row.
    """
    app.extensions.setdefault("staff_links", []).append((order, endpoint, text, permission, within))


def staff_links() -> list[Link]:
    """The rooms that the person of this request may enter, in order; none for whoever has not signed in."""
    actor = current_actor()
    if actor is None:
        return []
    shown = [
        (endpoint, text, url_for(endpoint))
        for _order, endpoint, text, permission, within in sorted(current_app.extensions.get("staff_links", []), key=lambda row: row[0])
        if (permission is None or may_somewhere(actor, permission)) and not (within and may_somewhere(actor, within))
    ]
    here = g.get("url_prefix", "") + request.path
    room = max((url for _endpoint, _text, url in shown if f"{here}/".startswith(f"{url}/")), key=len, default=None)

    def current(endpoint: str, url: str) -> str:
        return "page" if request.endpoint == endpoint else "true" if url == room else ""

    return [Link(str(text), url, current(endpoint, url)) for endpoint, text, url in shown]


def init_navigation(app: Flask) -> None:
    app.jinja_env.globals["staff_links"] = staff_links
