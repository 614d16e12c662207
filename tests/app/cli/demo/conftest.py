"""Demos are slow to live through: each is built once and read by many tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from app.config import Config
from app.core import clock
from app.core.transaction import Database
from app.factory import Cuadra, create_app
from tests.app.cli.demo.scenes import Demo, lived_in
from tests.conftest import NOW

Opener = Callable[[str, str], AbstractContextManager[Cuadra]]


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Opener:
    """``with empty("spatialite", "name") as app``: an application over an empty database, at the tests' stopped clock."""

    @contextmanager
    def opened(engine: str, name: str) -> Iterator[Cuadra]:
        folder = tmp_path_factory.mktemp(name)
        if engine == "spatialite":
            shutil.copyfile(request.getfixturevalue("spatialite_template"), folder / "cuadra.sqlite")
            url = f"sqlite:///{folder / 'cuadra.sqlite'}"
        else:
            template = request.getfixturevalue("postgis_template")
            url = request.getfixturevalue("cluster").url(name, template=template)
        config = Config(
            environment="test", database_url=url, read_database_url=None, secret_key="k" * 40, slip_pepper="p" * 40,
            data_key="d" * 40, data_dir=folder / "data", base_url="http://localhost",
        )
        database = Database.open(url, None)
        with clock.stopped_at(NOW):
            yield create_app(config, database=database)
        database.dispose()

    return opened


@pytest.fixture(scope="module")
def tiny(engine_name: str, empty: Opener) -> Iterator[Demo]:
    """The tiniest demo, to read."""
    with empty(engine_name, "tiny_demo") as app:
        yield Demo(app, lived_in(app))


@pytest.fixture(scope="module")
def small(empty: Opener) -> Iterator[Demo]:
    """The small demo, to read. One engine is enough for figures; the tiny one runs on both."""
    with empty("spatialite", "small_demo") as app:
        yield Demo(app, lived_in(app, seed=1, size="small"))
