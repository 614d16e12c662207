"""Writes the invented country into PostGIS as it would be after an import, by COPY: rows sent one by one would take hours.

What the services keep beside a boundary is here as well: its outline, the closure of the tree and the shapes of the
tiles; ``cuadra recount`` finds nothing to mend. Only the search index is left to ``cuadra reindex`` below the municipalities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy
import shapely
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.orm import Session

from app.cli.demo import country
from app.cli.demo.country import Municipality
from app.core import clock, search
from app.core.spatial import mercator
from app.core.spatial.shapes import SRID
from models import Setting, TerritorialUnit, ledger
from models.ledger import SYSTEM, EventKind
from models.settings import DEFAULTS
from models.territory import Ancestry, Level, LevelRole
from territories.layers import shapes
from territories.units import services as units
from territories.units.services import NewUnit

SOURCE = "Demostración de Cuadra: país inventado"
NAME, CODE = "País inventado", "PAIS"
LEVEL_NAMES = {
    LevelRole.ROOT: ("País", "Pays", "Country"),
    LevelRole.OFFICE: ("Entidad federativa", "État", "State"),
    LevelRole.TERRITORY: ("Municipio", "Municipalité", "Municipality"),
}
TABLES = ("territorial_unit", "ancestry", "unit_shape")
UNIT_COLUMNS = (
    "id", "code", "code_key", "name", "search_name", "level_id", "parent_id", "streets", "geom", "outline", "digest", "source",
    "valid_from", "version",
)
Progress = Callable[[str, int, int], None]


def write(session: Session, *, seed: int, municipalities: int, on_progress: Progress = lambda step, done, total: None) -> int:
    """The country of ``seed`` into a database without units; returns how many blocks it has. Flushes, never commits.

    PostgreSQL only. Until the transaction ends nobody else can read the tables of the tree: their indexes are made again.
    """
    on_progress("draw", 0, 0)
    made = country.municipalities(seed, municipalities)
    levels = _found(session)
    day = clock.today(DEFAULTS["time_zone"])
    ids = _plant(session, made, levels, day)
    above = _ancestors(session, ids)
    connection = session.connection()
    with _bare(connection, on_progress):
        count = _send_blocks(session, seed, made, ids, above, levels[LevelRole.BLOCK], day, on_progress)
    _record_import(session, LevelRole.BLOCK, count)
    return count


def settle(engine: Engine) -> None:
    """What PostgreSQL would otherwise find out by itself some minutes later: how many rows there are of what."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM (ANALYZE) {', '.join(TABLES)}"))


def _found(session: Session) -> dict[LevelRole, Level]:
    levels = units.declare_levels(session)
    for role, names in LEVEL_NAMES.items():
        level = levels[role]
        level.name_es, level.name_fr, level.name_en = names
    for role, level in levels.items():
        _record(session, EventKind.LEVEL_DECLARED, f"level:{role}", {"name": level.name_es})
    session.add(Setting(key="municipality", value=NAME, updated_at=clock.now()))
    _record(session, EventKind.SETTING_CHANGED, "setting:municipality", {"value": NAME})
    session.flush()
    return levels


def _plant(session: Session, made: list[Municipality], levels: dict[LevelRole, Level], day: date) -> dict[str, int]:
    """The country, its states and municipalities, as any import adds them; ids by code."""
    ids: dict[str, int] = {}

    def add(role: LevelRole, new: list[NewUnit]) -> None:
        units.add_units(session, new, level=levels[role], source=SOURCE, valid_from=day)
        _record_import(session, role, len(new))
        of_level = select(TerritorialUnit.code, TerritorialUnit.id).where(TerritorialUnit.level_id == levels[role].id)
        ids.update(session.execute(of_level).all())

    states = country.states(made)
    add(LevelRole.ROOT, [NewUnit(CODE, NAME, country.joined(list(states.values())))])
    add(LevelRole.OFFICE, [
        NewUnit(country.state_code(state), f"Entidad {state + 1}", shape, ids[CODE]) for state, shape in states.items()
    ])
    add(LevelRole.TERRITORY, [
        NewUnit(one.code, f"Municipio {one.number + 1}", shapely.MultiPolygon([one.polygon]), ids[country.state_code(one.state)])
        for one in made
    ])
    return ids


def _ancestors(session: Session, ids: dict[str, int]) -> dict[int, list[int]]:
    """The units above each of ``ids`` and itself, from itself upwards."""
    rows = session.execute(select(Ancestry.unit_id, Ancestry.ancestor_id).order_by(Ancestry.unit_id, Ancestry.depth))
    found: dict[int, list[int]] = {unit_id: [] for unit_id in ids.values()}
    for unit_id, ancestor_id in rows:
        found[unit_id].append(ancestor_id)
    return found


