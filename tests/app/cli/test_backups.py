"""Backups: taken while others write, small after the first, refused when damaged, brought back whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.accounts import sessions
from app.cli.backups import databases, manifest, restoring, taking
from app.config import ConfigError
from app.core import clock, db, migrations, restored, storage
from app.core.transaction import transaction
from models import TerritorialUnit
from models.people import AccountSession
from tests.app.cli.test_operations import cuadra
from tests.conftest import NOW

PHOTO = b"una foto " * 500


@pytest.fixture
def lived_in(app, world, config):
    """An instance with a tree, a stored file and somebody signed in."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    world.tree(blocks=2)
    with app.app_context():
        storage.keep(PHOTO)
    person = world.user()
    with world.writing() as session:
        sessions.begin(session, person, "teléfono")
    app.extensions["database"].dispose()
    return config


@pytest.fixture
def elsewhere(request, engine_name, tmp_path, lived_in):
    """Another place, empty."""
    data = tmp_path / "other"
    if engine_name == "spatialite":
        yield replace(lived_in, data_dir=data, database_url=f"sqlite:///{data / 'cuadra.sqlite'}")
        return
    running = request.getfixturevalue("cluster")
    yield replace(lived_in, data_dir=data, database_url=running.url("other_place"))
    running.drop("other_place")


def count_units(config) -> int:
    engine = db.make_engine(config.database_url)
    try:
        with engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(TerritorialUnit))
    finally:
        engine.dispose()


def test_the_drill_holds_while_somebody_writes(lived_in, tmp_path):
    environ = {
        "CUADRA_ENV": "test", "CUADRA_DATABASE_URL": lived_in.database_url, "CUADRA_DATA_DIR": str(lived_in.data_dir),
        "CUADRA_SECRET_KEY": lived_in.secret_key, "CUADRA_SLIP_PEPPER": lived_in.slip_pepper, "CUADRA_DATA_KEY": lived_in.data_key,
    }
    done = cuadra("restore-drill", "--json", "--dir", str(tmp_path), **environ)
    report = json.loads(done.stdout)
    assert done.returncode == 0 and report["ok"], report
    assert {"respaldar", "lo confirmado", "libro", "conteos", "índices", "archivos", "entrar"} <= set(report)
    assert report["files"] == 1 and report["rpo_seconds"] == 0 and report["rto_seconds"] > 0
    assert not list(tmp_path.glob("cuadra-drill-*")), "nothing is left behind"
    assert taking.last(lived_in) is None, "a drill is no backup"


def test_what_comes_back_is_what_was_there_and_nobody_is_signed_in(lived_in, elsewhere, tmp_path):
    taken = taking.take(lived_in, tmp_path / "backups")
    done = restoring.restore(taken.folder, elsewhere)
    assert count_units(elsewhere) == count_units(lived_in)
    assert [path.read_bytes() for path in (elsewhere.data_dir / "files").glob("??/*")] == [PHOTO]
    engine = db.make_engine(elsewhere.database_url)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(AccountSession).where(AccountSession.ended_at.is_(None))) == 0
    engine.dispose()
    assert done.made_good and "1" in done.made_good[0]
    with pytest.raises(ConfigError, match="--force"):
        restoring.restore(taken.folder, elsewhere)


def test_force_replaces_all_and_a_backup_that_fails_halfway_replaces_nothing(lived_in, world, app, tmp_path, engine_name):
    taken = taking.take(lived_in, tmp_path / "backups")
    with world.writing():
        world.unit()
    app.extensions["database"].dispose()
    units = count_units(lived_in)
    broken = tmp_path / "backups" / "broken"
    broken.mkdir()
    for path in (manifest.LIST, taken.manifest.database):
        (broken / path).write_bytes((taken.folder / path).read_bytes())
    archive = broken / taken.manifest.database
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size * 2 // 3])
    replace(taken.manifest, database_sha256=manifest.digest_of(archive)).write(broken)
    (broken / "files").symlink_to(taken.folder / "files")
    with pytest.raises(ConfigError, match="No se restauró nada"):
        restoring.restore(broken, lived_in, force=True)
    assert count_units(lived_in) == units, "whole or not at all"
    restoring.restore(taken.folder, lived_in, force=True)
    assert count_units(lived_in) == units - 1


