"""The one writer of the tree and of its closure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from geoalchemy2.shape import from_shape
from shapely import MultiPolygon, set_precision
from sqlalchemy import Integer, bindparam, delete, exists, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from app.core import clock, search
from app.core.spatial.shapes import shape_from_wkb
from models import ledger
from models.folio import short_code_for
from models.ledger import Capacity, EventKind
from models.territory import Ancestry, Level, LevelRole, PastBoundary, PastParent, TerritorialUnit, UnitKind
from territories.layers import shapes

# About 5 m at Mexico's latitude: what a drawn map 640 px wide can still show of a territory.
OUTLINE_TOLERANCE = 0.00005
NUMBERED = (LevelRole.ROOT, LevelRole.OFFICE, LevelRole.TERRITORY)
# Rows sent at a time: bounds what a file of any size takes in memory, and stays under SQLite's parameters.
BATCH = 500
Progress = Callable[[int, int], None]
_STANDARD_LEVELS = {
    LevelRole.ROOT: ("Municipio", "Municipalité", "Municipality"),
    LevelRole.OFFICE: ("Dirección territorial", "Direction territoriale", "Territorial directorate"),
    LevelRole.TERRITORY: ("Territorio", "Territoire", "Territory"),
    LevelRole.SECTION: ("Sección", "Section", "Section"),
    LevelRole.BLOCK: ("Cuadra", "Îlot", "Block"),
}


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit to add in bulk. ``shape`` in EPSG:4326; ``area_m2`` on the ellipsoid; ``digest`` of its content.

    ``short_code`` None where the level numbers folios and the unit brings no code of its own.
    """

    code: str
    name: str
    shape: MultiPolygon
    parent_id: int | None = None
    kind: UnitKind | None = None
    area_m2: float | None = None
    digest: str = ""
    short_code: str | None = None
    streets: tuple[str, ...] = ()
    population: int | None = None


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What becomes of a unit that is there; a field left None stays. ``digest`` is that of the whole new content."""

    unit_id: int
    name: str | None = None
    parent_id: int | None = None
    kind: UnitKind | None = None
    shape: MultiPolygon | None = None
    area_m2: float | None = None
    digest: str | None = None


class WrongPlace(ValueError):
    """A unit was to hang on one of its own level or below, or the tree to have a second root."""


class EarlierThanCurrent(ValueError):
    """A new boundary was to hold from a day before the present one does."""


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
        search_name=_search_name(name, code, " ".join(streets)),
        kind=kind, level_id=level.id, parent_id=parent.id if parent else None, streets="\n".join(streets),
        population=population, area_m2=area_m2,
        geom=from_shape(shape, srid=4326) if shape is not None else None,
        outline=outline_of(shape) if shape is not None else None,
        digest=digest, source=source, valid_from=valid_from or clock.now().date(),
    )
    session.add(unit)
    session.flush()
    _link(session, unit.id, unit.parent_id)
    search.refresh(session, TerritorialUnit, [unit.id])
    shapes.refresh(session, [unit.id])
    if event:
        moment = clock.now()
        ledger.append(
            session, EventKind.UNIT_ADDED, object=f"unit:{code}", capacity=capacity, occurred_at=moment,
            recorded_at=moment,
            data={"name": name, "level": str(level.role), "parent": parent.code if parent else None, "source": source},
        )
    return unit


def add_units(
    session: Session, units: Sequence[NewUnit], *, level: Level, source: str, valid_from: date,
    on_progress: Progress = lambda done, total: None,
) -> int:
    """Add many units of one level and their rows of the closure; returns how many.

    Appends no event: the caller records the whole (an import, its file). Raises WrongPlace, or
    IntegrityError for a code that is taken.
    """
    roles = _level_roles(session, {unit.parent_id for unit in units if unit.parent_id is not None})
    for unit in units:
        _check_place(level.role, roles.get(unit.parent_id))
    if level.role is LevelRole.ROOT and units:
        others = session.scalar(select(exists().where(TerritorialUnit.level_id == level.id)))
        if others or len(units) > 1:
            raise WrongPlace("a tree has one root")
    short_codes = _short_codes(session, units) if level.role in NUMBERED else {}
    done = 0
    for batch in _batches(units):
        session.execute(
            insert(TerritorialUnit.__table__).values(geom=shape_from_wkb("shape")),
            [
                {
                    "code": unit.code, "code_key": unit.code.lower(), "short_code": short_codes.get(unit.code), "name": unit.name,
                    "search_name": _search_name(unit.name, unit.code, " ".join(unit.streets)), "kind": unit.kind, "level_id": level.id,
                    "parent_id": unit.parent_id, "streets": "\n".join(unit.streets), "population": unit.population,
                    "area_m2": unit.area_m2, "shape": unit.shape.wkb,
                    "outline": outline_of(unit.shape), "digest": unit.digest, "source": source[:200],
                    "valid_from": valid_from, "version": 1,
                }
                for unit in batch
            ],
        )
        done += len(batch)
        on_progress(done, len(units))
    _link_new(session, level)
    codes = [unit.code for unit in units]
    added = []
    for batch in _batches(codes):
        ids = session.scalars(select(TerritorialUnit.id).where(TerritorialUnit.code.in_(batch))).all()
        search.refresh(session, TerritorialUnit, ids)
        added += ids
    shapes.refresh(session, added)
    return len(units)


def change_units(
    session: Session, changes: Sequence[UnitChange], *, capacity: Capacity, source: str, valid_from: date, reason: str = "",
    on_progress: Progress = lambda done, total: None,
) -> int:
    """Rename, move, reclassify or give new boundaries, one event for each unit; returns how many.

    The boundary that was goes to ``past_boundary``, held from its day to ``valid_from`` (the first day it no
    longer does), and the parent that was to ``past_parent``. Moving a unit moves all below it. Raises
    EarlierThanCurrent, WrongPlace.
    """
    moment, done = clock.now(), 0
    left: set[int | None] = set()
    for batch in _batches(changes):
        present = _present(session, [change.unit_id for change in batch])
        parents = {change.parent_id for change in batch if change.parent_id is not None}
        roles, codes = _level_roles(session, parents), _codes(session, parents | {row.parent_id for row in present.values()})
        for change in batch:
            if change.parent_id is not None:
                _check_place(present[change.unit_id].role, roles.get(change.parent_id))
            if change.shape is not None and valid_from < present[change.unit_id].valid_from:
                raise EarlierThanCurrent(present[change.unit_id].code)
        left |= {present[change.unit_id].parent_id for change in batch if change.parent_id is not None}
        _keep_boundaries([change.unit_id for change in batch if change.shape is not None], session, valid_from)
        _keep_parents(session, batch, present, valid_from)
        _rewrite(session, batch, present, source=source, valid_from=valid_from)
        ledger.append_many(
            session,
            (
                (
                    EventKind.UNIT_CHANGED if change.shape is None else EventKind.BOUNDARY_CHANGED,
                    f"unit:{present[change.unit_id].code}",
                    _told(change, present[change.unit_id], codes, source=source, valid_from=valid_from),
                    {"reason": reason},
                )
                for change in batch
            ),
            capacity=capacity, occurred_at=moment, recorded_at=moment,
        )
        done += len(batch)
        on_progress(done, len(changes))
    relink(session, [change.unit_id for change in changes if change.parent_id is not None])
    search.refresh_units(session, [change.unit_id for change in changes if change.name is not None or change.parent_id is not None])
    moved = [change.unit_id for change in changes if change.shape is not None or change.parent_id is not None]
    shapes.refresh(session, moved, left=left)
    # Rows were written past the session: what it still holds of them would be printed as it was.
    session.expire_all()
    return len(changes)


def _present(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    unit = TerritorialUnit
    columns = (unit.id, unit.code, unit.name, unit.kind, unit.parent_id, unit.streets, unit.source, unit.valid_from, Level.role)
    rows = session.execute(select(*columns).join(Level, Level.id == unit.level_id).where(unit.id.in_(ids)).with_for_update(of=unit))
    return {row.id: row for row in rows}


def _keep_boundaries(ids: Sequence[int], session: Session, until: date) -> None:
    columns = ["unit_id", "geom", "source", "valid_from", "valid_to"]
    unit = TerritorialUnit
    # A unit that never had a shape leaves none behind.
    kept = select(unit.id, unit.geom, unit.source, unit.valid_from, literal(until)).where(unit.id.in_(ids), unit.geom.is_not(None))
    session.execute(insert(PastBoundary).from_select(columns, kept))


def _keep_parents(session: Session, changes: Iterable[UnitChange], present: dict[int, Any], until: date) -> None:
    kept = [
        {"unit_id": change.unit_id, "parent_id": present[change.unit_id].parent_id, "valid_to": until}
        for change in changes if change.parent_id is not None and present[change.unit_id].parent_id not in (None, change.parent_id)
    ]
    if kept:
        session.execute(insert(PastParent), kept)


def _rewrite(session: Session, changes: Iterable[UnitChange], present: dict[int, Any], *, source: str, valid_from: date) -> None:
    table = TerritorialUnit.__table__
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for change in changes:
        values = _new_values(change, present[change.unit_id], source=source, valid_from=valid_from)
        alike.setdefault(tuple(values), []).append({f"new_{name}": value for name, value in values.items()} | {"unit": change.unit_id})
    for names, rows in alike.items():
        # One statement for all the units in which the same things change.
        sets = {name: shape_from_wkb("new_geom") if name == "geom" else bindparam(f"new_{name}") for name in names}
        statement = update(table).where(table.c.id == bindparam("unit")).values(sets | {"version": table.c.version + 1})
        session.connection().execute(statement, rows)


def _new_values(change: UnitChange, row: Any, *, source: str, valid_from: date) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if change.name is not None:
        values |= {"name": change.name, "search_name": _search_name(change.name, row.code, row.streets)}
    if change.parent_id is not None:
        values["parent_id"] = change.parent_id
    if change.kind is not None:
        values["kind"] = change.kind
    if change.digest is not None:
        values["digest"] = change.digest
    if change.shape is not None:
        values |= {
            "geom": change.shape.wkb, "outline": outline_of(change.shape), "area_m2": change.area_m2, "source": source[:200],
            "valid_from": valid_from,
        }
    return values


def _told(change: UnitChange, row: Any, codes: dict[int, str], *, source: str, valid_from: date) -> dict[str, Any]:
    """What the ledger says of a change: each thing as it was and as it is."""
    data: dict[str, Any] = {}
    if change.name is not None:
        data["name"] = {"from": row.name, "to": change.name}
    if change.parent_id is not None:
        data["parent"] = {"from": codes.get(row.parent_id), "to": codes[change.parent_id]}
    if change.kind is not None:
        data["kind"] = {"from": row.kind and str(row.kind), "to": str(change.kind)}
    if change.shape is not None:
        data["boundary"] = {
            "from": {"source": row.source, "valid_from": row.valid_from.isoformat()},
            "to": {"source": source[:200], "valid_from": valid_from.isoformat()},
        }
    if change.digest is not None:
        data["digest"] = change.digest
    return data


def _check_place(role: LevelRole, above: LevelRole | None) -> None:
    """Raises WrongPlace. Each level lying strictly below its parent's is also what makes a cycle impossible."""
    order = tuple(LevelRole)
    if (above is None) != (role is LevelRole.ROOT):
        raise WrongPlace(f"a {role} hangs on a unit, and only the root on none")
    if above is not None and order.index(above) >= order.index(role):
        raise WrongPlace(f"a {role} cannot hang on a {above}")


