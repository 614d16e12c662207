"""What was agreed on a unit that was split or merged is still its neighbours' to verify, from what came out of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agendas.agreements import queries, voices
from app.core.actors import Actor, Holding, load_actor
from models import Role, TerritorialUnit, User
from models.territory import LevelRole
from territories.units.reshape import services as reshape
from territories.units.reshape.plan import Part
from tests.app.portal import scenes
from tests.factories import TODAY
from tests.territories.units.test_reshape import land

PLANNING = Actor(1, "Planeación", (Holding(Role.PLANNING, body_id=1, body_code="PLAN"),))


@pytest.fixture
def place(world):
    """A territory with two blocks and an agreement, split in two; and one beside it."""
    with world.writing() as session:
        root = world.unit(LevelRole.ROOT, code="R", shape=land(0, 0, 4, 2))
        old = world.unit(LevelRole.TERRITORY, parent=root, code="W", shape=land(0, 0, 2, 2))
        world.unit(LevelRole.TERRITORY, parent=root, code="E", shape=land(2, 0, 4, 2))
        for code, x in (("B1", 0), ("B2", 1)):
            world.unit(LevelRole.BLOCK, parent=old, code=code, shape=land(x + 0.1, 0.1, x + 0.9, 0.9))
        agreement = scenes.agreement(world, old, world.body(), world.theme())
        block = session.scalars(select(TerritorialUnit).where(TerritorialUnit.code == "B1")).one()
        neighbour, folio = world.user(Role.LIAISON, unit=block).id, agreement.folio
        parts = [Part("WA", "A", land(0, 0, 1, 2)), Part("WB", "B", land(1, 0, 2, 2))]
        reshape.split(session, actor=PLANNING, unit=session.get(TerritorialUnit, old.id), parts=parts, on=TODAY, reason="Creció")
        ids = dict(session.execute(select(TerritorialUnit.code, TerritorialUnit.id)).all())
    return ids | {"agreement": folio, "liaison": neighbour}


def test_slips_reach_what_they_reached_and_what_came_out_of_it(world, place):
    with world.writing() as session:
        for slip, agreement_of, reaches in (
            ("W", "W", True), ("W", "B1", True), ("W", "WA", True), ("WA", "W", True), ("B1", "W", True), ("B1", "WA", True),
            ("B1", "WB", False), ("E", "W", False), ("W", "E", False), ("WA", "WB", False),
        ):
            assert voices.serves(session, place[slip], place[agreement_of]) is reaches, (slip, agreement_of)


def test_the_assemblies_of_what_came_out_of_it_take_it_up(world, place):
    with world.writing() as session:
        assert [one.folio for one in queries.open_agreements_for(session, place["WA"])] == [place["agreement"]]
        assert [one.folio for one in queries.open_agreements_for(session, place["B2"])] == [place["agreement"]]
        assert queries.open_agreements_for(session, place["E"]) == []


def test_a_liaison_serves_it_too(world, place):
    with world.writing() as session:
        actor = load_actor(session, session.get(User, place["liaison"]), TODAY)
        served = actor.holdings[0].serves
        assert {place["B1"], place["WA"], place["W"]} <= served and place["WB"] not in served
