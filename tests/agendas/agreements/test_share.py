"""Late is computed; the share kept is one figure for everybody (DOMAIN.md 2, 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from agendas.agreements import share
from agendas.agreements.share import Share
from models import Agreement
from models.agreement import Move
from tests.factories import TODAY

DAY = timedelta(days=1)
STATES = (
    "proposed", "accepted", "in_progress", "reported_done", "disputed", "verified", "on_hold", "declined", "cancelled"
)


def dated(place, state, *, due, reported_on=TODAY):
    return place.agreement(state, due=due, reported_on=reported_on)


def test_python_and_sql_agree_on_every_state_and_side_of_the_date(place, world):
    with world.writing() as session:
        for state in STATES:
            for due in (TODAY - 5 * DAY, TODAY - DAY, TODAY, TODAY + DAY):
                for reported in (due - DAY, due, due + 2 * DAY):
                    place.agreement(state, due=due, reported_on=reported)
        rows = session.execute(
            select(
                Agreement, share.days_late(TODAY), share.is_late(TODAY), share.days_late(TODAY, Agreement.first_due)
            )
        ).all()
    assert len(rows) == len(STATES) * 12
    for agreement, days, late, first_days in rows:
        assert days == agreement.days_late(TODAY), agreement.state
        assert bool(late) == (agreement.days_late(TODAY) > 0), agreement.state
        assert first_days == agreement.days_past_first(TODAY)


def test_a_report_stops_the_clock_and_a_dispute_restarts_it_as_if_it_had_never_stopped(place, world):
    due = TODAY - 10 * DAY
    with world.writing() as session:
        agreement = place.agreement("in_progress", due=due)
        assert agreement.days_late(TODAY) == 10
        place.advance(session, agreement, Move.REPORT_DONE, reason="Hecho", on=due + 3 * DAY)
        assert agreement.days_late(TODAY) == 3
        place.advance(session, agreement, Move.DISPUTE, reason="No está")
        assert agreement.days_late(TODAY) == 10


def test_on_hold_stays_late_and_ended_agreements_are_not(place):
    due = TODAY - 4 * DAY
    assert place.agreement("on_hold", due=due).days_late(TODAY) == 4
    for state in ("verified", "declined", "cancelled"):
        assert place.agreement(state, due=due).days_late(TODAY) == 0


@pytest.mark.parametrize(
    ("state", "due", "reported", "kept", "of"),
    [
        ("verified", 0, 0, 1, 1),
        ("verified", 0, -1, 1, 1),
        ("verified", -1, 0, 0, 1),
        ("proposed", 0, 0, 0, 0),
        ("proposed", -1, 0, 0, 1),
        ("accepted", -1, 0, 0, 1),
        ("in_progress", -1, 0, 0, 1),
        ("in_progress", 3, 0, 0, 0),
        ("reported_done", 0, 0, 0, 0),
        ("reported_done", -3, -4, 0, 0),
        ("reported_done", -3, -2, 0, 1),
        ("disputed", -3, -4, 0, 1),
    ],
)
def test_share_by_hand(place, world, state, due, reported, kept, of):
    dated(place, state, due=TODAY + due * DAY, reported_on=TODAY + reported * DAY)
    with world.writing() as session:
        first = share.share_of_unit(session, place.block.id, TODAY).first
    assert (first.kept, first.of) == (kept, of)


def test_a_new_date_changes_the_second_figure_only(place, world):
    with world.writing() as session:
        agreement = place.agreement("accepted", due=TODAY - 5 * DAY)
        place.advance(session, agreement, Move.PLAN, reason="Lluvias", due=TODAY + 5 * DAY)
        place.advance(session, agreement, Move.REPORT_DONE, reason="Listo", on=TODAY)
        place.advance(session, agreement, Move.VERIFY)
        assert agreement.first_due == TODAY - 5 * DAY
        found = share.share_of_unit(session, place.territory.id, TODAY)
    assert found.first == Share(kept=0, of=1)
    assert found.current == Share(kept=1, of=1)


def test_what_is_on_hold_cancelled_or_declined_stands_beside(place, world):
    for state in ("verified", "on_hold", "cancelled", "declined", "declined"):
        place.agreement(state)
    with world.writing() as session:
        expected = Share(kept=1, of=1, on_hold=1, cancelled=1, declined=2)
        assert share.share_of_unit(session, place.territory.id, TODAY).first == expected
        assert share.share_of_body(session, place.owner.id, TODAY).first == expected
        assert share.share_of_body(session, place.other.id, TODAY).first == Share()
        assert share.share_of_unit(session, place.other_territory.id, TODAY).first == Share()


def test_shares_of_many_units_take_one_query(place, world):
    place.agreement("verified")
    with world.writing() as session:
        ids = [unit.id for level in place.units.values() for unit in level]
        found = share.shares_by_unit(session, ids, TODAY)
    assert set(found) == set(ids)
    assert found[place.units["root"][0].id].first == Share(kept=1, of=1)
    assert found[place.next_block.id].first == Share()


def test_percent_rounds_half_up_and_says_nothing_of_nothing():
    assert Share(kept=1, of=8).percent == 13
    assert Share(kept=2, of=3).percent == 67
    assert Share().percent is None
