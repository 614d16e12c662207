"""Writes until killed: one unit with geometry and one event per key, each key acknowledged on standard output.

Run by test_kill; its arguments are the number of this writer and the keys to send, in order.
"""

from __future__ import annotations

import sys

from shapely import MultiPolygon, box
from sqlalchemy import select

from app.core import idempotency
from app.core.idempotency import Answer
from app.factory import create_app
from models import Level, TerritorialUnit
from models.ledger import SYSTEM
from models.territory import LevelRole
from territories.units import services as units


def main() -> None:
    writer, keys = sys.argv[1], sys.argv[2].split(",")
    app = create_app()
    with app.app_context():
        for key in keys:

            def act(session, code=f"K{key[:8]}"):
                level = session.scalar(select(Level).where(Level.role == LevelRole.BLOCK))
                root = session.scalar(select(TerritorialUnit).where(TerritorialUnit.parent_id.is_(None)))
                shape = MultiPolygon([box(-99.1, 19.3, -99.0, 19.4)])
                units.add_unit(session, code=code, name=code, level=level, parent=root, shape=shape, capacity=SYSTEM)
                return Answer(data={"code": code}, status=201)

            idempotency.once(actor_key=f"writer:{writer}", client_id=key, body={}, act=act)
            print(key, flush=True)


if __name__ == "__main__":
    main()
