"""Whether the spatial indexes say what the tables say."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import Column, Connection, TextClause, and_, func, select, table, text
from sqlalchemy import column as bare

from models import Base


def broken_indexes(connection: Connection) -> list[str]:
    """``table.column`` of each geometry column whose index is missing, invalid or finds other rows than a full reading.

    SpatiaLite compares its R*Tree itself (CheckSpatialIndex), but of coordinates in degrees alone: beside ten million metres
    it takes the tree's own rounding for an error. PostGIS has no such function: the same rows are asked for through the
    index and without it; ordinary indexes that PostgreSQL marks invalid are named as well.
    """
    columns = [column for table in Base.metadata.sorted_tables for column in table.columns if isinstance(column.type, Geometry)]
    if connection.dialect.name == "sqlite":
        return [str(one) for one in columns if not _covers(connection, one)]
    broken = [str(one) for one in columns if not _finds_the_same(connection, one)]
    return broken + list(connection.scalars(text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready)")))


def _covers(connection: Connection, column: Column) -> bool:
    """Whether the R*Tree of a column has each row, in a box around its geometry, and no other."""
    checked = connection.scalar(select(func.CheckSpatialIndex(column.table.name, column.name)))
    if column.type.srid == 4326 or checked is None:
        return checked == 1
    index = table(f"idx_{column.table.name}_{column.name}", *map(bare, ("pkid", "xmin", "xmax", "ymin", "ymax")))
    inside = and_(
        index.c.xmin <= func.MbrMinX(column), index.c.xmax >= func.MbrMaxX(column),
        index.c.ymin <= func.MbrMinY(column), index.c.ymax >= func.MbrMaxY(column),
    )
    key = next(iter(column.table.primary_key))
    right = connection.scalar(select(func.count()).select_from(column.table).join(index, index.c.pkid == key).where(inside))
    here = connection.scalar(select(func.count()).select_from(column.table).where(column.is_not(None)))
    return right == here == connection.scalar(select(func.count()).select_from(index))


def _finds_the_same(connection: Connection, column: Column) -> bool:
    parts = connection.scalars(
        text(
            "SELECT coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_am a ON a.oid = c.relam JOIN pg_attribute t ON t.attrelid = i.indrelid AND t.attnum = i.indkey[0]"
            " WHERE i.indrelid = CAST(:table AS regclass) AND a.amname = 'gist' AND t.attname = :column"
        ),
        {"table": column.table.name, "column": column.name},
    ).all()
    # An index may be of some rows alone; what it is of, PostgreSQL says in the words of a condition.
    return bool(parts) and all(_finds_the_same_of(connection, column, text(part)) for part in parts)


def _finds_the_same_of(connection: Connection, column: Column, part: TextClause) -> bool:
    whole = func.ST_Extent(column)
    west, south, east, north = connection.execute(
        select(func.ST_XMin(whole), func.ST_YMin(whole), func.ST_XMax(whole), func.ST_YMax(whole)).where(part)
    ).one()
    if west is None:
        return True
    # Half of what is there, so that an index which answers "everything" is found out as well.
    half = func.ST_MakeEnvelope(west, south, (west + east) / 2, north, column.type.srid)
    # No geometry among the results, only how many rows and a sum that changes when one is another.
    asked = select(func.count(), func.sum(func.length(func.ST_AsText(column)))).where(part, column.op("&&")(half))
    answers = []
    for with_index in (True, False):
        for way, on in (("enable_seqscan", not with_index), ("enable_indexscan", with_index), ("enable_bitmapscan", with_index)):
            connection.execute(text(f"SET LOCAL {way} = {'on' if on else 'off'}"))
        answers.append(tuple(connection.execute(asked).one()))
    return answers[0] == answers[1]