def test_a_file_is_copied_once_and_linked_from_then_on(lived_in, app, tmp_path):
    into = tmp_path / "backups"
    with clock.stopped_at(NOW):
        first = taking.take(lived_in, into)
    (into / "cuadra-20200101T000000Z.partial").mkdir()
    with app.app_context():
        storage.keep(b"otra")
    second, third = taking.take(lived_in, into), taking.take(lived_in, into, keep=2)
    assert (first.copied, first.linked, second.copied, second.linked, third.linked) == (1, 0, 1, 1, 2)
    assert taking.finished(into) == [second.folder, third.folder], "the oldest went, and what was never finished"
    assert not list(into.glob("*.partial"))
    for path in [into, *second.folder.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, f"{path} is for its owner alone"
    assert manifest.Manifest.read(third.folder).files == 2
    assert taking.last(lived_in) == third.manifest.taken_at


def test_a_damaged_or_foreign_backup_is_refused_in_a_sentence(lived_in, elsewhere, tmp_path):
    taken = taking.take(lived_in, tmp_path / "backups")
    other_keys = replace(elsewhere, data_key="x" * 40)
    with pytest.raises(ConfigError, match="CUADRA_DATA_KEY"):
        restoring.restore(taken.folder, other_keys)
    newer = replace(taken.manifest, snapshot=replace(taken.manifest.snapshot, revision="9999"))
    newer.write(taken.folder)
    with pytest.raises(ConfigError, match="más nueva"):
        restoring.restore(taken.folder, elsewhere)
    replace(taken.manifest, engine="otra").write(taken.folder)
    with pytest.raises(ConfigError, match="otra"):
        restoring.restore(taken.folder, elsewhere)
    taken.manifest.write(taken.folder)
    kept = next((taken.folder / "files").glob("??/*"))
    kept.write_bytes(PHOTO[:-1] + b"!")
    with pytest.raises(ConfigError, match=kept.name[:12]):
        restoring.restore(taken.folder, elsewhere)
    (taken.folder / manifest.NAME).unlink()
    with pytest.raises(ConfigError, match="no es un respaldo terminado"):
        restoring.restore(taken.folder, elsewhere)
    assert databases.is_empty(elsewhere.database_url), "nothing was touched"


def test_an_older_backup_is_brought_up_to_date_and_made_good(lived_in, elsewhere, tmp_path, monkeypatch):
    engine = db.make_engine(lived_in.database_url)
    migrations.downgrade(engine, "0001")
    engine.dispose()
    taken = taking.take(lived_in, tmp_path / "backups")
    erased = []
    monkeypatch.setattr(restored, "_hooks", [lambda session, taken_at: erased.append(taken_at) or "erased again"])
    done = restoring.restore(taken.folder, elsewhere)
    assert done.migrated and done.made_good == ["erased again"] and erased == [taken.manifest.taken_at]
    engine = db.make_engine(elsewhere.database_url)
    assert migrations.is_current(engine)
    engine.dispose()


def test_a_stored_file_that_changed_stops_the_backup_and_leaves_nothing(lived_in, app, tmp_path):
    with app.app_context(), transaction():
        digest = storage.keep(PHOTO)
    (lived_in.data_dir / "files" / digest[:2] / digest).write_bytes(b"otra cosa")
    with pytest.raises(ConfigError, match=digest[:12]):
        taking.take(lived_in, tmp_path / "backups")
    assert taking.finished(tmp_path / "backups") == [] and not list((tmp_path / "backups").glob("cuadra-*"))


def test_the_doctor_says_in_production_that_nobody_works_or_backs_up(lived_in, tmp_path):
    environ = {
        "CUADRA_ENV": "production", "CUADRA_DATABASE_URL": lived_in.database_url, "CUADRA_DATA_DIR": str(lived_in.data_dir),
        "CUADRA_SECRET_KEY": "a1" * 20, "CUADRA_SLIP_PEPPER": "b2" * 20, "CUADRA_DATA_KEY": "c3" * 20,
    }
    before = cuadra("doctor", **environ)
    assert before.returncode == 1
    assert "FALTA trabajos: " in before.stdout and "FALTA respaldos: " in before.stdout
    assert cuadra("backup", str(tmp_path / "backups"), **environ).returncode == 0
    assert "bien  respaldos: el último " in cuadra("doctor", **environ).stdout
