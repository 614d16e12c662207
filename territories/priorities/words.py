"""A selection in words: its indicators, its conditions, its dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Flask

from app.core.formatters import day, month_and_year, number, short_day
from app.core.i18n import _, language
from models.indicator import Frequency
from territories.indicators import periods
from territories.indicators.periods import Period


def told(texts: Mapping[str, str]) -> str:
    """A text kept in three languages, in the page's; in Spanish where it was not translated."""
    return texts.get(language()) or texts["es"]


def figure(value: float | None, decimals: int = 2) -> str:
    """A value with its indicator's decimals; a dash where there is none."""
    return "–" if value is None else number(round(value, decimals))


def period(one: Mapping[str, Any]) -> str:
    """Of when the values of an indicator are."""
    if one["starts_on"] is None:
        return _("sin datos a esa fecha")
    of = Period(date.fromisoformat(one["starts_on"]), date.fromisoformat(one["ends_on"]))
    return periods.words(Frequency(one["frequency"]), of, month_and_year, short_day)


def bounds(condition: Mapping[str, Any]) -> str:
    """``population: at least 2,000``."""
    name, decimals = told(condition["name"]), condition["decimals"]
    least, most = (None if condition[key] is None else figure(condition[key], decimals) for key in ("at_least", "at_most"))
    if least is None:
        return _("%(name)s: a lo más %(most)s", name=name, most=most)
    if most is None:
        return _("%(name)s: al menos %(least)s", name=name, least=least)
    return _("%(name)s: de %(least)s a %(most)s", name=name, least=least, most=most)


def iso_day(text: str) -> str:
    """A day kept as ISO 8601, as people read it."""
    return day(date.fromisoformat(text))


def init_words(app: Flask) -> None:
    app.jinja_env.filters.update(told=told, weighed=figure, period_words=period, bounds_words=bounds, iso_day=iso_day)
