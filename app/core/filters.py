"""What a list can be narrowed by: each filter says which values of an address it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from re import Pattern
from typing import Any

from sqlalchemy import Select

from app.core.formatters import short_day

LONGEST_WORDS = 100


@dataclass(frozen=True)
class Choice:
    """One of ``choices`` (value in the address: words). ``default`` holds when the address says nothing.

    ``tabs``: shown as a row of links above the list instead of a field.
    """

    key: str
    label: Any
    choices: Mapping[str, Any]
    narrow: Callable[[Select, Any], Select]
    default: str | None = None
    tabs: bool = False
    kind = "choice"

    def read(self, raw: str) -> str:
        if raw not in self.choices:
            raise ValueError(raw)
        return raw

    def words(self, value: str) -> str:
        return str(self.choices[value])


@dataclass(frozen=True)
class Flag:
    """Yes (``1``) or not said."""

    key: str
    label: Any
    narrow: Callable[[Select], Select]
    default = None
    kind = "flag"
    tabs = False

    def read(self, raw: str) -> str:
        if raw != "1":
            raise ValueError(raw)
        return raw

    def words(self, _value: str) -> str:
        return ""


@dataclass(frozen=True)
class Text:
    """Words, or a code of a ``pattern``. ``hidden`` comes only by link: it has a chip and no field."""

    key: str
    label: Any
    narrow: Callable[[Select, str], Select]
    pattern: Pattern | None = None
    hidden: bool = False
    default = None
    tabs = False

    @property
    def kind(self) -> str:
        return "hidden" if self.hidden else "text"

    def read(self, raw: str) -> str:
        said = raw.strip()
        if len(said) > LONGEST_WORDS or not said.isprintable() or (self.pattern and not self.pattern.fullmatch(said)):
            raise ValueError(raw)
        return said

    def words(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Day:
    """A day, ISO 8601 in the address; ``narrow`` gets a date."""

    key: str
    label: Any
    narrow: Callable[[Select, date], Select]
    default = None
    kind = "day"
    tabs = False

    def read(self, raw: str) -> str:
        return date.fromisoformat(raw).isoformat()

    def words(self, value: str) -> str:
        return short_day(date.fromisoformat(value))


Filter = Choice | Flag | Text | Day
