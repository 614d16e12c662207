"""The town of a night: twenty territories, an official in each with an assembly convened, and the machines that serve it."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from app.accounts import passwords
from app.config import Config
from app.core import clock, db, migrations
from app.core.transaction import Database
from app.factory import Cuadra, create_app
from benchmarks.night.evening import ITEMS, Hand
from models import Role, Term
from models.assembly import ItemType, Method
from models.body import BodyKind, GovernmentLevel
from tests.deploy.machines import ROOT, Browser, Machines, free_port, until
from tests.factories import World
from tests.postgis import Cluster

PASSWORD = "faena del domingo en la esquina"  # noqa: S105 - of accounts that live as long as the benchmark
BLOCKS = 3


@dataclass(frozen=True)
class Town:
    config: Config
    app: Cuadra
    hands: list[Hand]
    units: list[str]


def _instance(folder: Path, database_url: str) -> Config:
    return Config(
        environment="demo", database_url=database_url, read_database_url=None, secret_key="a1" * 20, slip_pepper="b2" * 20,
        data_key="c3" * 20, data_dir=folder / "data",
    )


@contextmanager
def spatialite() -> Iterator[Config]:
    """An instance on a migrated file of its own."""
    with tempfile.TemporaryDirectory(prefix="cuadra-night-") as folder:
        config = _instance(Path(folder), f"sqlite:///{folder}/cuadra.sqlite")
        _migrate(config.database_url)
        yield config


@contextmanager
def postgis() -> Iterator[Config]:
    """An instance on a private cluster with the settings and the roles of deploy/."""
    cluster = Cluster.start(ROOT / "deploy" / "postgresql" / "cuadra.conf")
    try:
        cluster.script(ROOT / "deploy" / "postgresql" / "roles.sql")
        _migrate(f"postgresql+psycopg://cuadra_owner@/cuadra?host={cluster.folder}")
        with tempfile.TemporaryDirectory(prefix="cuadra-night-") as folder:
            yield _instance(Path(folder), f"postgresql+psycopg://cuadra@/cuadra?host={cluster.folder}")
    finally:
        cluster.stop()


def _migrate(url: str) -> None:
    engine = db.make_engine(url)
    migrations.upgrade(engine)
    engine.dispose()


@contextmanager
def town(config: Config, officials: int) -> Iterator[Town]:
    """The migrated, empty database of ``config`` with ``officials`` territories, an official and an assembly in each."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database.open(config.database_url, None)
    app = create_app(config, database=database)
    try:
        world = World(app)
        with world.writing() as session:
            tree = world.tree(territories=officials, blocks=BLOCKS)
            themes = tuple(world.theme().id for _n in range(4))
            sensitive = world.theme(sensitive=True).id
            owners = tuple(world.body().id for _n in range(4))
            with app.app_context():
                kept = passwords.hashed(PASSWORD)
            hands = []
            for number, territory in enumerate(tree["territory"]):
                blocks = tree["block"][number * BLOCKS : (number + 1) * BLOCKS]
                user = world.user(Role.OFFICIAL, unit=territory)
                user.password = kept
                world.body(level=GovernmentLevel.COMMUNITY, kind=BodyKind.COLLECTIVE, unit=territory, name="Colectivo de planeación")
                assembly = world.assembly(
                    territory, blocks=blocks, convener=user, starts_at=clock.now() + timedelta(minutes=30),
                    items=[(title, ItemType(kind), Method(method) if method else None) for title, kind, method in ITEMS],
                )
                hands.append(
                    Hand(
                        user_id=user.id, email=user.email, password=PASSWORD, unit=territory.code, folio=assembly.folio, themes=themes,
                        sensitive=sensitive, owners=owners,
                    )
                )
            session.execute(update(Term).values(starts_on=clock.now().date() - timedelta(days=30)))
            units = [unit.code for level in ("territory", "block") for unit in tree[level]]
        yield Town(config, app, hands, units)
    finally:
        database.dispose()


@contextmanager
def served(config: Config) -> Iterator[tuple[int, Machines]]:
    """gunicorn as deploy/ runs it, two processes of four threads, on a free port of loopback; stopped at the end."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="cuadra-night-logs-") as folder:
        machines = Machines(Path(folder), replace(config, base_url=f"http://127.0.0.1:{port}"))
        try:
            process = machines.gunicorn(port)
            until(90, lambda: Browser(port).answers("/readyz") or process.poll() is not None)
            yield port, machines
        finally:
            machines.stop()


def kill_one(machines: Machines) -> None:
    """kill -9 to the first of gunicorn's processes that serve; it starts another."""
    master = machines.running[0].pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