def _level_roles(session: Session, ids: set[int]) -> dict[int | None, LevelRole]:
    rows = []
    for batch in _batches(sorted(ids)):
        rows += session.execute(
            select(TerritorialUnit.id, Level.role).join(Level, Level.id == TerritorialUnit.level_id).where(TerritorialUnit.id.in_(batch))
        ).all()
    return dict(rows)


def _codes(session: Session, ids: set[int | None]) -> dict[int, str]:
    wanted = [unit_id for unit_id in ids if unit_id is not None]
    return dict(session.execute(select(TerritorialUnit.id, TerritorialUnit.code).where(TerritorialUnit.id.in_(wanted))).all())


def _short_codes(session: Session, units: Sequence[NewUnit]) -> dict[str, str]:
    taken = set(session.scalars(select(TerritorialUnit.short_code).where(TerritorialUnit.short_code.is_not(None))))
    given = {unit.code: unit.short_code for unit in units if unit.short_code}
    taken |= set(given.values())
    for unit in units:
        if unit.code in given:
            continue
        given[unit.code] = short_code_for(unit.name, unit.code, taken)
        taken.add(given[unit.code])
    return given


def _search_name(name: str, code: str, streets: str = "") -> str:
    return search.fold(f"{name} {code} {streets}")[:400]


