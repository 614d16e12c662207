"""Keyset pages: the cursor is the last row's sort key, so that a page costs the same however deep."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from flask import json
from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import Session

Row = TypeVar("Row")
PAGE_SIZE = 25
MAX_PAGE_SIZE = 200
# What both databases can hold in a key.
LARGEST = 2**63 - 1


class BadCursor(ValueError):
    """The cursor was not made by us."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: list[Row]
    next: str | None


def encode(values: list[Any]) -> str:
    plain = json.dumps([v.isoformat() if isinstance(v, date | datetime) else v for v in values])
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def decode(cursor: str, kinds: list[type]) -> list[Any]:
    """The values in ``cursor``, each of its kind. Raises BadCursor."""
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(raw, list) or len(raw) != len(kinds):
            raise BadCursor(cursor)
        return [_value(kind, value) for kind, value in zip(kinds, raw, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as wrong:
        raise BadCursor(cursor) from wrong


def _value(kind: type, value: Any) -> Any:
    """``value`` as a ``kind``. Raises for what ``encode`` never writes: the databases would stumble over it."""
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)
    if kind is date:
        return date.fromisoformat(value)
    if type(value) is not kind or (kind is int and abs(value) > LARGEST) or (kind is str and "\0" in value):
        raise ValueError(value)
    return value


def keyset(
    session: Session, query: Select, keys: list[tuple[Any, bool, type]], *, cursor: str | None, size: int = PAGE_SIZE
) -> Page:
    """One page of ``query`` ordered by ``keys``: (column, descending, kind), the last one unique and
    none of them NULL. Rows carry their key values as ``_k0``, ``_k1``…; one row more is read to know
    whether another page follows.
    """
    columns = [column.label(f"_k{n}") for n, (column, _d, _k) in enumerate(keys)]
    ordered = query.add_columns(*columns).order_by(*[c.desc() if d else c.asc() for c, d, _k in keys])
    if cursor:
        values = decode(cursor, [kind for _c, _d, kind in keys])
        ordered = ordered.where(
            or_(
                *[
                    and_(
                        *[keys[before][0] == values[before] for before in range(n)],
                        keys[n][0] < values[n] if keys[n][1] else keys[n][0] > values[n],
                    )
                    for n in range(len(keys))
                ]
            )
        )
    size = max(1, min(size, MAX_PAGE_SIZE))
    rows = session.execute(ordered.limit(size + 1)).all()
    following = None
    if len(rows) > size:
        rows = rows[:size]
        following = encode([getattr(rows[-1], f"_k{n}") for n in range(len(keys))])
    return Page(list(rows), following)
