"""Headers of every answer. Nothing is inline and nothing comes from elsewhere."""

from __future__ import annotations

import uuid

from flask import Flask, Response, current_app, g, request

CSP = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'", "form-action 'self'", "base-uri 'none'",
        "object-src 'none'", "frame-ancestors 'none'",
    )
)


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
        headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        headers["X-Request-Id"] = g.get("request_id", "-")
        if current_app.extensions["config"].secure_cookies:
            headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        access = current_app.extensions["access"].get(request.endpoint)
        if access is not None and not access.public:
            headers["Cache-Control"] = "no-store"
        elif access is not None and request.method in ("GET", "HEAD") and response.status_code == 200:
            headers.setdefault("Cache-Control", "public, max-age=0, must-revalidate")
        return response
