"""Reads of imports: those made so far, the rows of one preview, what its map draws."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from app.core import crypto
from app.core.labels import local_name
from models.intake import ImportRow, ImportRun
from models.people import User
from models.territory import LEVEL_ORDER, Level, LevelRole, TerritorialUnit
from territories.units import map as drawn

# Beyond this many shapes the map draws them without a name each, and on a page of its own.
NAMED = 400
BACKGROUND = 400
MOST_DRAWN = 20_000


@dataclass(frozen=True)
class Told:
    """One row of a preview, opened."""

    id: int
    row: int | None
    outcome: str
    repaired: bool
    ambiguous: bool
    key: str
    name: str
    says: str


@dataclass(frozen=True)
class Drawn:
    """A map: the units above as ``background``, then one path per shape, or one per outcome when there are many."""

    view_box: str
    background: tuple[str, ...]
    shapes: tuple[tuple[str, str, str], ...]
    count: int
    counts: dict[str, int]


def run_of(session: Session, run_id: int) -> ImportRun | None:
    return session.get(ImportRun, run_id)


def who(session: Session, run: ImportRun) -> str | None:
    """The name of whoever brought the file."""
    return session.scalar(select(User.name).where(User.id == run.started_by))


def runs(kinds: list[str]) -> Select:
    """Imports of these kinds, each with who brought it."""
    return select(ImportRun, User.name.label("who")).outerjoin(User, User.id == ImportRun.started_by).where(ImportRun.kind.in_(kinds))


def rows_of(run: ImportRun) -> Select:
    """The rows of a preview, as they are kept."""
    return select(
        ImportRow.id, ImportRow.row, ImportRow.outcome, ImportRow.repaired, ImportRow.ambiguous, ImportRow.told
    ).where(ImportRow.run_id == run.id)


def opened(_session: Session, rows: list[Any]) -> list[Told]:
    """Rows with their words decrypted."""
    return [Told(row.id, row.row, row.outcome, row.repaired, row.ambiguous, **_words(row.told)) for row in rows]


def _words(told: bytes) -> dict[str, str]:
    plain = crypto.decrypt(told)
    return json.loads(plain) if plain is not None else {"key": "", "name": "", "says": ""}


def levels(session: Session) -> list[tuple[str, str]]:
    """Each level's role and its name in the page's language, from the root down."""
    known = {level.role: level for level in session.scalars(select(Level))}
    return [(str(role), local_name(known[role]) if role in known else str(role)) for role in LEVEL_ORDER]


def map_of(session: Session, run: ImportRun, *, at_most: int = MOST_DRAWN) -> Drawn | None:
    """What is new, moved and rejected, over the units of the level above; None for nothing, or for over ``at_most``."""
    drawing = select(ImportRow.outcome, ImportRow.outline, ImportRow.told).where(
        ImportRow.run_id == run.id, ImportRow.outline.is_not(None)
    )
    count = session.scalar(select(func.count()).select_from(drawing.subquery()))
    if not count or count > at_most:
        return None
    rows = session.execute(drawing.order_by(ImportRow.id)).all()
    behind = _above(session, (run.plan or {}).get("facts", {}).get("level"))
    drawing = drawn.draw([*behind, *(row.outline for row in rows)])
    if drawing is None:
        return None
    paths = drawing.paths[len(behind) :]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
    if count <= NAMED:
        shapes = [(row.outcome, path, _title(row.told)) for row, path in zip(rows, paths, strict=True) if path]
    else:
        shapes = [
            (outcome, "".join(path for row, path in zip(rows, paths, strict=True) if row.outcome == outcome), "") for outcome in counts
        ]
    return Drawn(drawing.view_box, tuple(path for path in drawing.paths[: len(behind)] if path), tuple(shapes), count, counts)


def _title(told: bytes) -> str:
    words = _words(told)
    return " ".join(part for part in (words["key"], words["name"]) if part)


def _above(session: Session, level: str | None) -> list[bytes]:
    """Outlines of the nearest level above that has some and not too many."""
    if level is None:
        return []
    unit, of_level = aliased(TerritorialUnit), aliased(Level)
    counts = dict(
        session.execute(select(of_level.role, func.count(unit.id)).join(unit, unit.level_id == of_level.id).group_by(of_level.role)).all()
    )
    upper = LEVEL_ORDER[: LEVEL_ORDER.index(LevelRole(level))]
    nearest = next((role for role in reversed(upper) if 0 < counts.get(role, 0) <= BACKGROUND), None)
    if nearest is None:
        return []
    outlines = select(unit.outline).join(of_level, unit.level_id == of_level.id)
    return list(session.scalars(outlines.where(of_level.role == nearest, unit.outline.is_not(None))))
