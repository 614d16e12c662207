"""Canaries: a mark of its own in every personal column of every row, planted by walking the register."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Enum, Float, Integer, LargeBinary, String, Table, insert, or_, select, update
from sqlalchemy.orm import Session

from app.core import clock, crypto
from app.core.personal import REGISTER, Form
from models import Base, EventText, Evidence
from models.base import Instant
from models.evidence import Moderation

TABLES = Base.metadata.tables
MARK = "zqcanary"
# Published on purpose once somebody looked at it: what nobody did, or what was hidden, must not be.
WITHHELD = {
    "event_text": or_(EventText.held, EventText.hidden_reason.is_not(None)),
    "evidence": Evidence.moderation != Moderation.VISIBLE,
}
# The database refuses to rewrite them: the scene writes them with the mark in every column.
WRITTEN_MARKED = {"event_text"}
# Nothing can be hidden in two letters.
TOO_SHORT = {("user_account", "language")}


def plant(session: Session) -> set[str]:
    """Make a row where a table has none, then put a canary into every column that could carry one; returns the columns."""
    planted, numbers = set(), itertools.count(1)
    for name, columns in REGISTER.items():
        table = TABLES[name]
        rows = _rows(session, table)
        for column, personal in columns.items():
            if personal.form is Form.TOTAL or (personal.open_when and name not in WITHHELD) or not _carries(table.c[column]):
                continue
            if (name, column) in TOO_SHORT:
                continue
            if name in WRITTEN_MARKED:
                assert all(MARK in getattr(row, column) for row in rows), f"the scene writes {name}.{column} with {MARK} in it"
                planted.add(f"{name}.{column}")
                continue
            for row in rows:
                found = {key.name: getattr(row, key.name) for key in table.primary_key}
                condition = [key == found[key.name] for key in table.primary_key]
                value = _value(table.c[column], f"{MARK}{next(numbers):05d}")
                session.execute(update(table).where(*condition).values({column: value}))
            planted.add(f"{name}.{column}")
    return planted


def _rows(session: Session, table: Table) -> list[Any]:
    wanted = select(table).where(WITHHELD[table.name]) if table.name in WITHHELD else select(table)
    if not session.execute(wanted).first():
        assert table.name not in WITHHELD, f"the scene needs a withheld row of {table.name}"
        _make(session, table)
    return list(session.execute(wanted))


def _make(session: Session, table: Table) -> None:
    session.execute(insert(table).values(dict(_least(session, table))))


def _least(session: Session, table: Table) -> Iterator[tuple[str, Any]]:
    """The values a row cannot do without; what it points at is made when there is none."""
    for column in table.columns:
        if column.nullable or column.default is not None or column.server_default is not None:
            continue
        if column.foreign_keys:
            target = next(iter(column.foreign_keys)).column
            if session.scalar(select(target).limit(1)) is None:
                _make(session, target.table)
            yield column.name, session.scalar(select(target).limit(1))
        elif not column.primary_key or not isinstance(column.type, Integer):
            yield column.name, _plain(column)


def _plain(column: Column) -> Any:
    kinds = (
        (Enum, lambda: next(iter(column.type.enums))), (String, lambda: "x"), (Boolean, lambda: False), (Integer, lambda: 1),
        (Float, lambda: 0.0), (Instant | DateTime, clock.now), (Date, lambda: date(2026, 1, 1)), (LargeBinary, lambda: b"x"),
        (JSON, dict),
    )
    return next(make() for kind, make in kinds if isinstance(column.type, kind))


def _carries(column: Column) -> bool:
    if isinstance(column.type, Enum) or column.foreign_keys:
        return False
    return isinstance(column.type, String | LargeBinary | JSON)


def _value(column: Column, canary: str) -> Any:
    if isinstance(column.type, LargeBinary):
        return crypto.encrypt(json.dumps(canary).encode())
    if isinstance(column.type, JSON):
        return [canary]
    assert column.type.length is None or column.type.length >= len(canary), f"{column}: say in TOO_SHORT that it holds no canary"
    return canary
