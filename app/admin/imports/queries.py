"""Reads of imports: those made so far, the rows of one preview, what its map draws."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from app.core import crypto
from app.core.i18n import lazy
from app.core.labels import local_name
from models.intake import ImportRow, ImportRun, RunState
from models.people import User
from models.territory import LEVEL_ORDER, Level, LevelRole, TerritorialUnit
from territories.units.reshape.drawing import NAMED, Picture, Shape, What, picture

BACKGROUND = 400
AT_ONCE = 500
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


WORDS = {
    What.NEW: lazy("nuevas"), What.CHANGED: lazy("cambian"), What.UNCHANGED: lazy("sin cambios"),
    What.MISSING: lazy("no vienen en el archivo"), What.REJECTED: lazy("rechazadas"),
}  # fmt: skip


def map_of(session: Session, run: ImportRun, *, at_most: int = MOST_DRAWN) -> Picture | None:
    """What becomes of each unit, the borders that would move dashed, over the units of the level above; None for
    nothing, or for over ``at_most``."""
    drawing = select(ImportRow.outcome, ImportRow.outline, ImportRow.told).where(
        ImportRow.run_id == run.id, ImportRow.outline.is_not(None)
    )
    count = session.scalar(select(func.count()).select_from(drawing.subquery()))
    if not count or count > at_most:
        return None
    rows = session.execute(drawing.order_by(ImportRow.id)).all()
    shapes = [Shape(What(row.outcome), row.outline, _title(row.told) if count <= NAMED else "") for row in rows]
    behind = _above(session, (run.plan or {}).get("facts", {}).get("level"))
    moved = [row.told for row in rows if row.outcome == What.CHANGED] if run.state is not RunState.DONE else []
    return picture(shapes, before=_before(session, moved), behind=behind, words=WORDS)


def _before(session: Session, moved: list[bytes]) -> list[bytes]:
    """The present outlines of units that would change."""
    keys, found = [_words(told)["key"].lower() for told in moved], []
    for start in range(0, len(keys), AT_ONCE):
        here = TerritorialUnit.code_key.in_(keys[start : start + AT_ONCE])
        found += session.scalars(select(TerritorialUnit.outline).where(here, TerritorialUnit.outline.is_not(None)))
    return found


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
