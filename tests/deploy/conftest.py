"""A town hall's machines, started once for a file of tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.accounts import passwords
from app.config import Config
from app.core import clock, db, migrations
from app.core.transaction import Database
from app.factory import Cuadra, create_app
from tests.conftest import CI, NOW
from tests.deploy.machines import NGINX, ROOT, Browser, Machines, free_port, open_folder, until
from tests.factories import World
from tests.factories.agreements import Neighbourhood
from tests.postgis import Cluster, Unavailable

PASSWORD = "tamal de elote en la esquina"


@dataclass
class TownHall:
    """A database with a neighbourhood in it, the machines around it, and the port where nginx answers."""

    cluster: Cluster
    app: Cuadra
    world: World
    place: Neighbourhood
    machines: Machines
    port: int

    def browser(self) -> Browser:
        return Browser(self.port)

    def ready(self) -> None:
        """Return once nginx answers from an application that reaches its database."""
        try:
            until(60, lambda: self.browser().answers("/readyz"))
        except AssertionError as late:
            pytest.fail(f"{late}\n{self.machines.complaints()}")

    def official(self) -> Browser:
        browser = self.browser()
        assert browser.sign_in(self.place.owner_user.email, PASSWORD).status == 303
        return browser


@pytest.fixture(scope="module")
def town_hall() -> Iterator[TownHall]:
    """The database and its contents; each file starts the machines it is about."""
    try:
        if not Path(NGINX).exists():
            raise Unavailable("install nginx-light")
        cluster = Cluster.start(ROOT / "deploy" / "postgresql" / "cuadra.conf")
    except Unavailable as why:
        if CI:
            pytest.fail(f"needed here: {why}")
        pytest.skip(str(why))
    cluster.script(ROOT / "deploy" / "postgresql" / "roles.sql")
    owner = f"postgresql+psycopg://cuadra_owner@/cuadra?host={cluster.folder}"
    folder, port = open_folder(), free_port()
    config = Config(
        environment="demo", database_url=owner.replace("cuadra_owner@", "cuadra@"), read_database_url=None, secret_key="a1" * 20,
        slip_pepper="b2" * 20, data_key="c3" * 20, data_dir=folder / "data", base_url=f"http://127.0.0.1:{port}",
    )
    engine = db.make_engine(owner)
    migrations.upgrade(engine)
    engine.dispose()
    database = Database.open(config.database_url, None)
    app = create_app(config, database=database)
    machines = Machines(folder, config)
    try:
        with clock.stopped_at(NOW):
            world = World(app)
            place = Neighbourhood(world)
            with world.writing() as session:
                session.merge(place.owner_user).password = passwords.hashed(PASSWORD)
        yield TownHall(cluster, app, world, place, machines, port)
    finally:
        machines.stop()
        database.dispose()
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