def _send_blocks(
    session: Session, seed: int, made: list[Municipality], ids: dict[str, int], above: dict[int, list[int]], level: Level, day: date,
    on_progress: Progress,
) -> int:
    first = session.scalar(select(func.max(TerritorialUnit.id))) + 1
    number = first
    for done, (municipality, blocks) in enumerate(country.towns(seed, made)):
        on_progress("blocks", done, len(made))
        parent_id = ids[municipality.code]
        unit_ids = range(number, number + len(blocks))
        number += len(blocks)
        _copy(session, "territorial_unit", UNIT_COLUMNS, _unit_rows(municipality, blocks, unit_ids, parent_id, level.id, day))
        closure = ((unit_id, above_id, depth) for unit_id in unit_ids for depth, above_id in enumerate((unit_id, *above[parent_id])))
        _copy(session, "ancestry", ("unit_id", "ancestor_id", "depth"), closure)
        drawn = shapes.drawn(LevelRole.BLOCK, unit_ids, blocks)
        geometries = _ewkb(shapely.from_wkb(list(drawn.values())), mercator.SRID)
        rows = ((unit_id, sheet, geometry) for (unit_id, sheet), geometry in zip(drawn, geometries, strict=True))
        _copy(session, "unit_shape", ("unit_id", "sheet", "geom"), rows)
    session.execute(text("SELECT setval(pg_get_serial_sequence('territorial_unit', 'id'), :last)"), {"last": number - 1})
    return number - first


def _unit_rows(
    municipality: Municipality, blocks: numpy.ndarray, unit_ids: Sequence[int], parent_id: int, level_id: int, day: date
) -> Iterator[tuple]:
    outlines = shapely.set_precision(shapely.simplify(blocks, units.OUTLINE_TOLERANCE), 1e-6, mode="pointwise")
    geometries, small = _ewkb(blocks, SRID), shapely.to_wkb(outlines, hex=True)
    for place, unit_id in enumerate(unit_ids):
        code, name = f"{municipality.code}-{place + 1:04d}", f"Cuadra {place + 1}"
        yield (
            unit_id, code, code.lower(), name, search.fold(f"{name} {code}"), level_id, parent_id, "", geometries[place],
            f"\\\\x{small[place]}", "", SOURCE, day, 1,
        )


def _ewkb(geometries: numpy.ndarray, srid: int) -> numpy.ndarray:
    return shapely.to_wkb(shapely.set_srid(geometries, srid), hex=True, include_srid=True)


def _copy(session: Session, table: str, columns: Sequence[str], rows: Iterable[tuple]) -> None:
    """No value here holds a tab, a line break or a backslash that is not meant, so none is escaped."""
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as into:
        into.write("".join("\t".join(map(str, row)) + "\n" for row in rows))


@contextmanager
def _bare(connection: Connection, on_progress: Progress) -> Iterator[None]:
    """The tables of the tree without what makes each row dear, which is made again for all of them at the end."""
    tables = {"tables": list(TABLES)}
    constraints = connection.execute(text(
        "SELECT conrelid::regclass::text AS owner, conname AS name, pg_get_constraintdef(oid) AS made FROM pg_constraint"
        " WHERE conrelid = ANY (CAST(:tables AS regclass[])) AND contype IN ('u', 'f') ORDER BY contype DESC, conname"
    ), tables).all()
    for one in constraints:
        connection.exec_driver_sql(f'ALTER TABLE {one.owner} DROP CONSTRAINT "{one.name}"')
    indexes = connection.execute(text(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index"
        " WHERE indrelid = ANY (CAST(:tables AS regclass[])) AND NOT indisprimary ORDER BY 1"
    ), tables).all()
    for one in indexes:
        connection.exec_driver_sql(f"DROP INDEX {one.name}")
    yield
    whole = [one.made for one in indexes] + [f'ALTER TABLE {one.owner} ADD CONSTRAINT "{one.name}" {one.made}' for one in constraints]
    for done, statement in enumerate(whole):
        on_progress("indexes", done, len(whole))
        connection.exec_driver_sql(statement)


def _record_import(session: Session, role: LevelRole, count: int) -> None:
    data = {"level": str(role), "source": SOURCE, "new": count, "changed": 0, "rejected": 0}
    _record(session, EventKind.IMPORT_APPLIED, f"import:country-{role}", data)


def _record(session: Session, kind: EventKind, object: str, data: dict[str, Any]) -> None:
    moment = clock.now()
    ledger.append(session, kind, object=object, capacity=SYSTEM, occurred_at=moment, recorded_at=moment, data=data)
