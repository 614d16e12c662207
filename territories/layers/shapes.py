"""The one writer of the boundaries that tiles draw.

Borders that two units share stay shared: the units of a level are simplified together, as a coverage (Harris et al.,
Visvalingam's measure, GEOS), and what remains is rounded to the positions of a tile of the band's last zoom, which is
the same rounding for every vertex wherever it occurs. Where boundaries of real data overlap or leave a gap, no border
is shared there and each side is simplified alone.

The units simplified together are those of a ``family``: a whole level down to the territories; below, where a country has
millions, the units of one parent, whose outer border then keeps every vertex so that it meets the neighbouring family's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy
import shapely
from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Session

from app.core.spatial import mercator
from app.core.spatial.shapes import shape_from_wkb, wkb_of
from models.shape import BANDS, UnitShape, bands_of, sheet_of
from models.territory import Level, LevelRole, TerritorialUnit

Progress = Callable[[int, int], None]
# A unit and a sheet.
Key = tuple[int, int]
WHOLE_LEVELS = (LevelRole.ROOT, LevelRole.OFFICE, LevelRole.TERRITORY)
# Families read, and rows written, at a time.
FAMILIES, ROWS = 40, 2000
# In positions of a tile of the band's last zoom, of which a screen shows one pixel for eight. The last band is also
# what closer zooms are drawn from, and is rounded less.
TOLERANCE, GRID, LAST_GRID = 4, 2, 1


class Family(NamedTuple):
    """The units of a level simplified together: all of them, or those below ``parent_id``."""

    role: LevelRole
    parent_id: int | None


def is_empty(session: Session) -> bool:
    """Whether nothing was ever kept: a database of before, or one without units."""
    return session.scalar(select(UnitShape.id).limit(1)) is None


def refresh(session: Session, unit_ids: Iterable[int], *, left: Iterable[int | None] = ()) -> int:
    """Keep the shapes of ``unit_ids`` and of those simplified with them; returns how many rows changed.

    For units that were added, redrawn, moved or retired, in the transaction that did it. ``left`` are the units that
    moved ones hung on before.
    """
    wanted: set[Family] = set()
    for batch in _batches(sorted(set(unit_ids)), ROWS):
        told = select(Level.role, TerritorialUnit.parent_id).join(Level, Level.id == TerritorialUnit.level_id)
        wanted |= {_family(role, parent) for role, parent in session.execute(told.where(TerritorialUnit.id.in_(batch)).distinct())}
    for batch in _batches(sorted({one for one in left if one is not None}), ROWS):
        wanted |= {Family(role, parent) for parent in batch for role in LevelRole if role not in WHOLE_LEVELS}
    return _settle(session, wanted)


def rebuild(session: Session, on_progress: Progress = lambda done, total: None) -> int:
    """Make every shape again and write what differs; returns how many rows were wrong, missing or too many."""
    told = select(Level.role, TerritorialUnit.parent_id).join(Level, Level.id == TerritorialUnit.level_id).distinct()
    wanted = {_family(role, parent) for role, parent in session.execute(told)}
    return _settle(session, wanted, on_progress)


def _family(role: LevelRole, parent_id: int | None) -> Family:
    return Family(role, None if role in WHOLE_LEVELS else parent_id)


def _settle(session: Session, families: Collection[Family], on_progress: Progress = lambda done, total: None) -> int:
    done = changed = 0
    for role in LevelRole:
        parents = sorted((one.parent_id for one in families if one.role is role), key=lambda one: (one is not None, one))
        for batch in _batches(parents, FAMILIES):
            changed += _settle_some(session, role, batch)
            done += len(batch)
            on_progress(done, len(families))
    return changed


def _settle_some(session: Session, role: LevelRole, parents: Sequence[int | None]) -> int:
    """Compare what is kept of some families with what they are now, and write the difference."""
    unit = TerritorialUnit
    of_level = select(unit.id, unit.parent_id, wkb_of(unit.geom).label("wkb"), unit.valid_to).join(Level, Level.id == unit.level_id)
    there = of_level.where(Level.role == role).order_by(unit.id)
    if parents != [None]:
        there = there.where(unit.parent_id.in_(parents))
    rows = session.execute(there).all()
    wanted: dict[Key, bytes] = {}
    families: dict[tuple[int | None, int | None], list[Row]] = {}
    for row in rows:
        if row.wkb is not None:
            # One that is no more lies where others do now: it shares no border with them, and is kept for days gone by.
            alone = row.id if row.valid_to is not None else None
            families.setdefault((_family(role, row.parent_id).parent_id, alone), []).append(row)
    for members in families.values():
        wanted |= drawn(role, [row.id for row in members], shapely.from_wkb([row.wkb for row in members]))
    kept: dict[Key, bytes] = {}
    for batch in _batches([row.id for row in rows], ROWS):
        told = select(UnitShape.unit_id, UnitShape.sheet, wkb_of(UnitShape.geom)).where(UnitShape.unit_id.in_(batch))
        kept |= {(unit_id, sheet): bytes(wkb) for unit_id, sheet, wkb in session.execute(told)}
    wrong = {key for key in wanted.keys() | kept.keys() if wanted.get(key) != kept.get(key)}
    _write(session, wrong, wanted, kept)
    return len(wrong)


def _write(session: Session, wrong: set[Key], wanted: Mapping[Key, bytes], kept: Mapping[Key, bytes]) -> None:
    stale: dict[int, list[int]] = {}
    for unit_id, sheet in sorted(wrong & kept.keys()):
        stale.setdefault(sheet, []).append(unit_id)
    for sheet, unit_ids in stale.items():
        for batch in _batches(unit_ids, ROWS):
            gone = delete(UnitShape).where(UnitShape.sheet == sheet, UnitShape.unit_id.in_(batch))
            session.execute(gone, execution_options={"synchronize_session": False})
    statement = insert(UnitShape.__table__).values(geom=shape_from_wkb("shape", mercator.SRID))
    for batch in _batches(sorted(wrong & wanted.keys()), ROWS):
        session.execute(statement, [{"unit_id": key[0], "sheet": key[1], "shape": wanted[key]} for key in batch])


def drawn(role: LevelRole, unit_ids: Sequence[int], boundaries: numpy.ndarray) -> dict[Key, bytes]:
    """The shapes of one family by unit and sheet, as WKB. ``boundaries`` of ``unit_ids`` in EPSG:4326."""
    exact = mercator.to_mercator(boundaries)
    found = {}
    for band in bands_of(role):
        shapes = shapely.to_wkb(simplified(exact, band, simplify_outside=role in WHOLE_LEVELS), byte_order=1, flavor="iso")
        sheet = sheet_of(role, band)
        found |= {(unit_id, sheet): wkb for unit_id, wkb in zip(unit_ids, shapes, strict=True)}
    return found


def simplified(exact: numpy.ndarray, band: int, *, simplify_outside: bool) -> numpy.ndarray:
    """Multipolygons in EPSG:3857 for the tiles of a band, in the order given. None is lost: what would vanish stays exact.

    ``simplify_outside``: also the borders that lie along none of the others.
    """
    unit = mercator.unit_of(BANDS[band])
    fewer = shapely.coverage_simplify(exact, TOLERANCE * unit, simplify_boundary=simplify_outside)
    rounded = shapely.set_precision(fewer, unit * (LAST_GRID if band == len(BANDS) - 1 else GRID))
    parts, places = shapely.get_parts(rounded, return_index=True)
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    made, whose = parts[areas], places[areas]
    result = exact.copy()
    present = numpy.unique(whose)
    result[present] = shapely.multipolygons(made, indices=numpy.searchsorted(present, whose))
    # The bytes must depend on the shape alone, not on the ring's beginning nor on the grid it came from.
    return shapely.normalize(shapely.set_precision(result, 0, mode="pointwise"))


def _batches(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    waiting = iter(things)
    while batch := list(islice(waiting, size)):
        yield batch
