"""A place: what was agreed there, who owes it, when neighbours meet next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, render_template, request

from agendas.agreements.share import Shares, shares_by_unit
from app.core import clock
from app.core.access import public
from app.core.errors import BadQuery
from app.core.formatters import zone
from app.core.i18n import _, language
from app.core.links import absolute, assembly_path, whole
from app.core.pagination import BadCursor
from app.core.transaction import read_session
from app.portal.ledger.queries import head_of
from app.portal.ledger.words import event_words
from app.portal.units import before as befores
from app.portal.units import calendar as calendars
from app.portal.units import feed as feeds
from app.portal.units import linked, queries
from app.portal.units.choropleth import Measure, choropleth
from app.portal.units.finding import canonical, place_or_404
from app.portal.units.liaisons import liaisons_of
from models.agreement import AgreementState
from models.settings import setting
from territories.units.codes import ocd_id
from territories.units.queries import Below, Coverage, Place, children_of

blueprint = Blueprint("units", __name__, template_folder="templates")
PAGE = 20
# An Atom feed says when it changed even before anything happened.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@blueprint.get("/t/<code>")
@public(kept="minute")
def unit(code: str):
    place = place_or_404(code)
    if moved := canonical(place, code):
        return moved
    session, today, measure = read_session(), clock.today(zone().key), _measure()
    here = _around(place)
    shares = _shares(place, here.below, measure)
    return render_template(
        "units/unit.html", place=place, today=today, linked=linked.unit(place), shares=shares[place.unit.id],
        coverage=here.coverage, map=choropleth(here.below, measure, shares), whole=whole,
        liaisons=liaisons_of(session, place, today), tally=queries.tally_of(session, place.unit.id, today),
        agreements=queries.agreements_of(session, place.unit.id, today),
        calendar=queries.calendar_of(session, place.unit.id, clock.now()), before=befores.before_of(session, place, today),
        ocd=ocd_id(setting(session, "ocd_division"), place.path),
    )


@blueprint.get("/t/<code>/map")
@public(kept="minute")
def unit_map(code: str):
    place = place_or_404(code)
    if moved := canonical(place, code):
        return moved
    measure, here = _measure(), _around(place)
    shares = _shares(place, here.below, measure)
    return render_template(
        "units/map.html", place=place, shares=shares[place.unit.id], coverage=here.coverage, today=clock.today(zone().key),
        map=choropleth(here.below, measure, shares, width=1200), whole=whole,
    )


@blueprint.get("/t/<code>/agreements")
@public(kept="minute")
def unit_agreements(code: str):
    place = place_or_404(code)
    if moved := canonical(place, code):
        return moved
    session, today = read_session(), clock.today(zone().key)
    state = request.args.get("state") or None
    late = request.args.get("late") or None
    try:
        if late not in (None, "true"):
            raise ValueError(late)
        filters = queries.Filters(state=AgreementState(state) if state else None, late=True if late else None)
        within = befores.within(place, befores.forebears(session, place)) if place.has_kin else None
        page = queries.agreements_of(
            session, place.unit.id, today, filters=filters, within=within, cursor=request.args.get("cursor"), size=PAGE
        )
    except (ValueError, BadCursor) as wrong:
        raise BadQuery(_("No reconocemos el filtro de esta lista.")) from wrong
    tally = queries.tally_of(session, place.unit.id, today)
    return render_template(
        "units/agreements.html", place=place, today=today, page=page, filters=filters, tally=tally, states=list(AgreementState)
    )


@blueprint.get("/t/<code>/feed.atom")
@public(kept="minute")
def feed(code: str):
    place = place_or_404(code)
    if moved := canonical(place, code):
        return moved
    session = read_session()
    news = feeds.news_of(session, place.unit.id)
    entries = [
        feeds.Entry(
            one.event.seq, f"{one.folio}: {event_words(one.event.kind)}", feeds.unit_words(one) if one.about == feeds.UNIT else one.words,
            whole(one.path), one.event.recorded_at,
        )
        for one in news
    ]
    document = feeds.atom(
        title=_("Novedades de %(name)s", name=place.unit.name), language=language(),
        subtitle=_("Cabeza del registro: %(head)s", head=head_of(session)),
        page=absolute("units.unit", code=place.unit.code), here=absolute("units.feed", code=place.unit.code),
        updated=news[0].event.recorded_at if news else EPOCH, entries=entries,
    )
    return Response(document, mimetype="application/atom+xml")


@blueprint.get("/t/<code>/calendar.ics")
@public(kept="minute")
def calendar(code: str):
    place = place_or_404(code)
    if moved := canonical(place, code):
        return moved
    notices = calendars.dated(read_session(), place.unit.id, clock.now())
    document = calendars.ics(
        name=place.unit.name,
        notices=[(notice, whole(assembly_path(notice.assembly.folio))) for notice in notices],
    )
    return Response(document, mimetype="text/calendar")


@dataclass(frozen=True)
class Around:
    """The units to draw and list, and the coverage of the place itself."""

    below: Below
    coverage: Coverage


def _around(place: Place) -> Around:
    """The children of a unit, or for a block its neighbours in the section."""
    if not place.is_block:
        below = children_of(read_session(), place.unit.id)
        return Around(below, below.coverage)
    below = children_of(read_session(), place.unit.parent_id, first=place.unit.id)
    return Around(below, next((one.coverage for one in below.children if one.id == place.unit.id), Coverage(0, 0)))


def _measure() -> Measure:
    try:
        return Measure(request.args.get("map") or Measure.COVERAGE)
    except ValueError:
        abort(400)


def _shares(place: Place, below: Below, measure: Measure) -> dict[int, Shares]:
    """The shares of the place and, where the map shows them, of the units around it; one query."""
    ids = [place.unit.id, *(child.id for child in below.children)] if measure is Measure.KEPT else [place.unit.id]
    return shares_by_unit(read_session(), ids, clock.today(zone().key))
