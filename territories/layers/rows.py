"""The rows of a layer as a list: the table that stands beside the map, page by page and as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Date, Float, Integer, Select, String, case, cast, column, select
from sqlalchemy.orm import Session

from app.core import fields
from app.core.filters import Filter
from app.core.i18n import _
from app.core.listing import FILE, PAGE, Column, Listing, Sort, ranked, shown
from models.base import Instant
from models.territory import TerritorialUnit
from territories.layers.levels import UNIT_FIELDS
from territories.layers.registry import Geometry, Layer, Scope

# Columns of the statement of ``rows_of``, by name alone: a list is declared before anybody has asked for a scope.
TIE = column("id", Integer)
_FOLDED = "name_folded"
OF = "of"
Link = Callable[[str, Any], str | None]


def rows_of(layer: Layer, scope: Scope) -> Select:
    """The rows of ``layer`` in ``scope``, one column for each field beside ``id``."""
    source = layer.source(scope)
    if layer.geometry is Geometry.AREA:
        # Names are listed as people look for them, whatever their accents, alike on both databases.
        source = source.add_columns(TerritorialUnit.search_name.label(_FOLDED))
    rows = source.subquery("layer_rows")
    return select(rows).select_from(rows)


def listing_of(layer: Layer, *, filters: Sequence[Filter], link: Link, empty: Any, size: int) -> Listing:
    """``layer`` as a list that starts in the order of its first column. ``link`` gives the address of what a field
    names (None: nothing has a page), by the field's name and its value; ``size`` is the rows of a page."""
    ordered = sorted(layer.fields, key=lambda one: one.name != head_of(layer))
    columns = tuple(_column(layer, one, link, whole=_whole_of(layer, one)) for one in ordered)
    return Listing(
        name=layer.name, title=layer.title, columns=columns, sort=next(one.key for one in columns if one.sort), tie=TIE,
        empty=empty, filters=tuple(filters), size=size, mark=lambda row: row.id,
    )


def head_of(layer: Layer) -> str:
    """The field that says which thing a row is."""
    names = [one.name for one in layer.fields]
    return "name" if "name" in names else names[0]


def named_by(layer: Layer) -> str | None:
    """The field whose value leads to the page of a row's thing."""
    return next((name for name in ("folio", "code") if any(one.name == name for one in layer.fields)), None)


def _whole_of(layer: Layer, field: fields.Column) -> str | None:
    """The field of which ``field`` is a part: one called ``of`` is the whole of the one declared before it."""
    names = [one.name for one in layer.fields]
    after = names.index(field.name) + 1
    return OF if after < len(names) and names[after] == OF else None


def _on(layer: Layer, field: fields.Column) -> frozenset[str]:
    """Where there is more to tell of a unit, what it is and where it lies is left to its page and to the file."""
    told = {one.name for one in UNIT_FIELDS}
    apart = told - {"name", "code"} if any(one.name not in told for one in layer.fields) else set()
    return FILE if field.name in {*apart, OF} else PAGE | FILE


def _column(layer: Layer, field: fields.Column, link: Link, *, whole: str | None) -> Column:
    name = field.name

    def part(row: Any) -> str:
        """As every page tells a share: numerator and denominator."""
        return _("%(part)s de %(whole)s", part=shown(value(row)), whole=shown(row._mapping[whole]))

    def value(row: Any) -> Any:
        found = field.read(row._mapping)
        return field.words(found) if field.words is not None and found is not None else found

    def address(row: Any) -> str | None:
        # The thing's own page is the link of its first column; the code beside it need not say it again.
        source = named_by(layer) if name == head_of(layer) else None if name == named_by(layer) else name
        return link(source, row._mapping[source]) if source is not None and row._mapping[source] is not None else None

    return Column(
        name, field.heading, value, sort=_sort(layer, field), link=address, on=_on(layer, field), show=part if whole else None
    )


def _sort(layer: Layer, field: fields.Column) -> Sort | None:
    name, nullable = field.name, not field.required
    if field.words is not None:
        rank = ranked(column(name, String), list(field.words)).expression
        return Sort(case((column(name, String).is_not(None), rank)), int, nullable=nullable)
    if name == "name" and layer.geometry is Geometry.AREA:
        return Sort(column(_FOLDED, String))
    match field.cell:
        case {"type": "string", "format": "date"}:
            return Sort(column(name, Date), date, nullable=nullable)
        case {"type": "string", "format": "date-time"}:
            return Sort(column(name, Instant), datetime, nullable=nullable)
        case {"type": "string"}:
            return Sort(column(name, String), nullable=nullable)
        case {"type": "integer"}:
            return Sort(column(name, Integer), int, nullable=nullable, descending=True)
        case {"type": "number"}:
            # Cast, or a whole number of SQLite would come back from its cursor as another kind.
            return Sort(cast(column(name), Float), float, nullable=nullable, descending=True)
        case {"type": "boolean"}:
            return Sort(case((column(name, Boolean), 1), else_=0), int, descending=True)
    return None


def values_of(session: Session, layer: Layer, scope: Scope, most: int) -> list[tuple[int, Any]]:
    """The number of each row and the value by which it is painted, of at most ``most`` rows; one query."""
    rows = rows_of(layer, scope).subquery()
    found = session.execute(select(rows.c.id, rows.c[layer.style.by]).limit(most))
    return [(number, _plain(value)) for number, value in found]


def row_of(session: Session, layer: Layer, scope: Scope, number: int) -> Any | None:
    """The row of that number, None when there is none in ``scope``; one query."""
    return session.execute(rows_of(layer, scope).where(column("id", Integer) == number)).first()


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
