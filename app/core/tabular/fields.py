"""What a kind of table is made of, and how a cell's text becomes a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any

from flask_babel import get_locale

from app.core.labels import label
from app.core.search import fold
from app.core.tabular.sentences import CELL

SHOWN_OF_A_CELL = 60
# Folded: «N/D», «s/d», «–».
NO_DATA = frozenset({"", "nd", "n d", "na", "n a", "sd", "s d", "sin dato", "sin datos", "no disponible", "null", "nan", "none"})


class Unfit(Exception):
    """A cell's text is no value of its field; ``code`` names the sentence of CELL."""

    def __init__(self, code: str, **figures: object):
        super().__init__(code)
        self.code, self.figures = code, figures


@dataclass(frozen=True)
class Problem:
    """Why a row is refused. ``sentence`` is lazy, ``str()`` says it in the reader's language.

    ``field`` is the name of the field it is about, where it is about one.
    """

    code: str
    sentence: object
    figures: Mapping[str, object] = ()  # type: ignore[assignment]
    field: str | None = None

    def __str__(self) -> str:
        return str(self.sentence) % {key: str(value) for key, value in dict(self.figures).items()}


@dataclass(frozen=True)
class Field:
    """One datum of a kind. ``parse`` takes a trimmed text that is not empty and returns the value, or raises Unfit.

    ``aliases`` are headers it is recognised by, folded when compared. ``personal``: neither previews nor lists of
    errors repeat it. ``constant``: one value may be given for all rows, used where a row says nothing; ``choices`` of a
    read session are what it may be, as (value, words), where there are not many. ``asked``: False for what only the kind
    itself fills in.
    """

    name: str
    label: object
    parse: Callable[[str], Any]
    required: bool = False
    aliases: tuple[str, ...] = ()
    example: str = ""
    personal: bool = False
    constant: bool = True
    shown: bool = True
    choices: Callable[[Any], Sequence[tuple[str, str]]] | None = None
    asked: bool = True

    def read(self, raw: str) -> Any:
        """The value of ``raw``, None for an empty one. Raises Unfit."""
        return self.parse(raw) if raw else None

    def refused(self, wrong: Unfit, raw: str) -> Problem:
        """The problem ``wrong`` is, its value left out where it is somebody's."""
        figures = {"field": self.label, **wrong.figures}
        code = wrong.code
        if "%(value)s" in str(CELL[code]):
            figures["value"] = "…" if self.personal else shortened(raw)
        return Problem(code, CELL[code], figures, self.name)


