"""Reads for an import: the tree in light records, and whether it is still the one that was read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.core.spatial.shapes import wkb_of
from models.territory import Level, LevelRole, TerritorialUnit
from territories.imports.plan import KnownUnit
from territories.imports.tree import Tree

PAGE = 2_000


def load_tree(session: Session) -> Tree:
    """All units with their shapes, in two queries. `names` are the levels' Spanish names."""
    above = aliased(TerritorialUnit)
    unit, units, versions, since, retired = TerritorialUnit, {}, [], {}, {}
    rows = session.execute(
        select(
            unit.id, unit.version, unit.code, unit.name, unit.kind, above.code, Level.role, unit.valid_from, unit.valid_to,
            wkb_of(unit.geom),
        )
        .join(Level, Level.id == unit.level_id)
        .outerjoin(above, above.id == unit.parent_id)
        .order_by(unit.id)
        .execution_options(yield_per=PAGE)
    )
    for unit_id, version, code, name, kind, parent, role, valid_from, valid_to, wkb in rows:
        versions.append((unit_id, version))
        if valid_to is not None:
            retired[code] = valid_to
            continue
        since[code] = valid_from
        known = KnownUnit(code, name, shapely.from_wkb(bytes(wkb)) if wkb is not None else None, parent, kind)
        units.setdefault(role, []).append(known)
    names = {level.role: level.name_es for level in session.scalars(select(Level))}
    return Tree({role: tuple(members) for role, members in units.items()}, names, since, retired, _digest(versions))


def tree_state(session: Session) -> str:
    """The digest that `load_tree` would give, without the shapes."""
    unit = TerritorialUnit
    return _digest(session.execute(select(unit.id, unit.version).order_by(unit.id)))


def ids_by_code(session: Session, role: LevelRole | None = None) -> dict[str, int]:
    """Ids by code, of one level or of the tree."""
    query = select(TerritorialUnit.code, TerritorialUnit.id)
    if role is not None:
        query = query.join(Level, Level.id == TerritorialUnit.level_id).where(Level.role == role)
    return dict(session.execute(query).all())


def _digest(versions: Iterable[tuple[int, int]]) -> str:
    digest = hashlib.sha256()
    for unit_id, version in versions:
        digest.update(b"%d:%d," % (unit_id, version))
    return digest.hexdigest()
