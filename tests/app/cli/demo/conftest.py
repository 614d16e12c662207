"""Demos are slow to live through: each is built once and read by many tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.config import Config
from app.core import clock
from app.core.transaction import Database
from app.factory import Cuadra, create_app
from tests.app.cli.demo.scenes import Demo, lived_in
from tests.conftest import NOW

Opener = Callable[[str], "contextmanager[Cuadra]"]


@pytest.fixture(scope="module")
def empty(engine_name: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Opener:
    """``with empty("name") as app``: an application over an empty database of one engine, at the tests' stopped clock."""

    @contextmanager
    def opened(name: str) -> Iterator[Cuadra]:
        folder: Path = tmp_path_factory.mktemp(name)
        if engine_name == "spatialite":
            path = folder / "cuadra.sqlite"
            shutil.copyfile(request.getfixturevalue("spatialite_template"), path)
            url, drop = f"sqlite:///{path}", lambda: None
        else:
            cluster = request.getfixturevalue("cluster")
            url, drop = cluster.copy(request.getfixturevalue("postgis_template"), name), lambda: cluster.drop(name)
        config = Config(
            environment="test", database_url=url, read_database_url=None, secret_key="k" * 40, slip_pepper="p" * 40,
            data_key="d" * 40, data_dir=folder / "data", base_url="http://localhost",
        )
        database = Database.open(url, None)
        with clock.stopped_at(NOW):
            yield create_app(config, database=database)
        database.dispose()
        drop()

    return opened


@pytest.fixture(scope="module")
def tiny(empty: Opener) -> Iterator[Demo]:
    """The tiniest demo, to read."""
    with empty("tiny_demo") as app:
        yield Demo(app, lived_in(app))
