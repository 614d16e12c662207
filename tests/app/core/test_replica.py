"""Only anonymous GETs read the replica, and when it fails them they read the primary."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock, db, replica
from app.core.transaction import Database
from app.factory import create_app
from tests.conftest import NOW
from tests.factories import World
from tests.pages import PageClient


@pytest.fixture
def with_empty_replica(config, tmp_path):
    """An application whose replica answers but has none of our tables."""
    database = Database.open(config.database_url, f"sqlite:///{tmp_path / 'replica.sqlite'}")
    with clock.stopped_at(NOW):
        yield create_app(config, database=database)
    database.dispose()


def test_a_replica_without_the_tables_is_left_and_the_page_is_whole(with_empty_replica):
    world = World(with_empty_replica)
    with world.writing():
        unit = world.unit()
        code = unit.code
    client = PageClient(with_empty_replica)
    watch = with_empty_replica.extensions["database"].watch
    assert watch.fresh()
    assert client.get(f"/t/{code}").status_code == 200
    assert not watch.fresh(), "the next one does not try it"
    assert client.get(f"/t/{code}").status_code == 200


class Positions:
    """Stands for both engines: what the primary had written and the replica replayed at each look."""

    def __init__(self, monkeypatch, steps):
        self.now, self.steps, self.step = 1000.0, steps, {}
        self.replica = replica.Replica(db.make_engine("postgresql://primary/x"), db.make_engine("postgresql://reader/x"))
        monkeypatch.setattr(replica, "_position", self.position)
        monkeypatch.setattr(replica.time, "monotonic", lambda: self.now)

    def position(self, engine, _expression):
        found = self.step[engine.url.host]
        if found is None:
            raise SQLAlchemyError("away")
        return found

    def judge(self):
        for seconds, written, replayed, _expected in self.steps:
            self.now += seconds
            self.step = {"primary": written, "reader": replayed}
            yield self.replica.fresh()


@pytest.mark.parametrize(
    "steps",
    [
        [(0, 100, 100, True), (2, 200, 150, True), (2, 300, 199, False), (2, 400, 300, True)],
        [(0, 100, 90, False), (3600, 500, 400, False), (2, 500, 500, True)],
        [(0, 100, 100, True), (2, None, 100, True)],
        [(0, 100, 100, True), (2, 100, None, False), (2, 100, 100, False), (9, 100, 100, True)],
        [(0, 100, 100, True), (1, 900, 100, True)],
    ],
    ids=["late by more than a look", "what was long ago proves nothing", "no primary", "no replica for ten seconds", "not asked each time"],
)
def test_it_is_fresh_when_it_has_what_the_primary_had_at_the_look_before(monkeypatch, steps):
    assert list(Positions(monkeypatch, steps).judge()) == [expected for *_rest, expected in steps]
