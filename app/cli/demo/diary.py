"""A past lived in order: each story says when it goes on, and the clock stands at that moment meanwhile.

The ledger is ordered by recording, so what happened in many places on one day must be told hour by hour.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Generator
from datetime import datetime

from app.core import clock

# Says the moment of its next act and is resumed there; it must say one before it does anything.
Story = Generator[datetime, None, None]


class Diary:
    """Stories waiting for their moment. Nothing is told at or after ``until`` (aware)."""

    def __init__(self, until: datetime):
        self._until = until
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._order = itertools.count()
        self._reached: datetime | None = None

    def begin(self, story: Story) -> None:
        """Take up a story; one may begin others while it is being told."""
        self._wait(story, next(story, None))

    def live(self, on_day: Callable[[datetime], None] = lambda moment: None) -> None:
        """Tell everything, earliest first. ``on_day`` hears of each new day (UTC)."""
        while self._waiting:
            moment, _order, story = heapq.heappop(self._waiting)
            if self._reached is None or moment.date() != self._reached.date():
                on_day(moment)
            self._reached = moment
            with clock.stopped_at(moment):
                upcoming = next(story, None)
            self._wait(story, upcoming)

    def _wait(self, story: Story, moment: datetime | None) -> None:
        if moment is None or moment >= self._until:
            story.close()
            return
        if self._reached is not None:
            moment = max(moment, self._reached)
        heapq.heappush(self._waiting, (moment, next(self._order), story))
