"""How days, hours and numbers read on the page, in its language and the municipality's zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.numbers import format_decimal
from flask import Flask, g
from flask_babel import get_locale

from app.core.transaction import read_session
from models.settings import setting


def zone() -> ZoneInfo:
    """The municipality's time zone, read once per request."""
    if "zone" not in g:
        g.zone = ZoneInfo(setting(read_session(), "time_zone"))
    return g.zone


def day(value: date | datetime) -> str:
    """``14 de marzo de 2026``"""
    return format_date(_local_day(value), "long", get_locale())


def short_day(value: date | datetime) -> str:
    """``14 mar 2026``"""
    return format_date(_local_day(value), "medium", get_locale())


def weekday(value: date | datetime) -> str:
    """``sábado, 14 de marzo de 2026``"""
    return format_date(_local_day(value), "full", get_locale())


def moment(value: datetime) -> str:
    """``14 mar 2026, 17:30``"""
    return format_datetime(value.astimezone(zone()), "d MMM y, HH:mm", locale=get_locale())


def hour(value: datetime) -> str:
    """``17:30``"""
    return format_time(value.astimezone(zone()).time(), "HH:mm", locale=get_locale())


def month(value: datetime) -> str:
    """``mar``"""
    return format_date(_local_day(value), "MMM", get_locale()).rstrip(".")


def month_and_year(value: date) -> str:
    """``marzo de 2026``"""
    return format_skeleton("yMMMM", value, locale=get_locale())


def day_number(value: datetime) -> str:
    return str(_local_day(value).day)


def weekday_name(value: datetime) -> str:
    """``sábado``"""
    return format_date(_local_day(value), "EEEE", get_locale())


def number(value: int | float, *, exact: bool = False) -> str:
    """``2,086.5``; with at most three decimals unless all of them are asked for."""
    # Spanish without a country groups as Spain does: 2.086 would read as two and a fraction in Mexico.
    locale = get_locale()
    return format_decimal(value, locale="es_MX" if locale.language == "es" else locale, decimal_quantization=not exact)


def weight(size: int) -> str:
    """Bytes as people read them: ``240 kB``, ``1.4 MB``."""
    if size < 1_000_000:
        return f"{number(max(1, round(size / 1000)))}\u00a0kB"
    return f"{number(round(size / 1_000_000, 1))}\u00a0MB"


def _local_day(value: date | datetime) -> date:
    return value.astimezone(zone()).date() if isinstance(value, datetime) else value


def init_formatters(app: Flask) -> None:
    app.jinja_env.filters.update(
        day=day, short_day=short_day, weekday=weekday, moment=moment, hour=hour, number=number,
        month=month, month_and_year=month_and_year, day_number=day_number, weekday_name=weekday_name, weight=weight,
    )
