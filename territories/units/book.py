"""Units as lists from elsewhere name them, and what bringing thousands of rows asks of the tree at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.core.tabular.names import Names
from models import Ancestry, Level, TerritorialUnit
from models.territory import LevelRole

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A unit as a list may name it; ``parent`` is the name of the unit above."""

    id: int
    code: str
    name: str
    role: LevelRole
    parent: str | None = None

    def __str__(self) -> str:
        return f"{self.code} ({self.name}, {self.parent})" if self.parent else f"{self.code} ({self.name})"


def unit_names(session: Session, said: Iterable[str]) -> Names[Entry]:
    """All units that are no blocks, by code or name, and the blocks whose code is among ``said``, by code alone:
    the names of blocks repeat from one neighbourhood to the next. A query per 500 texts."""
    codes = sorted({text.strip().lower() for text in said if text and len(text.strip()) <= 32})
    wanted = [Level.role != LevelRole.BLOCK] + [
        TerritorialUnit.code_key.in_(codes[start : start + AT_ONCE]) for start in range(0, len(codes), AT_ONCE)
    ]
    parent = aliased(TerritorialUnit)
    entries: dict[int, Entry] = {}
    for condition in wanted:
        for row in session.execute(
            select(TerritorialUnit.id, TerritorialUnit.code, TerritorialUnit.name, Level.role, parent.name)
            .join(Level, Level.id == TerritorialUnit.level_id)
            .outerjoin(parent, parent.id == TerritorialUnit.parent_id)
            .where(condition).order_by(TerritorialUnit.id)
        ):
            entries[row[0]] = Entry(*row)
    return Names((one, one.code, () if one.role is LevelRole.BLOCK else (one.name,)) for one in entries.values())


def short_codes(session: Session, unit_ids: Iterable[int]) -> dict[int, str]:
    """Per unit, the short code that numbers its folios: its own or that of the nearest unit above. Units without are absent."""
    wanted, found = sorted(set(unit_ids)), {}
    for start in range(0, len(wanted), AT_ONCE):
        for unit_id, code in session.execute(
            select(Ancestry.unit_id, TerritorialUnit.short_code)
            .join(TerritorialUnit, TerritorialUnit.id == Ancestry.ancestor_id)
            .where(Ancestry.unit_id.in_(wanted[start : start + AT_ONCE]), TerritorialUnit.short_code.is_not(None))
            .order_by(Ancestry.unit_id, Ancestry.depth)
        ):
            found.setdefault(unit_id, code)
    return found


def paths(session: Session, unit_ids: Iterable[int]) -> Mapping[int, frozenset[int]]:
    """Per unit, its id and those of everything above it."""
    wanted = sorted(set(unit_ids))
    found: dict[int, set[int]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        for unit_id, ancestor_id in session.execute(
            select(Ancestry.unit_id, Ancestry.ancestor_id).where(Ancestry.unit_id.in_(wanted[start : start + AT_ONCE]))
        ):
            found.setdefault(unit_id, set()).add(ancestor_id)
    return {unit_id: frozenset(above) for unit_id, above in found.items()}


def territories(session: Session, unit_ids: Iterable[int]) -> dict[int, Entry]:
    """Per unit, the territory it lies in (itself when it is one); units above them are absent. A query per 500."""
    wanted, found = sorted(set(unit_ids)), {}
    for start in range(0, len(wanted), AT_ONCE):
        for unit_id, *territory in session.execute(
            select(Ancestry.unit_id, TerritorialUnit.id, TerritorialUnit.code, TerritorialUnit.name, Level.role)
            .join(TerritorialUnit, TerritorialUnit.id == Ancestry.ancestor_id)
            .join(Level, Level.id == TerritorialUnit.level_id)
            .where(Ancestry.unit_id.in_(wanted[start : start + AT_ONCE]), Level.role == LevelRole.TERRITORY)
        ):
            found[unit_id] = Entry(*territory)
    return found


def territories_of(session: Session, unit_ids: Iterable[int]) -> dict[int, str]:
    """The codes of :func:`territories`."""
    return {unit_id: territory.code for unit_id, territory in territories(session, unit_ids).items()}
