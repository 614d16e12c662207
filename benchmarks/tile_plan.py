"""How PostgreSQL makes one tile of ours: the very statement, explained."""

from __future__ import annotations

from sqlalchemy import event, make_url
from sqlalchemy.orm import Session

from app.core import clock, db
from models.settings import DEFAULTS
from territories.layers.levels import LEVELS
from territories.layers.registry import Scope
from territories.layers.tiles import tile


def of(url: str, z: int, x: int, y: int, layer: str = "blocks") -> str:
    """EXPLAIN (ANALYZE, BUFFERS) of the second time the tile is made."""
    engine = db.make_engine(make_url(url))
    heard: list[tuple] = []

    @event.listens_for(engine, "before_cursor_execute")
    def _hear(_connection, _cursor, statement, parameters, _context, _many) -> None:
        if "ST_AsMVT(" in statement:
            heard.append((statement, parameters))

    today = clock.today(DEFAULTS["time_zone"])
    with Session(engine) as session:
        for _time in range(2):
            tile(session, next(one for one in LEVELS if one.name == layer), z, x, y, Scope(today, today))
        statement, parameters = heard[-1]
        plan = session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {statement}", parameters)
        return "\n".join(line for line, in plan)