def _batches(things: Iterable[Any]) -> Iterator[list[Any]]:
    waiting = iter(things)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _link_new(session: Session, level: Level) -> None:
    """The closure of the units of a level that have none yet; their parents have theirs already."""
    unit, own = TerritorialUnit, aliased(Ancestry)
    bare = (unit.level_id == level.id, ~exists().where(own.unit_id == unit.id))
    above = select(unit.id, Ancestry.ancestor_id, Ancestry.depth + 1).join(Ancestry, Ancestry.unit_id == unit.parent_id).where(*bare)
    itself = select(unit.id, unit.id, literal(0, Integer)).where(*bare)
    session.execute(insert(Ancestry).from_select(["unit_id", "ancestor_id", "depth"], above.union_all(itself)))


def relink(session: Session, moved: Sequence[int]) -> None:
    """Write the closure anew for units whose parent changed and for all that lies below them."""
    if not moved:
        return
    below: set[int] = set()
    for batch in _batches(moved):
        below |= set(session.scalars(select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(batch))))
    parents = dict(session.execute(select(TerritorialUnit.id, TerritorialUnit.parent_id)).all())
    for batch in _batches(sorted(below)):
        session.execute(delete(Ancestry).where(Ancestry.unit_id.in_(batch)), execution_options={"synchronize_session": False})
        session.execute(
            insert(Ancestry),
            [
                {"unit_id": unit_id, "ancestor_id": ancestor_id, "depth": depth}
                for unit_id in batch for ancestor_id, depth in _path(unit_id, parents)
            ],
        )


def _path(unit_id: int, parents: dict[int, int | None]) -> Iterator[tuple[int, int]]:
    above, depth = unit_id, 0
    while above is not None:
        yield above, depth
        above, depth = parents[above], depth + 1


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
    parents = dict(session.execute(select(TerritorialUnit.id, TerritorialUnit.parent_id)).all())
    wanted = {(unit_id, ancestor_id, depth) for unit_id in parents for ancestor_id, depth in _path(unit_id, parents)}
    present = set(session.execute(select(Ancestry.unit_id, Ancestry.ancestor_id, Ancestry.depth)).all())
    wrong = wanted ^ present
    if wrong:
        session.execute(delete(Ancestry))
        session.execute(
            insert(Ancestry), [{"unit_id": u, "ancestor_id": a, "depth": d} for u, a, d in sorted(wanted)]
        )
    return len(wrong)
