"""Indicators for everybody: what each means, its map, its ranking, how it went, and its values as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, render_template, request

from app.core import clock
from app.core.access import public
from app.core.errors import BadQuery
from app.core.formatters import zone
from app.core.i18n import _
from app.core.labels import local_name
from app.core.links import whole
from app.core.listing import Listing, State, as_file, turn
from app.core.transaction import read_session
from app.portal.indicators import asked, lists, queries
from app.portal.indicators.queries import Known, Shown
from territories.indicators.queries import roles_of, values_of
from territories.indicators.words import figure, measured, period_words
from territories.units.queries import Place, find_place

blueprint = Blueprint("indicators", __name__, template_folder="templates")
blueprint.add_app_template_filter(measured, "measured")
blueprint.add_app_template_filter(figure, "measured_figure")


@blueprint.get("/indicators")
@public(kept="day")
def index():
    session = read_session()
    return render_template(
        "indicators/index.html", known=queries.known(session), levels=queries.levels(session), period_words=period_words
    )


@dataclass(frozen=True)
class Asked:
    """What an address asks, settled: the list, its state, where, and the period shown (None: there are no values)."""

    known: Known
    shown: Shown
    state: State
    place: Place | None
    days: list[date]

    @property
    def period(self):
        return self.known.at(self.shown.on)


@blueprint.get("/indicators/<code>")
@public(kept="day")
def page(code: str):
    session, found = read_session(), _asked(code)
    query = queries.ranking(session, found.shown)
    if found.state.format:
        return as_file(session, found.state.listing, query, found.state)
    return render_template(
        "indicators/indicator.html", asked=found, indicator=found.shown.indicator, whole=whole, period_words=period_words,
        map=queries.choropleth(session, found.shown, query), listed=turn(session, found.state.listing, query, found.state),
    )


@blueprint.get("/indicators/<code>.json")
@public(localised=False, kept="day")
def values(code: str) -> Response:
    """The same values for programs; a value that is not there is null, never 0."""
    found = _asked(code)
    indicator, period = found.shown.indicator, found.period
    session = read_session()
    units = {row.id: row for row in session.execute(queries.ranking(session, found.shown))}
    told = values_of(session, indicator, found.shown.role, found.shown.on, within=found.shown.within)
    items = [
        {
            "unit": units[unit_id].code, "name": units[unit_id].name, "value": one.value, "covered": one.covered, "of": one.of,
            "withheld": one.withheld, "place": units[unit_id].place,
        }
        for unit_id, one in sorted(told.items(), key=lambda pair: units[pair[0]].code)
    ]
    answer = {
        "indicator": {
            "code": indicator.code, "name": indicator.name_es, "definition": indicator.definition_es, "measure": indicator.measure_es,
            "source": indicator.source, "level": indicator.role, "frequency": indicator.frequency, "direction": indicator.direction,
            "aggregation": indicator.aggregation, "decimals": indicator.decimals,
        },
        "level": found.shown.role, "from": period.starts_on.isoformat() if period else None,
        "to": period.ends_on.isoformat() if period else None, "items": items,
    }
    return answer


def _asked(code: str) -> Asked:
    """Raises 404 for an unknown indicator, BadQuery for what it does not have."""
    session = read_session()
    found = next(iter(queries.known(session, code)), None)
    if found is None:
        abort(404)
    here = request.args.get("unit") or None
    place = find_place(session, here) if here else None
    if here and place is None:
        raise BadQuery(_("No hay una unidad con la clave «%(code)s».", code=here[:40]))
    levels, offices = queries.levels_and_offices(session)
    roles = {str(role): local_name(levels[role]) for role in reversed(roles_of(found.indicator)) if role in levels}
    words = {period.starts_on.isoformat(): period_words(found.indicator, period) for period in found.periods}
    filters = [
        asked.unit_choice(offices, (place.unit.code, place.unit.name) if place else None),
        *([asked.level_choice(roles, str(found.indicator.role))] if len(roles) > 1 else []),
        *([asked.period_choice(words, found.periods)] if len(words) > 1 else []),
    ]
    args = {**request.args, **({"unit": place.unit.code} if place else {})}
    bare = State.read(lists.ranking(Shown(found.indicator, found.indicator.role, date.max), filters, [], ""), args)
    role = next(role for role in roles_of(found.indicator) if str(role) == bare.values.get("level", str(found.indicator.role)))
    on = date.fromisoformat(bare.values["on"]) if "on" in bare.values else _latest(found)
    shown = Shown(found.indicator, role, on, place.unit.id if place else None)
    days = sorted(period.starts_on for period in found.periods if period.starts_on <= on)
    listing: Listing = lists.ranking(shown, filters, days, roles.get(str(role), _("Unidad")))
    return Asked(found, shown, State.read(listing, args), place, days)


def _latest(found: Known) -> date:
    """The first day of the last period; today where there is none."""
    return found.periods[0].starts_on if found.periods else clock.today(zone().key)
