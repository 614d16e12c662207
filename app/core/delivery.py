"""How a public answer travels: told apart by its content, small, and not sent twice."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_compress import Compress

from app.core.access import access_of

COMPRESSIBLE = (
    "text/html", "text/css", "text/csv", "text/plain", "text/calendar", "text/javascript", "text/x-python", "image/svg+xml",
    "application/json", "application/geo+json", "application/jsonl", "application/problem+json", "application/atom+xml",
    "application/manifest+json", "application/schema+json", "application/vnd.oai.openapi+json",
    "application/vnd.mapbox-vector-tile",
)


def init_delivery(app: Flask) -> None:
    """Weak ETags and compression for public GETs.

    Pages behind the sign-in stay as they are: compressing a page that mixes a token with what
    somebody else can put into it lets the token be guessed from its length (BREACH).
    """
    app.config.update(
        COMPRESS_REGISTER=False, COMPRESS_MIMETYPES=list(COMPRESSIBLE), COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"], COMPRESS_BR_LEVEL=5,
    )
    compress = Compress(app)

    @app.after_request
    def _deliver(response: Response) -> Response:
        access = access_of(app, request.endpoint)
        if access is None or not access.public or request.method not in ("GET", "HEAD") or response.status_code != 200:
            return response
        if not response.is_streamed and not response.get_etag()[0]:
            response.add_etag(weak=True)
        response = compress.after_request(response)
        return response.make_conditional(request) if not response.is_streamed else response
