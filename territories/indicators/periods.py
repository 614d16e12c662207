"""The period a value is of, as tables write it: a year, a quarter, a month or a day."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from app.core.i18n import _
from app.core.search import fold
from models.indicator import Frequency

MONTHS = ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre")
_BY_NAME = {name[:3]: number for number, name in enumerate(MONTHS, 1)} | {"jan": 1, "apr": 4, "aug": 8, "dec": 12, "set": 9}
_YEAR = r"(?P<year>(?:19|20|21)\d\d)"
_FORMS = (
    (Frequency.DAY, rf"{_YEAR} (?P<month>0?[1-9]|1[0-2]) (?P<day>0?[1-9]|[12]\d|3[01])"),
    (Frequency.DAY, rf"(?P<day>0?[1-9]|[12]\d|3[01]) (?P<month>0?[1-9]|1[0-2]) {_YEAR}"),
    (Frequency.QUARTER, rf"{_YEAR} ?(?:t|q|trim|trimestre) ?(?P<quarter>[1-4])"),
    (Frequency.QUARTER, rf"{_YEAR} (?P<quarter>[1-4]) ?(?:t|q|trim|trimestre)"),
    (Frequency.QUARTER, rf"(?:t|q|trim|trimestre) ?(?P<quarter>[1-4]) ?(?:de )?{_YEAR}"),
    (Frequency.QUARTER, rf"(?P<quarter>[1-4]) ?(?:t|q|trim|(?:o|er|do|to)? ?trimestre) ?(?:de )?{_YEAR}"),
    (Frequency.MONTH, rf"{_YEAR} ?m?(?P<month>0?[1-9]|1[0-2])"),
    (Frequency.MONTH, rf"(?P<month>0?[1-9]|1[0-2]) {_YEAR}"),
    (Frequency.MONTH, rf"(?P<name>[a-z]{{3,10}}) (?:de )?{_YEAR}"),
    (Frequency.YEAR, rf"(?:ano )?{_YEAR}"),
)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From a day to a day, both counted."""

    starts_on: date
    ends_on: date

    def __str__(self) -> str:
        return f"{self.starts_on.isoformat()}/{self.ends_on.isoformat()}"


def year(number: int) -> Period:
    return Period(date(number, 1, 1), date(number, 12, 31))


def quarter(number: int, which: int) -> Period:
    last = which * 3
    return Period(date(number, last - 2, 1), date(number, last, monthrange(number, last)[1]))


def month(number: int, which: int) -> Period:
    return Period(date(number, which, 1), date(number, which, monthrange(number, which)[1]))


def read(text: str) -> tuple[Frequency, Period] | None:
    """The period that ``text`` is, whole: ``2010``, ``2019-T1``, ``1er trimestre de 2019``, ``2023-05``, ``mayo 2023``,
    ``2024-05-31``, ``31/05/2024``. None for anything else."""
    plain = " ".join(re.sub(r"[^a-z0-9]+", " ", fold(text)).split())
    for frequency, form in _FORMS:
        found = re.fullmatch(form, plain)
        if found is None:
            continue
        said = found.groupdict()
        number = int(said["year"])
        if frequency is Frequency.YEAR:
            return frequency, year(number)
        if frequency is Frequency.QUARTER:
            return frequency, quarter(number, int(said["quarter"]))
        which = int(said["month"]) if said.get("month") else _BY_NAME.get(said["name"][:3])
        if which is None:
            continue
        if frequency is Frequency.MONTH:
            return frequency, month(number, which)
        try:
            day = date(number, which, int(said["day"]))
        except ValueError:
            return None
        return frequency, Period(day, day)
    return None


def code(frequency: Frequency, period: Period) -> str:
    """The shortest that :func:`read` reads as ``period``: ``2010``, ``2019-T1``, ``2023-05``, ``2024-05-31``."""
    first = period.starts_on
    if frequency is Frequency.YEAR:
        return f"{first.year}"
    if frequency is Frequency.QUARTER:
        return f"{first.year}-T{(first.month + 2) // 3}"
    return f"{first:%Y-%m}" if frequency is Frequency.MONTH else first.isoformat()


def read_header(text: str) -> tuple[Frequency, Period] | None:
    """The period a column is of, by its header: ``2010``, ``pob_2010``, ``Delitos 2019-T1``. None for no period, or several."""
    words = re.sub(r"[^a-z0-9]+", " ", fold(text)).split()
    if sum(1 for word in words if re.match(r"(19|20|21)\d\d", word)) != 1:
        return None
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            found = read(" ".join(words[start:end]))
            if found is not None:
                return found
    return None


def words(frequency: Frequency, period: Period, month_and_year: Callable[[date], str], short_day: Callable[[date], str]) -> str:
    """As people read it: «2010», «1.º trimestre de 2019», «mayo de 2023», «31 may 2024»."""
    first = period.starts_on
    if frequency is Frequency.YEAR:
        return str(first.year)
    if frequency is Frequency.QUARTER:
        return _("%(quarter)s.º trimestre de %(year)s", quarter=(first.month + 2) // 3, year=first.year)
    return month_and_year(first) if frequency is Frequency.MONTH else short_day(first)
