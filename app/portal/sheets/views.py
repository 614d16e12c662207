"""The map of a unit for the wall of its assembly: one PDF, A4 or A3."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, current_app, render_template, request, url_for

from app.core import clock, paper, rate
from app.core.access import public
from app.core.errors import BadQuery
from app.core.formatters import number, zone
from app.core.i18n import _
from app.core.links import whole
from app.core.transaction import read_session
from app.portal.explore import asked
from app.portal.ledger.queries import head_of
from app.portal.open_data.package import LICENCE
from app.portal.sheets.layout import Orientation, Size, lay_sheet
from app.portal.sheets.queries import MOST, Subject, TooMany, measured, of_layer
from app.portal.units.choropleth import Measure
from app.portal.units.finding import canonical, place_or_404
from territories.layers.registry import layers_of
from territories.units.queries import Place

Choice = TypeVar("Choice", bound=StrEnum)
blueprint = Blueprint("sheets", __name__, template_folder="templates")
# A sheet takes seconds to make, and one at a time: enough for a person who tries them all, not for one who asks without rest.
SHEETS = 12


@blueprint.get("/t/<code>/map.pdf")
@public(kept="day")
def unit_map(code: str):
    place = place_or_404(code)
    if moved := canonical(place, code):
        return moved
    size, orientation = _choice(Size, "size") or Size.A4, _choice(Orientation, "orientation")
    try:
        subject, address = _subject(place)
    except TooMany as many:
        raise BadQuery(
            _("Son %(count)s: en una hoja caben hasta %(most)s. Elija una unidad más pequeña.", count=number(many.count), most=number(MOST))
        ) from many
    sheet = lay_sheet(subject, size, orientation)
    if sheet is None:
        raise BadQuery(_("Aquí no hay nada que dibujar."))
    rate.limit_reads("map-sheet", rate.client_address(), times=SHEETS, seconds=60)
    html = render_template(
        "sheets/map.html", place=place, subject=subject, sheet=sheet, address=whole(address), qr=paper.qr(whole(address)),
        head=head_of(read_session()), licence=LICENCE,
    )
    word = _("mapa")
    return paper.pdf_response(html, f"{word}-{place.unit.code}-{size}.pdf")


def _subject(place: Place) -> tuple[Subject, str]:
    """What to draw, and the page that shows the same. Raises BadQuery and TooMany."""
    session, today = read_session(), clock.today(zone().key)
    if "layer" not in request.args:
        measure = _choice(Measure, "map") or Measure.COVERAGE
        page = url_for("units.unit_map", code=place.unit.code, map=None if measure is Measure.COVERAGE else measure)
        return measured(session, place, measure, today), page
    wanted = {key: value for key, value in request.args.items() if key in ("layer", "on", "theme", "state")}
    found = asked.read(
        session, wanted, layers=list(layers_of(current_app)), unit_id=place.unit.id, role=place.level.role, today=today
    )
    return of_layer(session, place, found), url_for("explore.page", code=place.unit.code, layer=found.layer.name, **found.filters)


def _choice(kind: type[Choice], name: str) -> Choice | None:
    """The value of ``name`` in the address, None when it is not there. Raises BadQuery."""
    raw = request.args.get(name)
    try:
        return kind(raw) if raw else None
    except ValueError as wrong:
        raise BadQuery(_("No reconocemos «%(value)s» en la dirección de este mapa.", value=raw[:40])) from wrong
