"""One lead after another, whatever order the list has them in."""

from __future__ import annotations

from datetime import date

import pytest

from app.admin.intake.leads import Span, line_up
from app.core.tabular import Row

JAN, MAR, JUN, DEC = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1), date(2026, 12, 31)


def row(number: int) -> Row:
    return Row(number, {})


def test_whoever_is_here_ends_the_day_before():
    here, new = Span(JAN, DEC, term_id=7), Span(MAR, None, row(2))
    assert not list(line_up([new, here]))
    assert here.ends_on == date(2026, 2, 28) and new.relieves == [7] and new.ends_on is None


def test_rows_line_up_by_their_dates():
    spans = [Span(JUN, None, row(3)), Span(JAN, None, row(2)), Span(MAR, date(2026, 5, 31), row(4))]
    assert not list(line_up(spans))
    assert [span.ends_on for span in spans] == [None, date(2026, 2, 28), date(2026, 5, 31)]


@pytest.mark.parametrize(
    "spans",
    [
        [Span(JAN, None, row(2)), Span(JAN, None, row(3))], [Span(JAN, JUN, row(2)), Span(MAR, None, row(3))],
        [Span(JAN, None, term_id=7), Span(JAN, None, row(2))], [Span(JAN, JUN, row(2)), Span(MAR, None, term_id=7)],
    ],
)
def test_what_no_date_settles_is_a_clash(spans):
    assert len(list(line_up(spans))) == 1
