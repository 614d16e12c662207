"""What columns of published files hold, for programs (Table Schema, https://datapackage.org) and for people."""

from __future__ import annotations

from typing import Any

from app.core.fields import Column
from app.core.i18n import LANGUAGES, SOURCE, force_locale, lazy

LICENCE = {
    "name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0 International",
}
KINDS = {
    "date": lazy("fecha"), "date-time": lazy("fecha y hora"), "uri": lazy("dirección"), "integer": lazy("número entero"),
    "number": lazy("número"), "boolean": lazy("sí o no: true, false"), "string": lazy("texto"),
}
_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "string": "string"}
_FORMATS = {"date": ("date", "default"), "date-time": ("datetime", "%Y-%m-%dT%H:%M:%S.%fZ"), "uri": ("string", "uri")}


def kind_words(column: Column) -> str:
    """What a cell holds, in words."""
    cell = column.cell
    return str(KINDS.get(cell.get("format")) or KINDS[cell["type"]])


def in_all(words) -> dict[str, str]:
    """A sentence in each language."""
    found = {}
    for code in LANGUAGES:
        with force_locale(code):
            found[code] = str(words)
    return found


def table_field(column: Column) -> dict[str, Any]:
    """A column as a field of Table Schema, described in each language."""
    cell = column.cell
    kind, pattern = _FORMATS.get(cell.get("format", ""), (_TYPES[cell["type"]], "default"))
    limits: dict[str, Any] = {name: cell[name] for name in ("enum", "minimum", "pattern") if name in cell}
    if column.required and column.cell != {"type": "string"}:
        limits["required"] = True
    with force_locale(SOURCE):
        told = {"name": column.name, "type": kind, "format": pattern, "description": str(column.meaning)}
    return told | {"descriptions": in_all(column.meaning)} | ({"constraints": limits} if limits else {})
