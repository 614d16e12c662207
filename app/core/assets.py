"""Static files under an address that changes with their content, so that they are fetched once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, request

YEAR = 365 * 24 * 3600


def init_assets(app: Flask) -> None:
    root = Path(app.static_folder)
    known: dict[str, tuple[float, str]] = {}

    def version(filename: str) -> str | None:
        """Eight hex digits of the file's SHA-256; read again only when the file is newer."""
        try:
            changed = (root / filename).stat().st_mtime
        except OSError:
            return None
        if known.get(filename, (None, ""))[0] != changed:
            known[filename] = changed, hashlib.sha256((root / filename).read_bytes()).hexdigest()[:8]
        return known[filename][1]

    @app.url_defaults
    def _add_version(endpoint: str, values: dict) -> None:
        if endpoint == "static" and "v" not in values and (found := version(values.get("filename", ""))):
            values["v"] = found

    @app.after_request
    def _keep(response: Response) -> Response:
        # Only under its own version: an old address must not pin the new content for a year.
        if request.endpoint == "static" and response.status_code in (200, 304):
            asked = request.args.get("v")
            if asked and asked == version((request.view_args or {}).get("filename", "")):
                response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response
