"""Who leads a unit and when, one after another. No database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.core.tabular import Row


@dataclass(eq=False)
class Span:
    """The days of one lead: of a row of the list, or of a term that is here. ``ends_on`` is moved by ``line_up``;
    ``relieves`` are the terms that end the day before this begins."""

    starts_on: date
    ends_on: date | None
    row: Row | None = None
    term_id: int | None = None
    relieves: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Clash:
    """Two leads on the same days that no date can tell apart."""

    earlier: Span
    later: Span


def line_up(spans: Sequence[Span]) -> Iterator[Clash]:
    """End each lead the day before the next begins, where the list leaves the end open or relieves whoever is here;
    what cannot be settled so is a clash. Two terms that are here are left alone."""
    ordered = sorted(spans, key=lambda span: (span.starts_on, span.row is not None))
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        if earlier.row is None and later.row is None:
            continue
        if earlier.ends_on is not None and earlier.ends_on < later.starts_on:
            continue
        relieved = earlier.row is None and later.row is not None
        if earlier.starts_on == later.starts_on or not (relieved or earlier.ends_on is None):
            yield Clash(earlier, later)
            continue
        earlier.ends_on = later.starts_on - timedelta(days=1)
        if relieved:
            later.relieves.append(earlier.term_id)
