"""The place that an address names, at its one address."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.transaction import read_session
from models.territory import UNIT_CODE
from territories.units.queries import Place, find_place


def place_or_404(code: str) -> Place:
    """The unit with that code, whatever its case."""
    place = find_place(read_session(), code) if UNIT_CODE.fullmatch(code) else None
    if place is None:
        abort(404)
    return place


def canonical(place: Place, code: str) -> Response | None:
    """A redirect to the unit's own spelling of its code, or None when it is already there."""
    if place.unit.code == code:
        return None
    # The query goes along as text: as arguments of url_for, "_method" or "_scheme" in it would break the address.
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return redirect(url_for(request.endpoint, code=place.unit.code) + query, 301)
