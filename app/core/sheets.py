"""Rows as a file for a spreadsheet: CSV (RFC 4180, UTF-8) and XLSX, a row at a time.

A text that a spreadsheet would run as a formula (it begins with = + - @ or a control character) gets an
apostrophe before it in CSV, where nothing else says that it is text; numbers and dates never do, or
they would stop being numbers. XLSX says of each cell what it is, so its texts stay as they were written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter

# A cell of XLSX holds no more; the library would leave a longer one out without a word.
LONGEST_CELL = 32_767
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: Any) -> str:
    """A value as a cell of CSV: dates as ISO 8601, nothing as empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_RUNS) else text


def csv_line(values: Iterable[Any]) -> str:
    """One line of CSV with its end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([cell(value) for value in values])
    return out.getvalue()


def write_csv(out: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write header and rows to ``out``, without a byte order mark."""
    out.write(csv_line(header).encode())
    for row in rows:
        out.write(csv_line(row).encode())


def write_xlsx(
    out: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str,
    about: tuple[str, Sequence[tuple[str, str]]] | None = None,
) -> None:
    """Write a workbook whose sheet ``name`` holds header and rows; moments are to come in local time.

    ``about``: the name of a second sheet, and pairs of words that say where the rows come from.
    """
    book = xlsxwriter.Workbook(
        out,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    bold = book.add_format({"bold": True})
    day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet(_sheet_name(name))
    sheet.freeze_panes(1, 0)
    for place, words in enumerate(header):
        sheet.set_column(place, place, max(14, min(40, len(words) + 4)))
        sheet.write_string(0, place, words, bold)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, datetime):
                sheet.write_datetime(number, place, value.replace(tzinfo=None), moment)
            elif isinstance(value, date):
                sheet.write_datetime(number, place, value, day)
            elif isinstance(value, bool):
                sheet.write_boolean(number, place, value)
            elif isinstance(value, int | float):
                sheet.write_number(number, place, value)
            else:
                sheet.write_string(number, place, str(value)[:LONGEST_CELL])
    if about is not None:
        second = book.add_worksheet(_sheet_name(about[0]))
        second.set_column(0, 1, 40)
        for number, (what, words) in enumerate(about[1]):
            second.write_string(number, 0, what, bold)
            second.write_string(number, 1, words[:LONGEST_CELL])
    book.close()


def _sheet_name(words: str) -> str:
    """``words`` as the name of a sheet: 31 letters, none of those that Excel refuses."""
    return "".join(" " if letter in "[]:*?/\\" else letter for letter in words).strip("' ")[:31] or "1"
