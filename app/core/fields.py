"""How a field of what Cuadra publishes is declared: its JSON Schema, its meaning, the columns it has in a flat file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.territory import UNIT_CODE

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
ADDRESS: Schema = {"type": "string", "format": "uri"}
CODE: Schema = {"type": "string", "pattern": f"^{UNIT_CODE.pattern}$"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def one_of(values: type[StrEnum] | tuple[StrEnum, ...]) -> Schema:
    return {"type": "string", "enum": [str(value) for value in values]}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


@dataclass(frozen=True)
class Column:
    """One column of a flat file. ``schema`` is that of its cells, ``words`` the kind whose values have
    words for people, ``read`` takes the cell's value out of the object that the API gives, ``title`` heads it on a page."""

    name: str
    schema: Schema
    meaning: Any
    read: Callable[[Mapping[str, Any]], Any]
    words: type[StrEnum] | None = None
    title: Any = None

    @property
    def heading(self) -> str:
        """Its title, else the first sentence of what it means."""
        return str(self.title or str(self.meaning).split(".")[0])

    @property
    def cell(self) -> Schema:
        """The schema of a cell that is not empty."""
        return self.schema["anyOf"][0] if "anyOf" in self.schema else self.schema

    @property
    def required(self) -> bool:
        return "anyOf" not in self.schema


class Field:
    """One field of an object. Without ``columns`` it is a column of its own name; ``columns=()`` keeps it out of flat files."""

    def __init__(
        self, name: str, schema: Schema, meaning: Any, *, words: type[StrEnum] | None = None, columns: tuple[Column, ...] | None = None
    ):
        self.name, self.schema, self.meaning = name, schema, meaning
        self.columns = (Column(name, schema, meaning, lambda row: row[name], words),) if columns is None else columns


def columns_of(fields: tuple[Field, ...]) -> tuple[Column, ...]:
    """The columns of a flat file of ``fields``."""
    return tuple(column for field in fields for column in field.columns)


def object_of(fields: tuple[Field, ...]) -> Schema:
    """The JSON Schema of an object that always has all of ``fields``."""
    return {"type": "object", "required": [one.name for one in fields], "properties": {one.name: one.schema for one in fields}}
