"""The shapes in which tables of figures come, made one: a row for each unit and period.

Wide: no column is the value, and each column whose header is a period («2010», «pob_2010», «2019-T1») is one of values.
Counting: each row is a part of what is counted (a crime, a kind of crime), and those of one place and period add up.
"""

from __future__ import annotations

from dataclasses import replace

from app.core.tabular import Options, Record, Table, Unfit
from app.core.tabular.fields import figure
from territories.indicators import periods

PERIOD, VALUE, PARTS = "· periodo", "· valor", "· renglones"
TOGETHER = "sum"
_OF_PERIOD = ("period", "year", "quarter", "month")


def reshape(table: Table, options: Options) -> tuple[Table, Options]:
    """``table`` with one row for each unit and period, and the options that fit it."""
    table, options = _long(table, options)
    return _summed(table, options) if options.constants.get("together") == TOGETHER else (table, options)


def period_columns(table: Table, options: Options) -> list[str]:
    """The columns of a wide table that hold values; none where another column does."""
    mapped = {name for name in options.mapping.values() if name}
    if "value" in mapped or options.constants.get("value") or mapped & set(_OF_PERIOD):
        return []
    return [column for column in table.columns if not options.mapping.get(column) and periods.read_header(column)]


def _long(table: Table, options: Options) -> tuple[Table, Options]:
    wide = period_columns(table, options)
    if not wide:
        return table, options
    rest = [column for column in table.columns if column not in wide]
    rows = []
    for record in table.rows:
        kept = {column: record.cells.get(column, "") for column in rest}
        # A row without any value is told of once, not lost.
        told = [column for column in wide if record.cells.get(column)] or wide[:1]
        rows += [Record(record.number, {**kept, PERIOD: _header(column), VALUE: record.cells.get(column, "")}) for column in told]
    mapping = {column: name for column, name in options.mapping.items() if column not in wide} | {PERIOD: "period", VALUE: "value"}
    return replace(table, columns=(*rest, PERIOD, VALUE), rows=tuple(rows)), replace(options, mapping=mapping)


def _header(column: str) -> str:
    """A header as a period that reads by itself."""
    return periods.code(*periods.read_header(column))


def _summed(table: Table, options: Options) -> tuple[Table, Options]:
    """Rows of the same place and period as one; one whose value cannot be read stays by itself, to be refused."""
    column_of = {name: column for column, name in options.mapping.items() if name}
    alike = [column_of[name] for name in ("indicator", "unit", "name", "context", *_OF_PERIOD) if name in column_of]
    value, each = column_of.get("value", ""), options.constants.get("value", "")
    sums: dict[tuple[str, ...], tuple[int, float, int]] = {}
    rows: list[Record] = []
    for record in table.rows:
        said = record.cells.get(value, "") or each
        key = tuple(record.cells.get(column, "") for column in alike)
        try:
            number = figure(said)
        except Unfit:
            number = None
        if number is None:
            rows.append(Record(record.number, {**dict(zip(alike, key, strict=True)), VALUE: said}))
            continue
        first, total, parts = sums.get(key, (record.number, 0.0, 0))
        sums[key] = first, total + number, parts + 1
    rows += [
        Record(first, {**dict(zip(alike, key, strict=True)), VALUE: f"{total:.12g}", PARTS: str(parts)})
        for key, (first, total, parts) in sums.items()
    ]
    mapping = {column: name for column, name in options.mapping.items() if column in alike} | {VALUE: "value", PARTS: "parts"}
    ordered = tuple(sorted(rows, key=lambda one: one.number))
    return replace(table, columns=(*alike, VALUE, PARTS), rows=ordered), replace(options, mapping=mapping)
