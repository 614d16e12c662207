"""What other systems call a unit: our own code, the key of each source, an Open Civic Data style id.

The code is ours: given once, never changed, never given again, not even after the unit is no more. A source's key is what
its file calls the unit (the electoral institute's, the statistics office's), kept for each source. The Open Civic Data id
(https://open-civic-data.readthedocs.io/en/latest/proposals/0002.html) is made from the path, so that it says where a unit
lies and changes when it comes to lie elsewhere: ``ocd-division/country:mx/municipality:09007/territory:07-001``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ScalarSelect, delete, func, insert, select
from sqlalchemy.orm import Session

from models.intake import ExternalKey
from models.settings import setting
from models.territory import Level, LevelRole, TerritorialUnit

TYPES = {
    LevelRole.ROOT: "municipality", LevelRole.OFFICE: "directorate", LevelRole.TERRITORY: "territory", LevelRole.SECTION: "section",
    LevelRole.BLOCK: "block",
}  # fmt: skip
KIND = "units"
AT_ONCE = 500


def ocd_id(division: str, path: Iterable[tuple[LevelRole, str]]) -> str:
    """The id of the unit at the end of ``path``, (level, code) from the root down, below the ``division`` of the country."""
    return "/".join([division, *(f"{TYPES[role]}:{code.lower()}" for role, code in path)])


def ocd_ids(session: Session) -> Iterator[tuple[str, str]]:
    """(code, id) of every unit, those that are no more too; two queries."""
    division = setting(session, "ocd_division")
    rows = session.execute(
        select(TerritorialUnit.id, TerritorialUnit.parent_id, TerritorialUnit.code, Level.role)
        .join(Level, Level.id == TerritorialUnit.level_id)
    ).all()
    known = {row.id: row for row in rows}

    def path(unit_id: int | None) -> list[tuple[LevelRole, str]]:
        steps = []
        while unit_id is not None:
            steps.append((known[unit_id].role, known[unit_id].code))
            unit_id = known[unit_id].parent_id
        return steps[::-1]

    return ((row.code, ocd_id(division, path(row.id))) for row in rows)


def source_key() -> ScalarSelect[str | None]:
    """SQL for the key that the source of a unit's boundary knows it by; NULL for a boundary no file brought."""
    return (
        select(ExternalKey.external_id)
        .where(
            ExternalKey.kind == KIND, ExternalKey.object_id == TerritorialUnit.id,
            ExternalKey.source == func.substr(TerritorialUnit.source, 1, 80),
        )
        .order_by(ExternalKey.external_id).limit(1).correlate(TerritorialUnit).scalar_subquery()
    )


def keys_of(session: Session, unit_id: int) -> list[tuple[str, str]]:
    """(source, key) of a unit, by source."""
    rows = session.execute(
        select(ExternalKey.source, ExternalKey.external_id).where(ExternalKey.kind == KIND, ExternalKey.object_id == unit_id)
        .order_by(ExternalKey.source, ExternalKey.external_id)
    )
    return [tuple(row) for row in rows]


def keep_keys(session: Session, source: str, keys: Sequence[tuple[str, int, str]], seen_at: datetime) -> None:
    """Keep what ``source`` calls these units: (key, id of the unit, digest of what it said), in place of what it said before."""
    source = source[:80]
    for start in range(0, len(keys), AT_ONCE):
        batch = keys[start : start + AT_ONCE]
        session.execute(
            delete(ExternalKey).where(
                ExternalKey.kind == KIND, ExternalKey.source == source, ExternalKey.external_id.in_([key for key, _id, _digest in batch])
            ),
            execution_options={"synchronize_session": False},
        )
        session.execute(
            insert(ExternalKey),
            [
                {"source": source, "kind": KIND, "external_id": key, "object_id": unit_id, "digest": digest, "seen_at": seen_at}
                for key, unit_id, digest in batch
            ],
        )