def shortened(text: str, most: int = SHOWN_OF_A_CELL) -> str:
    """One line of at most ``most`` letters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def words(most: int) -> Callable[[str], str]:
    """One line of text of at most ``most`` letters: line breaks and tabs become spaces."""

    def parse(raw: str) -> str:
        line = " ".join(raw.split())
        if len(line) > most:
            raise Unfit("too_long", limit=most)
        return line

    return parse


def prose(most: int) -> Callable[[str], str]:
    """Text that keeps its line breaks, of at most ``most`` letters."""

    def parse(raw: str) -> str:
        lines = [re.sub(r"[^\S\n]+", " ", line).strip() for line in raw.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
        if len(text) > most:
            raise Unfit("too_long", limit=most)
        return text

    return parse


def count(most: int) -> Callable[[str], int]:
    """A whole number from 0 to ``most``: ``1 200``, ``1,200`` and ``79.0`` are read as people mean them."""

    def parse(raw: str) -> int:
        plain = re.sub(r"(?<=\d)[ ,.'](?=\d{3}(?!\d))", "", raw)
        plain = re.sub(r"[.,]0+$", "", plain)
        if not re.fullmatch(r"\d{1,12}", plain):
            raise Unfit("not_a_number")
        if int(plain) > most:
            raise Unfit("too_great", limit=f"{most:,}")
        return int(plain)

    return parse


def figure(raw: str) -> float | None:
    """A number as statistics write it: ``1,234.5``, ``1 234,5``, ``-0.7``, ``12.5 %``. What stands for no data reads as None."""
    if fold(raw) in NO_DATA:
        return None
    plain = re.sub(r"[\s%'\u00a0\u202f]", "", raw).replace("\u2212", "-")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"-?\d{1,3}(\.\d{3})+,\d+", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d+,\d+", plain):
        plain = plain.replace(",", ".")
    if not re.fullmatch(r"-?(\d{1,15}(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?", plain):
        raise Unfit("not_a_figure")
    return float(plain)


_MONTHS = {
    month: number
    for number, months in enumerate(
        (
            "ene enero jan january gener janvier", "feb febrero february febrer fevrier", "mar marzo march marc mars",
            "abr abril apr april avril", "may mayo maig mai", "jun junio june juny juin", "jul julio july juliol juillet",
            "ago agosto aug august agost aout", "sep sept septiembre september setembre septembre",
            "oct octubre october octobre", "nov noviembre november novembre", "dic diciembre dec december desembre decembre",
        ), 1,
    )
    for month in months.split()
}  # fmt: skip


def day(raw: str) -> date:
    """A date written year first, or day first as in Mexico (``31/12/2024``), or with the month's name.

    Month first is refused when it can be told (``12/31/2024``): in the same file ``03/04/2024`` would be read wrong.
    """
    text = raw.strip()
    text = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", text)
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text):
        return _date(*map(int, found.groups()))
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text):
        first, second, year = map(int, found.groups())
        if second > 12 >= first:
            raise Unfit("which_day")
        return _date(year, second, first)
    if found := re.fullmatch(r"(\d{1,2})(?: de)?[ -/]([a-z]+)(?: del?)?[ -/,](\d{4})", " ".join(fold_words(text))):
        number, month, year = found.groups()
        if month in _MONTHS:
            return _date(int(year), _MONTHS[month], int(number))
    raise Unfit("not_a_day")


def fold_words(text: str) -> list[str]:
    return fold(text).split()


def _date(year: int, month: int, number: int) -> date:
    if not 1900 <= year <= 2200:
        raise Unfit("not_a_day")
    try:
        return date(year, month, number)
    except ValueError as wrong:
        raise Unfit("not_a_day") from wrong


def hour(raw: str) -> time:
    """``18:30``, ``18:30:00``, ``18 h``, ``6:30 pm``."""
    found = re.fullmatch(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?\s*(?:h|hrs?\.?|horas)?\s*([ap])?\.?\s*m?\.?", raw.strip().lower())
    if not found:
        raise Unfit("not_an_hour")
    hours, minutes, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hours <= 12:
        raise Unfit("not_an_hour")
    if half:
        hours = hours % 12 + (12 if half == "p" else 0)
    if hours > 23 or minutes > 59:
        raise Unfit("not_an_hour")
    return time(hours, minutes)


def email(raw: str) -> str:
    """An address in lower case."""
    text = raw.strip().lower()
    name, _at, domain = text.partition("@")
    if not name or "." not in domain or re.search(r"[\s,;<>]", text) or "@" in domain or len(text) > 254:
        raise Unfit("not_an_email")
    return text


def several(raw: str) -> tuple[str, ...]:
    """Codes one after another, separated by commas, semicolons, bars or line breaks; each once."""
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[,;|\n]", raw) if part.strip()))


def choice(members: Sequence[StrEnum] | type[StrEnum], *, also: Mapping[str, StrEnum] | None = None) -> Callable[[str], StrEnum]:
    """One of an enumeration, by its value or by the words people read for it; ``also`` are other words, folded."""

    known: dict[str, dict[str, StrEnum]] = {}

    def parse(raw: str) -> StrEnum:
        language = get_locale().language
        if language not in known:
            named = {fold(label(member)): member for member in reversed(tuple(members))}
            known[language] = named | {fold(str(member)): member for member in members} | dict(also or {})
        found = known[language].get(fold(raw))
        if found is None:
            raise Unfit("not_a_choice", choices=", ".join(f"{label(member)} ({member})" for member in members))
        return found

    return parse
