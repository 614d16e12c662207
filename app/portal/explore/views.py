"""The map to explore: layers over a place, and the same rows as a table that needs neither a mouse nor a script."""

from __future__ import annotations

from flask import Blueprint, current_app, request

from app.core import clock
from app.core.access import public
from app.core.formatters import zone
from app.core.links import whole
from app.core.listing import respond
from app.core.transaction import read_session
from app.portal.explore import asked
from app.portal.explore.queries import ground_of
from app.portal.units.finding import canonical, place_or_404
from territories.layers.registry import layers_of
from territories.layers.rows import rows_of

blueprint = Blueprint("explore", __name__, template_folder="templates")


@blueprint.get("/t/<code>/explore")
@public(kept="minute")
def page(code: str):
    place = place_or_404(code)
    if moved := canonical(place, code):
        return moved
    found = _asked(place)
    return respond(
        "explore/explore.html", found.state.listing, rows_of(found.layer, found.scope), state=found.state,
        place=place, asked=found, layers=list(layers_of(current_app)), whole=whole,
        ground=ground_of(read_session(), place.unit.id),
    )


def _asked(place) -> asked.Asked:
    """What the address asks of ``place``. Raises BadQuery."""
    return asked.read(
        request.args, layers=list(layers_of(current_app)), unit_id=place.unit.id, role=place.level.role,
        themes=asked.themes_in_use(read_session()), today=clock.today(zone().key),
    )
