"""Work after the commit: there exactly when the change is, done once, tried again, parked."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from app.cli.operations import workshop
from app.core import clock, jobs, queue
from app.core.db import make_engine
from app.core.transaction import transaction
from models import OutboxJob
from models.operations import RateWindow
from tests.conftest import NOW


@pytest.fixture
def effects():
    """A kind of job that leaves a row, and one that fails until it is mended; forgotten after the test."""
    broken = {"yes": True}

    def leave_a_row(session, payload):
        session.add(RateWindow(bucket=payload["mark"], starts_at=NOW, count=1))

    def fail(session, payload):
        leave_a_row(session, payload)
        if broken["yes"]:
            raise RuntimeError("el servidor de correo no contesta")

    kinds = {"try.leave": leave_a_row, "try.fail": fail}
    jobs._handlers.update(kinds)
    yield broken
    for kind in kinds:
        del jobs._handlers[kind]


@contextmanager
def later(minutes: int):
    with clock.stopped_at(NOW + timedelta(minutes=minutes)):
        yield


def marks(session) -> list[str]:
    return list(session.scalars(select(RateWindow.bucket).order_by(RateWindow.bucket)))


def work(app, config) -> None:
    """What ``cuadra worker --once`` does on this database."""
    if app.extensions["database"].engine.dialect.name == "postgresql":
        queue.work(config.database_url, workshop(app), once=True)
    else:
        with app.app_context():
            while jobs.run_one():
                pass


def test_a_job_exists_exactly_when_the_change_does_and_is_done_once(app, config, world, effects):
    with app.app_context():
        with transaction() as session:
            jobs.enqueue(session, "try.leave", {"mark": "kept"})
        with pytest.raises(ZeroDivisionError), transaction() as session:
            jobs.enqueue(session, "try.leave", {"mark": "rolled back"})
            raise ZeroDivisionError
    work(app, config)
    work(app, config)
    with world.writing() as session:
        assert marks(session) == ["kept"]
        assert session.scalar(select(func.count()).select_from(OutboxJob).where(OutboxJob.done_at.is_not(None))) == 1


def test_a_failed_job_leaves_no_half_effect_says_why_and_is_tried_again(app, config, world, effects):
    with app.app_context(), transaction() as session:
        number = jobs.enqueue(session, "try.fail", {"mark": "late"})
    work(app, config)
    with world.writing() as session:
        job = session.get_one(OutboxJob, number)
        assert (marks(session), job.attempts, job.done_at) == ([], 1, None)
        assert "correo" in job.error
    effects["yes"] = False
    with app.app_context(), later(10):
        jobs.run(number)
    with app.app_context(), later(20):
        jobs.run(number)
    with world.writing() as session:
        assert marks(session) == ["late"]
        assert session.get_one(OutboxJob, number).attempts == 2, "done is done"


def test_a_job_of_the_embedded_runner_is_free_again_when_its_lease_runs_out(app, world, effects):
    with app.app_context():
        with transaction() as session:
            number = jobs.enqueue(session, "try.leave", {"mark": "once"})
            # As a worker killed just after taking it leaves it.
            job = session.get_one(OutboxJob, number)
            job.attempts, job.leased_until = 1, NOW + jobs.LEASE
        assert not jobs.run_one()
        with later(6):
            assert jobs.run_one() and not jobs.run_one()
    with world.writing() as session:
        assert marks(session) == ["once"]


def test_jobs_written_before_procrastinate_was_there_are_taken_up(app, config, world, effects):
    with world.writing() as session:
        session.add(OutboxJob(kind="try.leave", payload={"mark": "old"}, created_at=NOW, run_after=NOW))
    work(app, config)
    with world.writing() as session:
        assert marks(session) == ["old"]


def test_the_tables_of_procrastinate_are_made_once_and_brought_up_step_by_step(database_url):
    engine = make_engine(database_url)
    if engine.dialect.name == "sqlite":
        queue.prepare(engine)
        engine.dispose()
        return
    with engine.begin() as connection:
        # As an older version left it: its last step is not known yet.
        last = connection.scalar(text("SELECT max(step) FROM queue_schema"))
        connection.execute(text("DELETE FROM queue_schema WHERE step = :last"), {"last": last})
        before = connection.scalar(text("SELECT count(*) FROM queue_schema"))
    for _time in range(2):
        queue.prepare(engine)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM queue_schema")) == before + 1
        assert connection.scalar(text("SELECT max(step) FROM queue_schema")) == last
    engine.dispose()


def test_a_long_job_opens_its_own_transaction_under_a_lease_renewed_for_its_attempt_alone(app):
    seen = []

    def look_long(payload):
        with transaction() as session:
            job = session.scalars(select(OutboxJob)).one()
            seen.append((payload, job.leased_until - clock.now(), job.attempts))
            job.leased_until = NOW

        def beat(attempt: int) -> timedelta:
            class Twice:
                left = 2

                def wait(self, _seconds):
                    self.left -= 1
                    return self.left == 0

            jobs._beat(app, job.id, attempt, Twice())
            with transaction() as session:
                return session.get_one(OutboxJob, job.id).leased_until - NOW

        seen.extend([beat(attempt=7), beat(attempt=1)])

    jobs.handles("try.long", long=True)(look_long)
    try:
        with app.app_context():
            with transaction() as session:
                jobs.enqueue(session, "try.long", "mark")
            assert jobs.run_one() and not jobs.run_one()
    finally:
        del jobs._handlers["try.long"]
        jobs._long.discard("try.long")
    assert seen == [("mark", jobs.SHORT_LEASE, 1), timedelta(0), jobs.SHORT_LEASE]
