"""Procrastinate, which runs the outbox on PostgreSQL: told of a job inside the caller's transaction, run by any number of workers.

The row of the outbox stays the truth about a job (what, how often, done when); Procrastinate only carries its number,
wakes a worker, tries again, and frees the jobs of a worker whose heart stopped. See docs/adr/0007.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import procrastinate
import psycopg
import psycopg_pool
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.orm import Session

from app.core import clock

ATTEMPTS = 5
QUEUE = "outbox"
BEGIN_AGAIN = 2.0
log = logging.getLogger("cuadra.jobs")


class _Patience(procrastinate.BaseRetryStrategy):
    """1, 2, 4, 8 minutes; then the job is parked."""

    def get_retry_decision(self, *, exception: BaseException, job) -> procrastinate.RetryDecision | None:
        if job.attempts + 1 >= ATTEMPTS:
            return None
        return procrastinate.RetryDecision(retry_in={"seconds": 60 * 2**job.attempts})


tasks = procrastinate.App(connector=procrastinate.PsycopgConnector())


@tasks.task(name="outbox.run", queue=QUEUE, retry=_Patience(), pass_context=True)
def _run_outbox(context, job: int) -> None:
    context.additional_context["work"].run(job)


@tasks.periodic(cron="7 * * * *")
@tasks.task(name="sweep", queue=QUEUE, queueing_lock="sweep", pass_context=True)
def _sweep(context, timestamp: int) -> None:
    context.additional_context["work"].sweep()


@dataclass(frozen=True)
class Work:
    """What a worker does: ``run`` a job of the outbox by its number, ``sweep`` once an hour."""

    run: Callable[[int], None]
    sweep: Callable[[], None]


@dataclass(frozen=True)
class Pulse:
    """Seconds: how often a worker says that it lives, after how long it is taken for dead, how often others look."""

    beat: float = 10.0
    dead_after: float = 30.0
    look: float = 10.0


def defer(session: Session, job_id: int, *, when: datetime | None) -> None:
    """Tell Procrastinate of the outbox row ``job_id``, on the session's own connection: rolled back with it."""
    raw = session.connection().connection.driver_connection
    _run_outbox.configure(connection=raw, schedule_at=when).defer(job=job_id)


def prepare(engine: Engine) -> None:
    """Bring Procrastinate's own tables to the installed version; does nothing where they are, or on SQLite."""
    if engine.dialect.name != "postgresql":
        return
    steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS queue_schema (step varchar(200) PRIMARY KEY)"))
        present = connection.scalar(text("SELECT max(step) FROM queue_schema"))
        if present is None:
            _run_script(connection, SchemaManager.get_schema())
        else:
            steps = [step for step in steps if step.name > present]
            for step in steps:
                _run_script(connection, step.read_text())
        for step in steps:
            connection.execute(text("INSERT INTO queue_schema (step) VALUES (:step)"), {"step": step.name})


def _run_script(connection: Connection, script: str) -> None:
    # Straight to the driver: several statements at once, whose percent signs are not parameters.
    connection.connection.driver_connection.execute(script)


def work(database_url: str, doing: Work, *, once: bool = False, pulse: Pulse = Pulse()) -> None:
    """Run jobs until SIGTERM or SIGINT, which let what is begun finish, or, ``once``, until none is due.

    A worker that lost its database begins again when it is back: Procrastinate's stops then, as if it had been told to.
    """
    while not asyncio.run(_work_until_told(database_url, doing, once=once, pulse=pulse)) and not once:
        log.warning("the worker lost its database and begins again in %s s", BEGIN_AGAIN)
        time.sleep(BEGIN_AGAIN)


async def _work_until_told(database_url: str, doing: Work, *, once: bool, pulse: Pulse) -> bool:
    """Whether a signal ended it."""
    working = asyncio.create_task(_work(database_url, doing, once=once, pulse=pulse))
    told = False

    def stop(signal_number: int) -> None:
        nonlocal told
        told = True
        # The second one is not ours: whoever asks twice does not want to wait.
        loop.remove_signal_handler(signal_number)
        working.cancel()

    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop, signal_number)
    try:
        await working
    except asyncio.CancelledError:
        pass
    except (procrastinate.exceptions.ProcrastinateException, psycopg.Error, psycopg_pool.PoolTimeout) as wrong:
        if once:
            raise
        log.warning("the worker stopped: %s", wrong.__cause__ or wrong)
    finally:
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(signal_number)
    return told


async def _work(database_url: str, doing: Work, *, once: bool, pulse: Pulse) -> None:
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=3, timeout=10, kwargs={"options": "-c timezone=utc"})
    with tasks.replace_connector(connector) as app:
        async with app.open_async():
            await _adopt(app)
            await _free_stalled(app, pulse)
            freeing = asyncio.create_task(_keep_freeing(app, pulse))
            try:
                await app.run_worker_async(
                    queues=[QUEUE], wait=not once, delete_jobs="successful", additional_context={"work": doing},
                    update_heartbeat_interval=pulse.beat, stalled_worker_timeout=pulse.dead_after, shutdown_graceful_timeout=60,
                    install_signal_handlers=False,
                )
            finally:
                freeing.cancel()


async def _adopt(app: procrastinate.App) -> None:
    """Defer the open rows of the outbox that Procrastinate does not know: written before it was there."""
    for row in await app.connector.execute_query_all_async(
        "SELECT id, run_after FROM outbox_job o WHERE done_at IS NULL AND attempts < %(most)s AND NOT EXISTS"
        " (SELECT 1 FROM procrastinate_jobs p WHERE p.task_name = 'outbox.run' AND (p.args ->> 'job')::bigint = o.id)",
        most=ATTEMPTS,
    ):
        await _run_outbox.configure(schedule_at=row["run_after"]).defer_async(job=row["id"])


async def _keep_freeing(app: procrastinate.App, pulse: Pulse) -> None:
    while True:
        await asyncio.sleep(pulse.look)
        try:
            await _free_stalled(app, pulse)
        except procrastinate.exceptions.ProcrastinateException as wrong:
            # The database is away, or another worker was faster; either way we look again.
            log.warning("could not look for stalled jobs: %s", wrong)


async def _free_stalled(app: procrastinate.App, pulse: Pulse) -> None:
    """Put back what a dead worker had begun; what killed its worker five times is parked."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=pulse.dead_after):
        if job.attempts + 1 >= ATTEMPTS:
            await app.job_manager.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=False)
            log.error("job %s killed its worker %s times and is parked", job.task_kwargs, ATTEMPTS)
        else:
            await app.job_manager.retry_job(job, retry_at=clock.now())
            log.warning("job %s of a dead worker runs again", job.task_kwargs)


def last_heartbeat(engine: Engine) -> datetime | None:
    """When a worker on PostgreSQL last said that it lives; None when none runs. A stopped one takes its row along."""
    with engine.connect() as connection:
        return connection.scalar(text("SELECT max(last_heartbeat) FROM procrastinate_workers"))
