"""The ranking of units by an indicator, as a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from flask import url_for
from sqlalchemy import Float, Integer, String, cast, column

from app.core.filters import Filter
from app.core.i18n import _
from app.core.labels import local_name
from app.core.listing import FILE, PAGE, Column, Listing, Sort
from app.portal.indicators.queries import Ranked, Shown, with_lines
from territories.indicators.words import measured

# Those of a borough fit on one page, and are one query less.
SIZE = 200


def ranking(shown: Shown, filters: Sequence[Filter], days: Sequence[date], unit_word: str) -> Listing:
    """Greatest value first, no data last; ``days`` are those of the line of each row."""
    indicator = shown.indicator
    columns = [
        Column("name", unit_word, lambda row: row.name, sort=Sort(column("search_name", String)), link=_page),
        Column("code", _("Clave"), lambda row: row.code, on=FILE),
        Column("place", _("Lugar"), lambda row: row.place, show=_place),
        # Cast, or a whole number of SQLite would come back from its cursor as another kind.
        Column(
            "value", local_name(indicator), lambda row: row.value,
            sort=Sort(cast(column("value"), Float), float, nullable=True, descending=True),
            show=lambda row: measured(indicator, row.value, withheld=row.withheld),
        ),
    ]
    if shown.role is not indicator.role:
        columns.append(Column("covered", _("Con dato"), lambda row: row.covered, show=_covered, on=PAGE))
        columns += [
            Column("with_data", _("Unidades con dato"), lambda row: row.covered, on=FILE),
            Column("units", _("Unidades"), lambda row: row.parts, on=FILE),
        ]
    if len(days) > 1:
        columns.append(Column("trend", _("Cómo ha ido"), lambda row: "", on=PAGE))
    return Listing(
        name=f"indicator-{indicator.code}", title=local_name(indicator), columns=tuple(columns), filters=tuple(filters), sort="-value",
        tie=column("id", Integer), size=SIZE, empty=_("Aquí no hay unidades de este nivel."),
        enrich=partial(_enriched, shown, days),
    )


def _enriched(shown: Shown, days: Sequence[date], session, rows) -> list[Ranked]:
    return with_lines(session, shown, rows, days)


def _page(row: Ranked) -> str:
    return url_for("units.unit", code=row.code)


def _place(row: Ranked) -> str:
    if row.place is None:
        return "—"
    return _("%(place)s.º, empate", place=row.place) if row.ties > 1 else _("%(place)s.º", place=row.place)


def _covered(row: Ranked) -> str:
    return _("%(covered)s de %(parts)s", covered=row.covered, parts=row.parts)
