"""The agreements of a territory on the map are those of its page, today and on a day that was (001-24)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from agendas.agreements.share import figures_below, share_of_unit
from app.core import clock
from models import TerritorialUnit
from territories.layers.registry import Scope
from tests.factories import TODAY
from tests.factories.agreements import DAY, Neighbourhood
from tests.territories.layers.asking import rows


@pytest.fixture
def place(world):
    made = Neighbourhood(world)
    for state in ("proposed", "in_progress", "reported_done", "verified", "on_hold", "declined", "cancelled"):
        made.agreement(state, due=TODAY - 10 * DAY, reported_on=TODAY - 12 * DAY)
        made.agreement(state, due=TODAY + 10 * DAY)
    return made


def test_they_are_the_figures_of_the_page(app, world, place):
    found = rows(app, "agreements")
    row = found[place.territory.code]
    with app.extensions["database"].read() as session:
        share = share_of_unit(session, place.territory.id, TODAY).first
        everywhere = select(TerritorialUnit.id)
        now, then = figures_below(everywhere, TODAY), figures_below(everywhere, TODAY, until=Scope(TODAY, TODAY).until)
        assert [set(session.execute(select(one)).all()) for one in (now, then)] == 2 * [set(session.execute(select(now)).all())]
    assert (row.kept, row.of) == (share.kept, share.of) and row.of > row.kept > 0
    assert (row.owed, row.late) == (8, 3) and found[place.other_territory.code].owed == 0


def test_they_are_narrowed_to_a_theme_and_a_state(app, place):
    code = place.territory.code
    assert rows(app, "agreements", states=frozenset({"verified"}))[code].owed == 0
    assert rows(app, "agreements", theme_id=place.theme.id)[code].owed == 8
    assert rows(app, "agreements", theme_id=place.theme.id + 1)[code].of == 0


def test_on_a_day_they_are_what_had_been_made_and_verified(app, place):
    code, earlier = place.territory.code, clock.now() - timedelta(days=61)
    before = rows(app, "agreements", on=earlier.date() - DAY)[code]
    assert (before.owed, before.late, before.kept, before.of, before.percent) == (0, 0, 0, 0, None)
    yesterday = rows(app, "agreements", on=TODAY - 11 * DAY)[code]
    assert yesterday.late == 0 and yesterday.kept <= rows(app, "agreements")[code].kept
