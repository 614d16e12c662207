"""Whether the spatial indexes say what the tables say."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import Column, Connection, func, select, text

from models import Base


def broken_indexes(connection: Connection) -> list[str]:
    """``table.column`` of each geometry column whose index is missing, invalid or finds other rows than a full reading.

    SpatiaLite compares its R*Tree itself (CheckSpatialIndex). PostGIS has no such function: the same rows are asked
    for through the index and without it; ordinary indexes that PostgreSQL marks invalid are named as well.
    """
    columns = [column for table in Base.metadata.sorted_tables for column in table.columns if isinstance(column.type, Geometry)]
    if connection.dialect.name == "sqlite":
        return [str(one) for one in columns if connection.scalar(select(func.CheckSpatialIndex(one.table.name, one.name))) != 1]
    broken = [str(one) for one in columns if not _finds_the_same(connection, one)]
    return broken + list(connection.scalars(text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready)")))


def _finds_the_same(connection: Connection, column: Column) -> bool:
    index = connection.scalar(
        text(
            "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam"
            " JOIN pg_attribute t ON t.attrelid = i.indrelid AND t.attnum = i.indkey[0]"
            " WHERE i.indrelid = CAST(:table AS regclass) AND a.amname = 'gist' AND t.attname = :column"
        ),
        {"table": column.table.name, "column": column.name},
    )
    whole = func.ST_Extent(column)
    west, south, east, north = connection.execute(
        select(func.ST_XMin(whole), func.ST_YMin(whole), func.ST_XMax(whole), func.ST_YMax(whole))
    ).one()
    if west is None:
        return bool(index)
    # Half of what is there, so that an index which answers "everything" is found out as well.
    half = func.ST_MakeEnvelope(west, south, (west + east) / 2, north, 4326)
    # No geometry among the results, only how many rows and a sum that changes when one is another.
    asked = select(func.count(), func.sum(func.length(func.ST_AsText(column)))).where(column.op("&&")(half))
    answers = []
    for with_index in (True, False):
        for way, on in (("enable_seqscan", not with_index), ("enable_indexscan", with_index), ("enable_bitmapscan", with_index)):
            connection.execute(text(f"SET LOCAL {way} = {'on' if on else 'off'}"))
        answers.append(tuple(connection.execute(asked).one()))
    return bool(index) and answers[0] == answers[1]
