"""The links of the staff pages: each section adds its own, shown to whoever may open them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from app.core.actors import current_actor
from app.core.permissions import Permission, may_somewhere


@dataclass(frozen=True)
class Link:
    text: str
    url: str
    current: bool


def offer(app: Flask, endpoint: str, text, permission: Permission | None, *, order: int) -> None:
    """Show ``text`` (lazy) leading to ``endpoint`` to whoever holds ``permission`` somewhere (None: any account)."""
    app.extensions.setdefault("staff_links", []).append((order, endpoint, text, permission))


def staff_links() -> list[Link]:
    actor = current_actor()
    if actor is None:
        return []
    return [
        Link(str(text), url_for(endpoint), request.endpoint == endpoint)
        for _order, endpoint, text, permission in sorted(current_app.extensions.get("staff_links", []), key=lambda row: row[0])
        if permission is None or may_somewhere(actor, permission)
    ]


def init_navigation(app: Flask) -> None:
    app.jinja_env.globals["staff_links"] = staff_links
