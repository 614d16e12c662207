"""How values and periods of indicators read."""

from __future__ import annotations

from babel.numbers import format_decimal
from flask_babel import get_locale

from app.core.formatters import month_and_year, short_day
from app.core.i18n import _
from app.core.labels import local_text
from models import Indicator
from territories.indicators import periods
from territories.indicators.periods import Period


def figure(indicator: Indicator, value: float) -> str:
    """A value with the decimals of its indicator: «1,815», «0.74»."""
    locale = get_locale()
    form = "#,##0" + ("." + "0" * indicator.decimals if indicator.decimals else "")
    return format_decimal(value, form, locale="es_MX" if locale.language == "es" else locale)


def measured(indicator: Indicator, value: float | None, *, withheld: bool = False) -> str:
    """A value with its unit of measure; in words where there is none or it may not be shown."""
    if withheld:
        return _("reservado")
    if value is None:
        return _("sin datos")
    return f"{figure(indicator, value)} {local_text(indicator, 'measure')}".strip()


def period_words(indicator: Indicator, period: Period) -> str:
    """«2010», «1.º trimestre de 2019», «mayo de 2023», «31 may 2024»."""
    return periods.words(indicator.frequency, period, month_and_year, short_day)
