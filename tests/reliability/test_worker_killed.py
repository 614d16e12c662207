"""kill -9 of a worker in the middle of a job: another takes it up, its effect is there once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.core import jobs
from app.core.transaction import transaction
from models import OutboxJob
from models.operations import RateWindow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def start_worker(config):
    environ = os.environ | {
        "CUADRA_ENV": "test", "CUADRA_DATABASE_URL": config.database_url, "CUADRA_DATA_DIR": str(config.data_dir),
        "CUADRA_SECRET_KEY": config.secret_key, "CUADRA_SLIP_PEPPER": config.slip_pepper, "CUADRA_DATA_KEY": config.data_key,
    }
    started = []

    def start() -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.job_worker"],
            cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.mark.postgis
def test_the_job_of_a_killed_worker_runs_again_and_leaves_one_effect(app, world, start_worker):
    with app.app_context(), transaction() as session:
        number = jobs.enqueue(session, "try.slow", {"mark": "slow"})
    first = start_worker()
    assert first.stdout.readline() == "begun\n"
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = start_worker()
    assert second.stdout.readline() == "begun\n"
    second.stdin.write("\n")
    second.stdin.flush()
    assert second.stdout.readline() == "done\n"
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=30) == 0, "told to stop, it finishes what it began"
    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(RateWindow)) == 1
        job = session.get_one(OutboxJob, number)
        assert job.done_at is not None and job.attempts == 2
