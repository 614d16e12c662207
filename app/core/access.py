"""Who may open a view: said on the view, or the application refuses to start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect

from app.core import rate, stash
from app.core.actors import current_actor
from app.core.errors import SecondFactorNeeded, problem, wants_json
from app.core.i18n import _
from app.core.permissions import Permission, may_somewhere

View = TypeVar("View", bound=Callable)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
STASHES = 60
csrf = CSRFProtect()


@dataclass(frozen=True)
class Access:
    """``localised`` views exist under ``/en`` and ``/fr`` too; ``permissions`` empty means any account.

    ``body_bytes``: how much may be sent to it by whoever has one of ``permissions``, where that is more than elsewhere.
    ``kept``: the answer changes only with the data and with the "minute" or the "day", and may be kept in memory
    until then: nothing in it is made for one reader, not even the key of a form.
    ``negotiated``: the answer is written as the header Accept asks, and varies with it.
    ``guests``: pages about signing in, which need no account but, unlike public ones, have a cookie.
    ``unarmed``: open to staff who have yet to set up their second factor.
    """

    public: bool
    localised: bool
    permissions: frozenset[Permission] = frozenset()
    guests: bool = False
    unarmed: bool = False
    kept: Literal["minute", "day"] | None = None
    negotiated: bool = False
    body_bytes: int | None = None


def public(
    view: View | None = None, *, localised: bool = True, kept: Literal["minute", "day"] | None = None, negotiated: bool = False
):
    """Anybody, without an account. The view must not look at the session: its page is the same for all."""

    def mark(target: View) -> View:
        target.access = Access(public=True, localised=localised, kept=kept, negotiated=negotiated)
        return target

    return mark(view) if view is not None else mark


def account_page(view: View) -> View:
    """Signing in, activating, resetting: for whoever has no session yet. Every POST carries the token of its form."""
    view.access = Access(public=False, localised=True, guests=True)
    return view


def signed_in(view: View | None = None, *, unarmed: bool = False):
    """Any account. ``unarmed``: also staff without the second factor, which they set up there."""

    def mark(target: View) -> View:
        target.access = Access(public=False, localised=True, unarmed=unarmed)
        return target

    return mark(view) if view is not None else mark


def requires(*permissions: Permission, body_bytes: int | None = None) -> Callable[[View], View]:
    """An account whose roles give one of ``permissions`` somewhere; the service asks about the thing itself."""

    def mark(target: View) -> View:
        target.access = Access(public=False, localised=True, permissions=frozenset(permissions), body_bytes=body_bytes)
        return target

    return mark


def declare(app: Flask, endpoint: str, access: Access) -> None:
    """Access of a view that a library registers."""
    app.extensions["access"][endpoint] = access


def access_of(app: Flask, endpoint: str | None) -> Access | None:
    return app.extensions["access"].get(endpoint) if endpoint else None


def init_access(app: Flask) -> None:
    app.extensions["access"] = {}
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    csrf.init_app(app)
    app.before_request(_guard)


def refuse_undeclared(app: Flask) -> None:
    """Raise RuntimeError naming each view without a declared access. The factory calls it last."""
    table = app.extensions["access"]
    table.setdefault("static", Access(public=True, localised=False))
    for rule in app.url_map.iter_rules():
        declared = getattr(app.view_functions[rule.endpoint], "access", None)
        if declared is not None:
            table.setdefault(rule.endpoint, declared)
    silent = sorted({rule.endpoint for rule in app.url_map.iter_rules()} - set(table))
    if silent:
        raise RuntimeError(f"views without @public, @account_page, @signed_in or @requires: {', '.join(silent)}")


def _guard():
    access = access_of(current_app, request.endpoint)
    if access is None:
        return None
    if b"%00" in request.query_string or b"\0" in request.query_string:
        # No word and no code holds it, and PostgreSQL stumbles over it in whatever is compared.
        abort(400)
    if access.public:
        g.anonymous_read = request.method in SAFE_METHODS
        if request.method not in SAFE_METHODS:
            _same_origin()
        return None
    if request.method not in SAFE_METHODS:
        _same_origin()
    if access.guests:
        if request.method not in SAFE_METHODS:
            csrf.protect()
        return None
    actor = current_actor()
    if actor is None:
        return _ask_to_sign_in()
    allowed = not access.permissions or any(may_somewhere(actor, permission) for permission in access.permissions)
    if access.body_bytes and allowed:
        # Before the form is looked at, which is when its size counts.
        request.max_content_length = access.body_bytes
    if request.method not in SAFE_METHODS:
        csrf.protect()
    if actor.lacks_second_factor and not access.unarmed:
        raise SecondFactorNeeded
    if not allowed:
        abort(403)
    return None


def _same_origin() -> None:
    """A public POST carries no cookie, so another site gains nothing by sending it; but a page that
    makes visitors object without knowing would poison the counts. Browsers say where they come from."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            abort(403)
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        abort(403)


def _ask_to_sign_in():
    """To the sign-in page; what was being sent is set aside and comes back after signing in."""
    if wants_json():
        return problem(401, _("Su sesión terminó"), _("Entre de nuevo: lo pendiente sigue en este dispositivo."))
    return redirect(url_for("accounts.signin", **set_aside()), 303)


def set_aside() -> dict[str, str]:
    """The present request as ``next`` and, when it was sending something, ``stash``: what a page in between
    must carry along to bring the person back to it."""
    prefix = g.get("url_prefix", "")
    if request.method in SAFE_METHODS:
        return {"next": prefix + request.full_path.rstrip("?")}
    rate.limit("stash", rate.client_address(), times=STASHES, seconds=3600)
    return {"next": prefix + stash.back_to(request), "stash": stash.keep(request)}
