"""The command line as an operator meets it: one sentence, the right exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest import mock

import pytest
from sqlalchemy import text

from app.cli import main
from app.config import Config, ConfigError

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def cuadra(*arguments: str, **environ: str) -> Done:
    """``cuadra ARGUMENTS`` in this process with only these CUADRA_ variables; a process of its own costs seconds."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CUADRA_")}
    out, err, code = StringIO(), StringIO(), 0
    argv = mock.patch.object(sys, "argv", ["cuadra", *arguments])
    with mock.patch.dict(os.environ, clean | environ, clear=True), argv, redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def test_the_command_runs_as_a_process(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "doctor"], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env=os.environ | {"CUADRA_ENV": "nada", "CUADRA_DATA_DIR": str(tmp_path)},
    )
    assert done.returncode == 2 and "CUADRA_ENV" in done.stdout and not done.stderr


@pytest.fixture
def home(database_url, tmp_path) -> dict[str, str]:
    return {"CUADRA_ENV": "test", "CUADRA_DATABASE_URL": database_url, "CUADRA_DATA_DIR": str(tmp_path / "data")}


def test_init_draws_the_boundaries_of_a_database_of_before(home, world):
    world.tree(blocks=2)
    with world.writing() as session:
        session.execute(text("DELETE FROM unit_shape"))
    assert cuadra("init", **home).returncode == 0 and cuadra("recount", **home).returncode == 0


def test_init_twice_then_everything_answers(home):
    for _time in range(2):
        assert cuadra("init", **home).returncode == 0
    assert cuadra("verify-ledger", **home).stdout.startswith("ok ")
    assert cuadra("recount", **home).returncode == 0
    assert cuadra("reindex", "--check", **home).returncode == 0


def test_an_index_that_is_wrong_is_told_and_mended(home, world):
    world.unit(name="Nogal")
    with world.writing() as session:
        session.execute(text("DELETE FROM search_entry"))
    assert (done := cuadra("reindex", "--check", **home)).returncode == 1 and " 0 differed" not in done.stdout
    assert cuadra("reindex", **home).returncode == 0
    assert cuadra("reindex", "--check", **home).returncode == 0
    assert cuadra("worker", "--once", **home).returncode == 0


def test_a_broken_chain_is_found(home, world):
    # The triggers stop every ordinary way in; somebody who owns the database drops them first.
    with world.writing() as session:
        world.unit()
        world.unit()
        postgresql = session.get_bind().dialect.name == "postgresql"
        session.execute(text("DROP TRIGGER guard_event_update" + (" ON event" if postgresql else "")))
        session.execute(text("UPDATE event SET object = 'unit:OTRA' WHERE seq = 1"))
    done = cuadra("verify-ledger", **home)
    assert done.returncode == 1
    assert done.stdout.startswith("broken at 1: ")


def test_a_head_from_paper_must_be_in_the_chain(home, world):
    with world.writing():
        world.unit()
    head = cuadra("verify-ledger", **home).stdout.split("head ")[1].strip()
    assert cuadra("verify-ledger", "--head", head, **home).returncode == 0
    assert cuadra("verify-ledger", "--head", "1:" + "a" * 64, **home).returncode == 1


@pytest.mark.parametrize(
    "environ, words",
    [
        ({"CUADRA_ENV": "produccion"}, "CUADRA_ENV"),
        ({"CUADRA_ENV": "production"}, "CUADRA_SECRET_KEY"),
        ({"CUADRA_ENV": "test", "PORT": "abc"}, "PORT"),
        ({"CUADRA_ENV": "test", "CUADRA_DATABASE_URL": "mysql://x"}, "CUADRA_DATABASE_URL"),
        ({"CUADRA_ENV": "test", "CUADRA_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, "base de datos"),
        ({"CUADRA_ENV": "test", "CUADRA_BASE_URL": "ftp://x"}, "CUADRA_BASE_URL"),
        ({"CUADRA_ENV": "test", "CUADRA_TRUSTED_PROXIES": "nginx"}, "CUADRA_TRUSTED_PROXIES"),
    ],
)
def test_wrong_configuration_is_one_sentence_and_exit_2(environ, words, tmp_path):
    done = cuadra("recount", **{"CUADRA_DATA_DIR": str(tmp_path)} | environ)
    assert done.returncode == 2
    assert words in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_unknown_command_is_usage(tmp_path):
    assert cuadra("nada", CUADRA_DATA_DIR=str(tmp_path)).returncode == 2


def test_doctor_names_each_thing(home):
    cuadra("init", **home)
    done = cuadra("doctor", **home)
    lines = done.stdout.strip().splitlines()
    assert {line.split(maxsplit=1)[0] for line in lines} <= {"bien", "FALTA"}
    for name in ("configuración", "llaves", "carpeta de datos", "base de datos", "migraciones", "documentos PDF", "tipografías"):
        assert any(line.startswith(f"bien  {name}:") for line in lines), done.stdout


@pytest.mark.parametrize("weak", ["changeme" * 5, "x", "demo-secret-for-cuadra-demo-secret-x"])
def test_production_refuses_weak_secrets(weak, tmp_path):
    strong = {"CUADRA_SLIP_PEPPER": "a1" * 20, "CUADRA_DATA_KEY": "b2" * 20}
    with pytest.raises(ConfigError, match="CUADRA_SECRET_KEY"):
        Config.from_environ({"CUADRA_DATA_DIR": str(tmp_path), "CUADRA_SECRET_KEY": weak, **strong})
    assert Config.from_environ({"CUADRA_DATA_DIR": str(tmp_path), "CUADRA_SECRET_KEY": "c3" * 20, **strong})


def test_outside_production_secrets_are_made_once_and_kept_private(tmp_path):
    first = Config.from_environ({"CUADRA_ENV": "demo", "CUADRA_DATA_DIR": str(tmp_path)})
    again = Config.from_environ({"CUADRA_ENV": "demo", "CUADRA_DATA_DIR": str(tmp_path)})
    assert first.secret_key == again.secret_key
    assert (tmp_path / "secrets.env").stat().st_mode & 0o077 == 0
    assert first.secret_key not in repr(first)
