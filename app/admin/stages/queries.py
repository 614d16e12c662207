"""The territories with where their processes stand, and the territories grouped for choosing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from models import Ancestry, Level, Phase, PhaseUnit, TerritorialUnit
from models.territory import LevelRole
from territories.processes.queries import standings


def board() -> Select:
    """Every territory in force: rows ``id, code, name, search_name, office, stage, rank, since``."""
    standing, level, office = standings(), aliased(Level), _office()
    return (
        select(
            TerritorialUnit.id, TerritorialUnit.code, TerritorialUnit.name, TerritorialUnit.search_name,
            office.label("office"), standing.c.stage, func.coalesce(standing.c.rank, 0).label("rank"), standing.c.since,
        )
        .join(level, level.id == TerritorialUnit.level_id)
        .outerjoin(standing, standing.c.unit_id == TerritorialUnit.id)
        .where(level.role == LevelRole.TERRITORY, TerritorialUnit.valid_to.is_(None))
    )


def _office():
    """The name of the office a territory belongs to, empty where there is none."""
    above, level = aliased(TerritorialUnit), aliased(Level)
    found = (
        select(above.name).join(Ancestry, Ancestry.ancestor_id == above.id).join(level, level.id == above.level_id)
        .where(Ancestry.unit_id == TerritorialUnit.id, level.role == LevelRole.OFFICE).limit(1)
    )
    return func.coalesce(found.correlate(TerritorialUnit).scalar_subquery(), "")


@dataclass(frozen=True)
class Group:
    """The territories of one office, (id, name) each."""

    office: str
    units: list[tuple[int, str]]


def groups(session: Session) -> list[Group]:
    """Every territory in force under its office, both by name; one query."""
    rows = session.execute(board().order_by("office", TerritorialUnit.search_name, TerritorialUnit.id)).all()
    found: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        found.setdefault(row.office, []).append((row.id, row.name))
    return [Group(office, units) for office, units in found.items()]


def chosen(session: Session, phase: Phase) -> Sequence[int]:
    """Ids of the territories of a phase."""
    return session.scalars(select(PhaseUnit.unit_id).where(PhaseUnit.phase_id == phase.id)).all()
