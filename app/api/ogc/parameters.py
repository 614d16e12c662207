"""The parameters of the OGC API, read and refused alike wherever they stand."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from app.api.contract import Parameter, Unreadable
from app.api.ogc import crs
from app.api.ogc.media import HTML_WORD, JSON_WORD
from app.core.fields import CODE, TEXT, Column, Schema
from app.core.pagination import BadCursor, decode
from models.territory import UNIT_CODE
from territories.layers.registry import Filter

DEFAULT_LIMIT, MAX_LIMIT = 10, 10_000
LONGEST, CQL2 = 2_000, "cql2-text"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_DAY = r"\d{4}-\d\d-\d\d"
_MOMENT = re.compile(rf"{_DAY}([Tt]\d\d:\d\d(:\d\d(\.\d{{1,9}})?)?([Zz]|[+-]\d\d:\d\d)?)?")


@dataclass(frozen=True)
class Interval:
    """From a moment to a moment, either of which may be open (None). An instant is both its ends."""

    start: datetime | None
    end: datetime | None


def read_format(text: str) -> str:
    if text not in (JSON_WORD, HTML_WORD):
        raise Unreadable(f"give {JSON_WORD} or {HTML_WORD}")
    return text


def read_limit(text: str) -> int:
    """A whole number from 1; a greater one than the server gives is not an error but its most (Part 1, 7.15.2)."""
    if not (text.isascii() and text.isdigit() and int(text[:20]) > 0):
        raise Unreadable(f"give a whole number from 1 to {MAX_LIMIT}")
    return min(int(text[:20]), MAX_LIMIT)


def read_bbox(text: str) -> tuple[float, ...]:
    """Four numbers: of six, the heights are left out, since nothing here has one."""
    parts = text.split(",", 6)
    numbers = tuple(float(part) for part in parts if _NUMBER.fullmatch(part.strip()))
    if len(numbers) != len(parts) or len(parts) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise Unreadable("give four or six numbers, by commas: the lower corner, then the upper one")
    return numbers if len(numbers) == 4 else (numbers[0], numbers[1], numbers[3], numbers[4])


def read_datetime(text: str) -> Interval:
    """RFC 3339: an instant, or an interval whose ends are open where they are ``..`` or empty."""
    ends = [_moment(part) for part in text.split("/", 2)]
    if len(ends) == 1 and ends[0] is not None:
        return Interval(ends[0], ends[0])
    if len(ends) != 2 or (ends[0] and ends[1] and ends[0] > ends[1]):
        raise Unreadable("give a day, a moment (RFC 3339) or an interval of two; .. is an open end")
    return Interval(*ends)


def _moment(text: str) -> datetime | None:
    if text in ("", ".."):
        return None
    if not _MOMENT.fullmatch(text):
        raise Unreadable("give a day or a moment as 2026-03-14 or 2026-03-14T18:00:00Z")
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Unreadable("there is no such moment") from wrong


def read_crs(text: str) -> crs.Crs:
    """Whether a collection has it is for whoever knows the municipality's own."""
    if text not in crs.KNOWN:
        raise Unreadable("the collection says which systems it has, under crs")
    return crs.KNOWN[text]


def read_cursor(text: str) -> int:
    try:
        [found] = decode(text, [int])
    except BadCursor as wrong:
        raise Unreadable("only the link called next has one") from wrong
    return found


def read_code(text: str) -> str:
    if not UNIT_CODE.fullmatch(text):
        raise Unreadable("give the code of a unit")
    return text


def read_day(text: str) -> date:
    try:
        if re.fullmatch(_DAY, text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Unreadable("give a day as 2026-03-14")


def read_text(text: str) -> str:
    if len(text) > LONGEST:
        raise Unreadable(f"give at most {LONGEST} letters")
    return text


def read_language(text: str) -> str:
    if text != CQL2:
        raise Unreadable(f"filters are written in {CQL2}")
    return text


def of_field(field: Column) -> Parameter:
    """A field of a layer as a parameter: only what has this value (Part 3, 6.2)."""
    return Parameter(field.name, field.cell, str(field.meaning), partial(_cell, field.cell))


def _cell(schema: Schema, text: str) -> Any:
    """The value of a cell. Raises Unreadable for one that no cell can have."""
    if "enum" in schema and text not in schema["enum"]:
        raise Unreadable(f"give one of {', '.join(schema['enum'])}")
    if schema["type"] == "boolean":
        if text not in ("true", "false"):
            raise Unreadable("give true or false")
        return text == "true"
    if schema["type"] in ("integer", "number"):
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(number):
            raise Unreadable("give a number")
        return number
    if schema.get("format") == "date":
        return read_day(text)
    if schema.get("format") == "date-time":
        return _moment(text) or _refuse("give a moment as 2026-03-14T18:00:00Z")
    if "pattern" in schema and not re.search(schema["pattern"], text):
        raise Unreadable("no value is written like this")
    return read_text(text)


def _refuse(sentence: str) -> None:
    raise Unreadable(sentence)


FORMAT = Parameter(
    "f", {"type": "string", "enum": [JSON_WORD, HTML_WORD]}, "How the answer is written; goes before Accept.", read_format
)
LIMIT = Parameter(
    "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}, "Features in a page.", read_limit,
)
BBOX = Parameter(
    "bbox", {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
    "Only what has a point in common with this box: lower corner, upper corner, in CRS84 unless bbox-crs says otherwise.", read_bbox,
)
BBOX_CRS = Parameter("bbox-crs", {"type": "string", "format": "uri"}, "The system of bbox.", read_crs)
DATETIME = Parameter(
    "datetime", TEXT,
    "As it was on this day; of an interval, at its end. Layers without a history are the same at any time.", read_datetime,
)
CRS = Parameter("crs", {"type": "string", "format": "uri"}, "The system of the coordinates in the answer.", read_crs)
CURSOR = Parameter("cursor", TEXT, "Where a page begins: follow the link called next, its value is nobody's to write.", read_cursor)
WITHIN = Parameter("within", CODE, "Only what lies in the unit of this code, or is it.", read_code)
NARROWING = {
    Filter.THEME: Parameter("theme", TEXT, "Only what is of the theme of this code, or counted for it.", read_text),
    Filter.STATE: Parameter("state", TEXT, "Only what is in this state, or in one of several, by commas.", read_text),
}
FILTER = Parameter("filter", TEXT, "A condition over the queryables.", read_text)
FILTER_LANG = Parameter("filter-lang", {"type": "string", "enum": [CQL2], "default": CQL2}, "The language of filter.", read_language)
FILTER_CRS = Parameter("filter-crs", {"type": "string", "format": "uri"}, "The system of coordinates in filter.", read_crs)
SYSTEMS = (CRS, BBOX_CRS, FILTER_CRS)
