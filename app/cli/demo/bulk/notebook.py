"""Where rows wait to be written together, beside the entries of the chain that tell of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models import FolioCounter
from models.base import Base
from models.ledger import Batch

Row = TypeVar("Row", bound=Base)
BATCH = 4000


class Notebook(Batch):
    """Rows of an instance that nobody else is using: numbers are given here, and constraints speak when all is written.

    The chain goes out as it grows: all of it together would fill the memory.
    """

    def __init__(self, session: Session):
        super().__init__(session)
        self._rows: dict[type[Base], list[Base]] = defaultdict(list)
        self._plain: dict[type[Base], list[dict[str, Any]]] = defaultdict(list)
        self._last: dict[type[Base], int] = {}
        self._defaults: dict[type[Base], dict[str, Any]] = {}
        self._folios: dict[tuple[str, str, int], int] = {}

    def new(self, model: type[Row], **values: Any) -> Row:
        """A row with its number and its column defaults, to be written at the end."""
        row = model(**(self._defaults_of(model) | values))
        if "id" not in values and hasattr(model, "id"):
            row.id = self.number(model)
        self._rows[model].append(row)
        return row

    def note(self, model: type[Base], **values: Any) -> int:
        """A row that nobody looks at again, with every column given; returns its number."""
        values["id"] = self.number(model)
        self._plain[model].append(values)
        return values["id"]

    def link(self, model: type[Base], **values: Any) -> None:
        """A row whose key is made of others' keys."""
        self._plain[model].append(values)

    def number(self, model: type[Base]) -> int:
        if model not in self._last:
            self._last[model] = self._session.scalar(select(func.coalesce(func.max(model.id), 0)))
        self._last[model] += 1
        return self._last[model]

    def folio(self, prefix: str, short_code: str, year: int) -> str:
        """As ``next_folio``: counted by series, territory and year."""
        key = (prefix.strip("-") or "A", short_code, year)
        self._folios[key] = self._folios.get(key, 0) + 1
        return f"{prefix}{short_code}-{year}-{self._folios[key]:04d}"

    def write_all(self, on_progress: Callable[[int, int], None]) -> None:
        """Everything that waits, parents before children."""
        for (series, short_code, year), last in self._folios.items():
            self.link(FolioCounter, series=series, short_code=short_code, year=year, last=last)
        self.write(held=True)
        tables = {model.__table__: model for model in {*self._rows, *self._plain}}
        total = sum(len(self._rows[model]) + len(self._plain[model]) for model in tables.values())
        done = 0
        for table in Base.metadata.sorted_tables:
            model = tables.get(table)
            if model is None:
                continue
            for batch in (*_batches(self._plain.pop(model, [])), *(map(_values, batch) for batch in _batches(self._rows.pop(model, [])))):
                rows = list(batch)
                self._session.execute(insert(table), rows)
                done += len(rows)
                on_progress(done, total)
        self._catch_up()

    def _catch_up(self) -> None:
        """PostgreSQL numbers the next rows from where these end."""
        if self._session.get_bind().dialect.name != "postgresql":
            return
        for model, last in self._last.items():
            self._session.execute(select(func.setval(func.pg_get_serial_sequence(model.__tablename__, "id"), last)))

    def _defaults_of(self, model: type[Base]) -> dict[str, Any]:
        if model not in self._defaults:
            columns = model.__table__.columns
            self._defaults[model] = {column.key: column.default.arg for column in columns if column.default is not None}
        return self._defaults[model]


def _batches(rows: list) -> Iterable[list]:
    return (rows[start:start + BATCH] for start in range(0, len(rows), BATCH))


def _values(row: Base) -> dict[str, Any]:
    # Past the descriptors: what was never said of a new row is not in it, and is NULL.
    said = row.__dict__
    return {key: said.get(key) for key in _keys(type(row))}


@cache
def _keys(model: type[Base]) -> tuple[str, ...]:
    return tuple(column.key for column in model.__table__.columns)
