"""Fixtures: a fresh database per test on both engines, a client that reads pages like a strict browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2.bccache import Bucket, BytecodeCache

from app.config import Config
from app.core import clock, db, migrations
from app.core.page_cache import Shelf
from app.core.transaction import Database
from app.factory import Cuadra, create_app
from tests.factories import World
from tests.pages import PageClient
from tests.postgis import Cluster, Unavailable, quick_folder

NOW = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)
CI = bool(os.environ.get("CI"))


class Compiled(BytecodeCache):
    """Templates compiled once for all the applications of a run: half the cost of a page test otherwise."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine_name" in metafunc.fixturenames:
        engines = ["spatialite", pytest.param("postgis", marks=pytest.mark.postgis)]
        if metafunc.definition.get_closest_marker("postgis"):
            engines = ["postgis"]
        metafunc.parametrize("engine_name", engines, scope="session")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    try:
        running = Cluster.start()
    except Unavailable as why:
        if CI:
            pytest.fail(f"PostGIS is required here: {why}")
        pytest.skip(f"no PostGIS: {why}")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def spatialite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    engine = db.make_engine(f"sqlite:///{path}")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgis_template(cluster: Cluster) -> str:
    engine = db.make_engine(cluster.url("template_cuadra"))
    migrations.upgrade(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Half of the template would be coordinate systems nobody here uses, copied a thousand times.
        connection.exec_driver_sql("DELETE FROM spatial_ref_sys WHERE srid NOT IN (4326, 3857, 6372, 32613, 32614)")
        connection.exec_driver_sql("VACUUM FULL")
    engine.dispose()
    return "template_cuadra"


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty, migrated database of one engine."""
    if engine_name == "spatialite":
        folder = quick_folder("cuadra-")
        shutil.copyfile(request.getfixturevalue("spatialite_template"), folder / "cuadra.sqlite")
        yield f"sqlite:///{folder / 'cuadra.sqlite'}"
        shutil.rmtree(folder)
        return
    template = request.getfixturevalue("postgis_template")
    running: Cluster = request.getfixturevalue("cluster")
    name = f"t{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**9}"
    yield running.url(name, template=template)
    running.drop(name)


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    return Config(
        environment="test", database_url=database_url, read_database_url=None, secret_key="k" * 40,
        slip_pepper="p" * 40, data_key="d" * 40, data_dir=tmp_path / "data", base_url="http://localhost",
    )


@pytest.fixture(scope="session")
def built() -> dict[str, Cuadra]:
    """Where the one application of a worker is kept: registering its two hundred addresses takes longer than most tests."""
    return {}


@pytest.fixture
def altered(built: dict[str, Cuadra]) -> Iterator[None]:
    """For a test that adds addresses to the application: nobody gets that one afterwards."""
    yield
    built.clear()


@pytest.fixture
def app(config: Config, built: dict[str, Cuadra]) -> Iterator[Cuadra]:
    """The application at a stopped clock: Saturday 14 March 2026, noon in Mexico City.

    Configuration, database and whatever a process remembers are each test's own.
    """
    database = Database.open(config.database_url, None)
    if "app" not in built:
        built["app"] = create_app(config, database=database)
        built["app"].jinja_env.bytecode_cache = COMPILED
    application = built["app"]
    application.config["PROPAGATE_EXCEPTIONS"] = True
    application.extensions |= {"config": config, "database": database, "page_cache": Shelf()}
    application.extensions.pop("read_windows", None)
    with clock.stopped_at(NOW):
        yield application
    database.dispose()


@pytest.fixture
def client(app: Cuadra) -> PageClient:
    """An anonymous reader."""
    return PageClient(app)


@pytest.fixture
def world(app: Cuadra) -> World:
    """Callables that make things with good defaults; see tests/factories."""
    return World(app)
