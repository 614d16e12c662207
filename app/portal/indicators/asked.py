"""What the address of an indicator's page asks for, read against what there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select

from app.core.filters import Choice
from app.core.i18n import _
from models.territory import UNIT_CODE
from territories.indicators.periods import Period


def unchanged(query: Select, _value: object) -> Select:
    """Units, levels and periods narrow what is computed, not the rows of it."""
    return query


@dataclass(frozen=True)
class PeriodChoice(Choice):
    """A period, by any day: the last one begun by it. A day before the first period is no value of it."""

    periods: Sequence[Period] = ()

    def read(self, raw: str) -> str:
        day = date.fromisoformat(raw)
        if len(raw) != 10:
            raise ValueError(raw)
        found = next((period for period in self.periods if period.starts_on <= day), None)
        if found is None:
            raise ValueError(raw)
        return found.starts_on.isoformat()


@dataclass(frozen=True)
class UnitChoice(Choice):
    """A unit by its code; the field offers those of ``choices``, the address may name any other."""

    def read(self, raw: str) -> str:
        if not UNIT_CODE.fullmatch(raw):
            raise ValueError(raw)
        return raw

    def words(self, value: str) -> str:
        return self.choices.get(value, value)


def unit_choice(offices: Mapping[str, str], here: tuple[str, str] | None) -> UnitChoice:
    return UnitChoice("unit", _("Dónde"), {**offices, **(dict([here]) if here else {})}, unchanged)


def level_choice(levels: Mapping[str, str], default: str) -> Choice:
    return Choice("level", _("Nivel"), levels, unchanged, default=default)


def period_choice(words: Mapping[str, str], periods: Sequence[Period]) -> PeriodChoice:
    return PeriodChoice("on", _("Periodo"), words, unchanged, default=next(iter(words), None), periods=periods)
