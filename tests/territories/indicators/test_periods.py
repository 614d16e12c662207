"""Periods as tables of statistics write them."""

import pytest

from models.indicator import Frequency
from territories.indicators.periods import read, read_header


@pytest.mark.parametrize(("text", "frequency", "period"), [
    ("2010", Frequency.YEAR, "2010-01-01/2010-12-31"),
    ("2019-T1", Frequency.QUARTER, "2019-01-01/2019-03-31"),
    ("2019Q4", Frequency.QUARTER, "2019-10-01/2019-12-31"),
    ("1er trimestre de 2020", Frequency.QUARTER, "2020-01-01/2020-03-31"),
    ("3T2020", Frequency.QUARTER, "2020-07-01/2020-09-30"),
    ("2024-02", Frequency.MONTH, "2024-02-01/2024-02-29"),
    ("02/2024", Frequency.MONTH, "2024-02-01/2024-02-29"),
    ("mayo de 2023", Frequency.MONTH, "2023-05-01/2023-05-31"),
    ("2024-05-31", Frequency.DAY, "2024-05-31/2024-05-31"),
    ("31/05/2024", Frequency.DAY, "2024-05-31/2024-05-31"),
])  # fmt: skip
def test_a_period_is_read_as_it_is_written(text, frequency, period):
    found = read(text)
    assert found is not None and (found[0], str(found[1])) == (frequency, period)


@pytest.mark.parametrize("text", ["", "13/2024", "2024-T5", "30/02/2024", "trimestre", "Escuadrón 201", "1234", "2019-2020"])
def test_what_is_no_period_is_not_taken_for_one(text):
    assert read(text) is None


def test_a_column_is_of_the_period_its_header_names():
    assert str(read_header("pob_2010")[1]) == "2010-01-01/2010-12-31"
    assert str(read_header("Delitos 2019-T2")[1]) == "2019-04-01/2019-06-30"
    assert read_header("colonia") is None and read_header("cambio 2010-2020") is None
