"""Keyset pages: the cursor is the last row's sort key, so that a page costs the same however deep."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from flask import json
from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import Session

Row = TypeVar("Row")
PAGE_SIZE = 25
MAX_PAGE_SIZE = 200


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
        return [
            kind.fromisoformat(value) if kind in (date, datetime) else kind(value)
            for kind, value in zip(kinds, raw, strict=True)
        ]
    except (ValueError, TypeError, binascii.Error) as wrong:
        raise BadCursor(cursor) from wrong


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
