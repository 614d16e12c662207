"""Stories told hour by hour, whichever was begun first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.cli.demo.diary import Diary
from app.core import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_what_happens_in_two_places_is_told_in_order_at_its_own_hour():
    told = []

    def story(name, *hours):
        for hour in hours:
            yield NOON + hour * HOUR
            told.append((name, clock.now()))

    diary = Diary(until=NOON + 10 * HOUR)
    diary.begin(story("late", 3, 5))
    diary.begin(story("early", 1, 4))
    diary.live()
    assert told == [(name, NOON + hour * HOUR) for name, hour in (("early", 1), ("late", 3), ("early", 4), ("late", 5))]


def test_nothing_happens_after_the_last_evening_nor_before_its_cause():
    told = []

    def child():
        yield NOON - 50 * HOUR
        told.append(("child", clock.now()))

    def parent():
        yield NOON
        diary.begin(child())
        yield NOON + 2 * HOUR
        told.append(("never", clock.now()))

    diary = Diary(until=NOON + HOUR)
    diary.begin(parent())
    diary.live()
    assert told == [("child", NOON)]
