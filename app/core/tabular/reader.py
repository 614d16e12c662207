"""Reads a table somebody exported: CSV as spreadsheets write it, or one sheet of an XLSX workbook.

Nothing is executed or followed: a CSV is text, and a workbook's cells are read as the values it last showed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.core.search import fold
from app.core.tabular.sentences import NOTE, UNREADABLE

try:
    import python_calamine
except ImportError:  # the "xlsx" extra is not installed
    python_calamine = None

MB = 1024 * 1024
MAX_BYTES, MAX_UNPACKED = 20 * MB, 200 * MB
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 100_000, 200, 50_000
DELIMITERS = ",;\t|"
# What a spreadsheet shows for an error is no value of anybody's.
EXCEL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class UnreadableTable(Exception):
    """The file cannot be read as a table; ``str()`` is the sentence, with what to do."""

    def __init__(self, code: str, **figures: object):
        super().__init__(code)
        self.code, self.figures = code, figures

    def __str__(self) -> str:
        return str(UNREADABLE[self.code]) % self.figures


@dataclass(frozen=True, slots=True)
class Record:
    """One row: ``number`` as a spreadsheet shows it (the header is 1), cells trimmed, by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as read. ``sha256`` is that of the file as given; rows without a single value are left out."""

    filename: str
    sha256: str
    columns: tuple[str, ...]
    rows: tuple[Record, ...]
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The same for files with the same columns in the same order, whatever their accents and case."""
        return hashlib.sha256("\n".join(fold(column) for column in self.columns).encode()).hexdigest()


def read_table(content: bytes, filename: str, *, encoding: str | None = None, sheet: str | None = None) -> Table:
    """The table in ``content``; CSV or XLSX is told by the bytes, not by the name.

    ``encoding`` (of a CSV) is detected unless declared; ``sheet`` is the first of a workbook unless named.
    Raises UnreadableTable.
    """
    if not content.strip(b"\0\r\n\t "):
        raise UnreadableTable("empty")
    if len(content) > MAX_BYTES:
        raise UnreadableTable("too_big", limit=MAX_BYTES // MB)
    if content.startswith(OLD_EXCEL):
        raise UnreadableTable("old_excel")
    if content.startswith(ZIP):
        lines, notes = _workbook(content, sheet)
    else:
        text, notes = _text(content, encoding)
        lines = _csv(text)
    columns, rows, more = _table(lines)
    return Table(filename, hashlib.sha256(content).hexdigest(), columns, rows, (*notes, *more))


def _text(content: bytes, encoding: str | None) -> tuple[str, list[str]]:
    if encoding is not None:
        try:
            return content.decode(encoding).lstrip("\ufeff"), []
        except (UnicodeDecodeError, LookupError) as wrong:
            raise UnreadableTable("encoding", encoding=encoding) from wrong
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return content.decode("utf-16").lstrip("\ufeff"), []
        except UnicodeDecodeError as wrong:
            raise UnreadableTable("encoding", encoding="UTF-16") from wrong
    if b"\0" in content:
        raise UnreadableTable("not_a_table")
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    try:
        # What Windows calls ANSI; it differs from Latin-1 only where Latin-1 has no letters.
        text, name = content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        text, name = content.decode("latin-1"), "Latin-1"
    return text, [str(NOTE["encoding"]) % {"encoding": name}]


def _csv(text: str) -> Iterator[list[str]]:
    first = text.lstrip("\r\n")
    if first[:4].lower() == "sep=":
        # What Excel writes to tell itself the delimiter.
        head, _newline, text = first.partition("\n")
        delimiter = head[4:5] or ","
    else:
        delimiter = _delimiter(text)
    previous = csv.field_size_limit(MAX_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as wrong:
        raise UnreadableTable("quotes", row=reader.line_num) from wrong
    finally:
        csv.field_size_limit(previous)


def _delimiter(text: str) -> str:
    """The delimiter that occurs most in the header, outside quotes."""
    counts, quoted, seen = dict.fromkeys(DELIMITERS, 0), False, False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        elif letter in "\r\n" and not quoted:
            if seen:
                break
        else:
            seen = True
            if not quoted and letter in counts:
                counts[letter] += 1
    return max(DELIMITERS, key=lambda one: counts[one])


def _workbook(content: bytes, sheet: str | None) -> tuple[Iterable[list[str]], list[str]]:
    if python_calamine is None:
        raise UnreadableTable("no_excel")
    _check_unpacked(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
    except (python_calamine.CalamineError, OSError, ValueError) as wrong:
        raise UnreadableTable("not_a_table") from wrong
    if not names:
        raise UnreadableTable("empty")
    if sheet is not None and sheet not in names:
        raise UnreadableTable("no_sheet", sheet=sheet, sheets=", ".join(names[:20]))
    chosen = sheet or names[0]
    notes = [str(NOTE["sheet"]) % {"sheets": ", ".join(names[:20]), "sheet": chosen}] if len(names) > 1 and sheet is None else []
    try:
        page = book.get_sheet_by_name(chosen)
        if page.total_height > MAX_ROWS + 1:
            raise UnreadableTable("too_many_rows", limit=f"{MAX_ROWS:,}")
        if page.total_width > MAX_COLUMNS:
            raise UnreadableTable("too_many_columns", limit=MAX_COLUMNS)
        rows = page.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError) as wrong:
        raise UnreadableTable("broken") from wrong
    return ([_shown(cell) for cell in row] for row in rows), notes


def _check_unpacked(content: bytes) -> None:
    """A workbook is a ZIP: it is unpacked once, counting, so that a small file cannot fill the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if "[Content_Types].xml" not in packed.namelist():
                raise UnreadableTable("not_a_table")
            left = MAX_UNPACKED
            for part in packed.infolist():
                if part.flag_bits & 1:
                    raise UnreadableTable("broken")
                with packed.open(part) as stream:
                    while chunk := stream.read(MB):
                        left -= len(chunk)
                        if left < 0:
                            raise UnreadableTable("unpacks_too_big", limit=MAX_UNPACKED // MB)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as wrong:
        raise UnreadableTable("broken") from wrong


def _shown(cell: object) -> str:
    """A cell as text: whole numbers without a point (a key is not ``7.0``), days and hours as ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds()) // 60
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell)
    return "" if text in EXCEL_ERRORS else text


