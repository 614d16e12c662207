"""Addresses that leave this server: in feeds, calendars, the API and on paper."""

from __future__ import annotations

from flask import current_app, g, url_for


def absolute(endpoint: str, **values) -> str:
    """The whole address of a page, in the language of the request unless ``_language`` asks for another.

    Built on the configured base and not on the Host header, which whoever asks may choose.
    """
    return whole(url_for(endpoint, **values))


def whole(path: str) -> str:
    """``path`` with the configured base before it."""
    return current_app.extensions["config"].base_url + path


def agreement_path(folio: str) -> str:
    """The page of an agreement, in the language of the request."""
    return f"{g.get('url_prefix', '')}/a/{folio}"


def assembly_path(folio: str) -> str:
    """The page of an assembly, in the language of the request."""
    return url_for("assembly.show", folio=folio)
