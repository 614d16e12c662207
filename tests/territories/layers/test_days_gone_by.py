"""The map of a day gone by shows the units of that day, each with the blocks it then had."""

from __future__ import annotations

from datetime import timedelta

from app.core.actors import Actor, Holding
from models import Role, TerritorialUnit
from models.territory import LevelRole
from territories.layers import shapes
from territories.layers.registry import Scope, find_layer
from territories.layers.rows import rows_of
from territories.units.reshape import services as reshape
from territories.units.reshape.plan import Part
from tests.app.portal import scenes
from tests.factories import TODAY
from tests.territories.units.test_reshape import land

PLANNING = Actor(1, "Planeación", (Holding(Role.PLANNING, body_id=1, body_code="PLAN"),))


def test_coverage_of_a_territory_that_was_split_since(world, app):
    with world.writing() as session:
        root = world.unit(LevelRole.ROOT, code="R", shape=land(0, 0, 2, 2))
        west = world.unit(LevelRole.TERRITORY, parent=root, code="W", shape=land(0, 0, 2, 2))
        blocks = [
            world.unit(LevelRole.BLOCK, parent=west, code=code, shape=land(x + 0.1, 0.1, x + 0.9, 0.9))
            for code, x in (("B1", 0), ("B2", 1))
        ]
        scenes.assembly(world, west, blocks[0])
        parts = [Part("WA", "A", land(0, 0, 1, 2)), Part("WB", "B", land(1, 0, 2, 2))]
        reshape.split(session, actor=PLANNING, unit=session.get(TerritorialUnit, west.id), parts=parts, on=TODAY, reason="Creció")
    layer = find_layer(app, "coverage-territories")

    def told(session, on) -> dict[str, tuple[int, int]]:
        return {row.code: (row.met, row.of) for row in session.execute(rows_of(layer, Scope(TODAY, on)))}

    with world.writing() as session:
        assert told(session, TODAY) == {"WA": (1, 1), "WB": (0, 1)}
        assert told(session, TODAY - timedelta(days=1)) == {"W": (1, 2)}
        assert shapes.rebuild(session) == 0, "and what is no more is still drawn"
