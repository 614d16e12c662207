"""The one writer of the tree and of its closure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from geoalchemy2.shape import from_shape
from shapely import MultiPolygon, set_precision
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.search import fold
from models import ledger
from models.folio import short_code_for
from models.ledger import Capacity, EventKind
from models.territory import Ancestry, Level, LevelRole, TerritorialUnit, UnitKind

# About 5 m at Mexico's latitude: what a drawn map 640 px wide can still show of a territory.
OUTLINE_TOLERANCE = 0.00005
NUMBERED = (LevelRole.ROOT, LevelRole.OFFICE, LevelRole.TERRITORY)
_STANDARD_LEVELS = {
    LevelRole.ROOT: ("Municipio", "Municipalité", "Municipality"),
    LevelRole.OFFICE: ("Dirección territorial", "Direction territoriale", "Territorial directorate"),
    LevelRole.TERRITORY: ("Territorio", "Territoire", "Territory"),
    LevelRole.SECTION: ("Sección", "Section", "Section"),
    LevelRole.BLOCK: ("Manzana", "Îlot", "Block"),
}


def declare_levels(session: Session) -> dict[LevelRole, Level]:
    """The five levels with their default names, made where absent. Their names are data: rename them freely."""
    present = {level.role: level for level in session.scalars(select(Level))}
    for role, (es, fr, en) in _STANDARD_LEVELS.items():
        if role not in present:
            present[role] = Level(role=role, name_es=es, name_fr=fr, name_en=en)
            session.add(present[role])
    session.flush()
    return present


def outline_of(shape: MultiPolygon) -> bytes:
    """WKB of the boundary simplified for drawn maps; never empty for a shape with area."""
    simple = shape.simplify(OUTLINE_TOLERANCE, preserve_topology=True)
    return set_precision(simple if not simple.is_empty else shape, 1e-6, mode="pointwise").wkb


def add_unit(
    session: Session,
    *,
    code: str,
    name: str,
    level: Level,
    parent: TerritorialUnit | None,
    shape: MultiPolygon | None,
    capacity: Capacity,
    taken_short_codes: set[str] | None = None,
    short_code: str | None = None,
    kind: UnitKind | None = None,
    streets: Iterable[str] = (),
    population: int | None = None,
    area_m2: float | None = None,
    source: str = "",
    digest: str = "",
    valid_from: date | None = None,
    event: bool = True,
) -> TerritorialUnit:
    """Add one unit under ``parent`` (None only for the root) and its rows of the closure.

    ``shape`` is EPSG:4326. Levels that number folios get a short code. ``event=False`` is for an
    import, which appends one event for the whole file. Raises ValueError for a level that does not
    lie below its parent's.
    """
    streets = tuple(streets)
    if short_code is None and level.role in NUMBERED:
        taken = taken_short_codes
        if taken is None:
            taken = set(session.scalars(select(TerritorialUnit.short_code).where(TerritorialUnit.short_code.is_not(None))))
        short_code = short_code_for(name, code, taken)
    if short_code and taken_short_codes is not None:
        taken_short_codes.add(short_code)
    unit = TerritorialUnit(
        code=code, code_key=code.lower(), short_code=short_code, name=name,
        search_name=fold(f"{name} {code} {' '.join(streets)}")[:400],
        kind=kind, level_id=level.id, parent_id=parent.id if parent else None, streets="\n".join(streets),
        population=population, area_m2=area_m2,
        geom=from_shape(shape, srid=4326) if shape is not None else None,
        outline=outline_of(shape) if shape is not None else None,
        digest=digest, source=source, valid_from=valid_from or clock.now().date(),
    )
    session.add(unit)
    session.flush()
    _link(session, unit.id, unit.parent_id)
    if event:
        moment = clock.now()
        ledger.append(
            session, EventKind.UNIT_ADDED, object=f"unit:{code}", capacity=capacity, occurred_at=moment,
            recorded_at=moment,
            data={"name": name, "level": str(level.role), "parent": parent.code if parent else None, "source": source},
        )
    return unit


def _link(session: Session, unit_id: int, parent_id: int | None) -> None:
    rows = [{"unit_id": unit_id, "ancestor_id": unit_id, "depth": 0}]
    if parent_id is not None:
        rows += [
            {"unit_id": unit_id, "ancestor_id": ancestor_id, "depth": depth + 1}
            for ancestor_id, depth in session.execute(
                select(Ancestry.ancestor_id, Ancestry.depth).where(Ancestry.unit_id == parent_id)
            )
        ]
    session.execute(insert(Ancestry), rows)


def rebuild_ancestry(session: Session) -> int:
    """Recompute the closure from the parents; returns how many rows differed."""
    parents = dict(session.execute(select(TerritorialUnit.id, TerritorialUnit.parent_id)).tuples().all())
    wanted = set()
    for unit_id in parents:
        above, depth = unit_id, 0
        while above is not None:
            wanted.add((unit_id, above, depth))
            above, depth = parents[above], depth + 1
    present = set(session.execute(select(Ancestry.unit_id, Ancestry.ancestor_id, Ancestry.depth)).tuples().all())
    wrong = wanted ^ present
    if wrong:
        session.execute(delete(Ancestry))
        session.execute(
            insert(Ancestry), [{"unit_id": u, "ancestor_id": a, "depth": d} for u, a, d in sorted(wanted)]
        )
    return len(wrong)
