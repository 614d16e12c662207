"""What people write in cells, and what it is taken for."""

from __future__ import annotations

from datetime import date, time

import pytest

from app.core.tabular import fields
from app.core.tabular.fields import Unfit
from models.assembly import Mode


@pytest.mark.parametrize(
    "raw, wanted",
    [("2024-12-31", date(2024, 12, 31)), ("31/12/2024", date(2024, 12, 31)), ("1.2.2024", date(2024, 2, 1)),
     ("31/12/2024 18:30", date(2024, 12, 31)), ("2024-12-31T18:30:00Z", date(2024, 12, 31)),
     ("5 de marzo de 2024", date(2024, 3, 5)), ("05-mar-2024", date(2024, 3, 5)), ("3 març 2024", date(2024, 3, 3)),
     ("12/31/2024", "which_day"), ("31/02/2024", "not_a_day"), ("hoy", "not_a_day"), ("3/4/24", "not_a_day"), ("45291", "not_a_day")],
)  # fmt: skip
def test_days(raw, wanted):
    if isinstance(wanted, date):
        assert fields.day(raw) == wanted
    else:
        with pytest.raises(Unfit) as wrong:
            fields.day(raw)
        assert wrong.value.code == wanted


@pytest.mark.parametrize(
    "raw, wanted",
    [("79", 79), ("1,200", 1200), ("1 200", 1200), ("79.0", 79), ("0", 0), ("-3", None), ("setenta", None), ("7.5", None), ("99999", None)],
)
def test_counts(raw, wanted):
    if wanted is None:
        with pytest.raises(Unfit):
            fields.count(50_000)(raw)
    else:
        assert fields.count(50_000)(raw) == wanted


@pytest.mark.parametrize("raw, wanted", [("18:30", time(18, 30)), ("6:30 pm", time(18, 30)), ("18 h", time(18)), ("12 a.m.", time(0))])
def test_hours(raw, wanted):
    assert fields.hour(raw) == wanted


@pytest.mark.parametrize("raw", ["25:00", "13 pm", "tarde"])
def test_what_is_no_hour(raw):
    with pytest.raises(Unfit):
        fields.hour(raw)


def test_lists_and_lines():
    assert fields.several("B1, B2;B2\nB3") == ("B1", "B2", "B3")
    assert fields.words(20)("Calle\tNogal\n12") == "Calle Nogal 12"
    assert fields.prose(100)("uno\t dos \r\n\n\n\ntres ") == "uno dos\n\ntres"
    with pytest.raises(Unfit):
        fields.words(3)("cuatro")


def test_choices_by_value_or_by_the_words_people_read(spoken_app):
    with spoken_app.app_context():
        pick = fields.choice(Mode, also={"zoom": Mode.ONLINE})
        assert [pick(said) for said in ("in_person", "PRESENCIAL", "Zoom")] == [Mode.IN_PERSON, Mode.IN_PERSON, Mode.ONLINE]
        with pytest.raises(Unfit) as wrong:
            pick("otra")
        assert "Presencial (in_person)" in wrong.value.figures["choices"]
