"""Two machines behind one nginx, and a streaming replica for whoever only reads: one story in order."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import psutil
import pytest

from app.core import clock
from models.territory import LevelRole
from tests.conftest import NOW
from tests.deploy.conftest import PASSWORD, TownHall
from tests.deploy.machines import Browser, free_port, until
from tests.postgis import Cluster

pytestmark = [pytest.mark.deploy, pytest.mark.postgis]
ROUND = 4
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def replica(town_hall: TownHall) -> Iterator[Cluster]:
    other = town_hall.cluster.replicate()
    yield other
    other.stop()


@pytest.fixture(scope="module")
def standing(town_hall: TownHall, replica: Cluster) -> TownHall:
    ports = [free_port(), free_port()]
    read_only = f"postgresql://cuadra@/cuadra?host={replica.folder}"
    # One process each: a reading process and its opinion of the replica are then the same thing.
    town_hall.pair = [town_hall.machines.gunicorn(port, processes=1, CUADRA_READ_DATABASE_URL=read_only) for port in ports]
    town_hall.machines.nginx(town_hall.port, ports, "--microcache")
    town_hall.ready()
    until(60, lambda: all(Browser(port).answers("/readyz") for port in ports))
    return town_hall


def seen(town_hall: TownHall, path: str, times: int = ROUND) -> set[int]:
    """The statuses of a page asked by nobody in particular, both machines in turn."""
    # Each with a name of its own, so that what nginx keeps for a second does not answer instead.
    return {town_hall.browser().get(f"{path}?n={next(NUMBERS)}").status for _time in range(times)}


def new_unit(town_hall: TownHall) -> str:
    with clock.stopped_at(NOW), town_hall.world.writing():
        return f"/t/{town_hall.world.unit(LevelRole.BLOCK, parent=town_hall.place.section).code}"


def test_readers_without_an_account_read_the_replica_until_it_is_late(standing, replica):
    began = time.monotonic()
    # Each machine looks at the replica every two seconds and trusts it from the second look on.
    until(10, lambda: seen(standing, "/") == {200} and time.monotonic() - began > 5)
    replica.ask("SELECT pg_wal_replay_pause()")
    path = new_unit(standing)
    assert 404 in seen(standing, path), f"what they read is the replica, which has not seen it yet\n{standing.machines.complaints()}"
    official = standing.browser()
    assert official.sign_in(standing.place.owner_user.email, PASSWORD).status == 303
    assert {official.get("/account").status for _time in range(ROUND)} == {200}, "a session just written is read where it was written"
    until(10, lambda: seen(standing, path) == {200})
    replica.ask("SELECT pg_wal_replay_resume()")


def test_a_lost_replica_is_noticed_by_nobody(standing, replica):
    until(15, lambda: readers_of(replica) >= 1 and seen(standing, "/") == {200})
    replica.shut()
    assert seen(standing, f"/t/{standing.place.territory.code}", 8) == {200}
    replica.open()
    until(30, lambda: seen(standing, "/") == {200} and readers_of(replica) >= 1)


def readers_of(replica: Cluster) -> int:
    """Connections of the application to the replica."""
    return int(replica.ask("SELECT count(*) FROM pg_stat_activity WHERE datname = 'cuadra' AND backend_type = 'client backend'"))


def test_a_page_is_kept_for_a_second_and_never_for_who_signed_in(standing):
    page = f"/t/{standing.place.territory.code}"
    assert [standing.browser().get(page).status for _time in range(3)] == [200] * 3
    lines = [line for line in standing.machines.log("nginx/cuadra.access.log").splitlines() if f'"GET {page}"' in line]
    assert "cache=HIT" in lines[-1]
    official = standing.browser()
    assert official.sign_in(standing.place.owner_user.email, PASSWORD).status == 303
    for _time in range(2):
        assert official.get("/inbox").status == 200
    assert standing.browser().get("/inbox").status == 303, "nobody else is shown what was shown to them"


def test_the_death_of_one_machine_is_noticed_by_nobody(standing):
    assert seen(standing, "/") == {200}
    dead = psutil.Process(standing.pair[0].pid)
    for process in [dead, *dead.children()]:
        process.kill()
    assert seen(standing, "/", 8) == {200}
    assert standing.official().get("/inbox").status == 200
