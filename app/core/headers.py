"""Headers of every answer. Nothing is inline and nothing comes from elsewhere."""

from __future__ import annotations

import uuid

from flask import Flask, Response, current_app, g, request

_SOURCES = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:", "font-src": "'self'",
    "connect-src": "'self'", "manifest-src": "'self'", "worker-src": "'self'", "form-action": "'self'", "base-uri": "'none'",
    "object-src": "'none'", "frame-ancestors": "'none'",
}
LOCATION = "Permissions-Policy", "geolocation=(self), camera=(), microphone=()"


def policy(**more: str) -> str:
    """The Content-Security-Policy, with one origin more for a directive: ``img_src="https://tiles.example"``."""
    return "; ".join(f"{name} {sources} {more.get(name.replace('-', '_'), '')}".strip() for name, sources in _SOURCES.items())


CSP = policy()


def open_to_all(response: Response) -> Response:
    """Any site's script may read this answer: nothing in it depends on who asks, and no cookie opens more.

    For ``after_request`` of what machines read (https://fetch.spec.whatwg.org/#http-cors-protocol).
    """
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Content-Crs, Content-Disposition, Link, Retry-After, X-Request-Id"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        headers["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since"
        headers["Access-Control-Max-Age"] = "86400"
    return response


def init_headers(app: Flask) -> None:
    @app.before_request
    def _name_request() -> None:
        g.request_id = uuid.uuid4().hex[:12]

    @app.after_request
    def _add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
        headers["X-Request-Id"] = g.get("request_id", "-")
        if current_app.extensions["config"].secure_cookies:
            headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        access = current_app.extensions["access"].get(request.endpoint)
        if access is not None and not access.public:
            headers["Cache-Control"] = "no-store"
        elif access is not None and request.method in ("GET", "HEAD") and response.status_code == 200:
            headers.setdefault("Cache-Control", "public, max-age=0, must-revalidate")
        return response