def _table(lines: Iterable[list[str]]) -> tuple[tuple[str, ...], tuple[Record, ...], list[str]]:
    columns: tuple[str, ...] = ()
    rows: list[Record] = []
    notes: list[str] = []
    for number, line in enumerate(lines, 1):
        cells = [_clean(cell) for cell in line]
        if not columns:
            if any(cells):
                columns = _columns(cells)
            elif number > 20:
                raise UnreadableTable("no_header")
            continue
        if not any(cells):
            continue
        if len(rows) == MAX_ROWS:
            raise UnreadableTable("too_many_rows", limit=f"{MAX_ROWS:,}")
        if any(cells[len(columns) :]) and len(notes) < 20:
            notes.append(str(NOTE["long_row"]) % {"row": number})
        for column, cell in zip(columns, cells, strict=False):
            if len(cell) > MAX_CELL:
                raise UnreadableTable("long_cell", row=number, column=column, limit=f"{MAX_CELL:,}")
        rows.append(Record(number, {name: cell for name, cell in zip(columns, cells, strict=False) if name}))
    if not columns:
        raise UnreadableTable("no_header")
    if not rows:
        raise UnreadableTable("no_rows")
    return tuple(name for name in columns if name), tuple(rows), notes


def _columns(cells: list[str]) -> tuple[str, ...]:
    """The header, trailing empty cells left out. A column without a name is not read; the second of a name is numbered."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    if len(cells) > MAX_COLUMNS:
        raise UnreadableTable("too_many_columns", limit=MAX_COLUMNS)
    names = [" ".join(cell.split())[:200] for cell in cells]
    for place, name in enumerate(names):
        number = 2
        while name and names[place] in names[:place]:
            names[place], number = f"{name} ({number})", number + 1
    return tuple(names)


def _clean(cell: str) -> str:
    """Without what no database keeps: PostgreSQL refuses NUL in a text."""
    return cell.replace("\0", "").replace("\u00a0", " ").strip()
