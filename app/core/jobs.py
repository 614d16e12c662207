"""Work after the commit: a row of the outbox, written in the transaction that makes it necessary.

On PostgreSQL Procrastinate runs it (``app.core.queue``); on the embedded database ``run_one`` does, under a lease, so
that a killed worker's job runs again. Either way the effect and ``done_at`` are one transaction: done once.

A long job (``handles(kind, long=True)``) opens its own transactions instead, so as not to keep everybody from writing
while it reads and computes. It may begin again after a kill, or twice at once should its lease be lost: it writes in
one last transaction that looks, under a lock, whether it is still wanted.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask, current_app
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import clock, queue
from app.core.transaction import transaction
from models.operations import OutboxJob

LEASE = timedelta(minutes=5)
# Of a long job: what it waits after its worker was killed, and how often the lease is renewed while it runs.
SHORT_LEASE, BEAT = timedelta(seconds=45), timedelta(seconds=10)
MAX_ATTEMPTS = queue.ATTEMPTS
KEPT_FOR = timedelta(days=30)
log = logging.getLogger("cuadra.jobs")
_handlers: dict[str, Callable[..., None]] = {}
_long: set[str] = set()


def handles(kind: str, *, long: bool = False) -> Callable:
    """Register the function that does jobs of ``kind``, idempotent: ``(session, payload) -> None`` or, when
    ``long``, ``(payload) -> None``."""

    def register(function: Callable[..., None]) -> Callable:
        _handlers[kind] = function
        if long:
            _long.add(kind)
        return function

    return register


def enqueue(session: Session, kind: str, payload: Any, *, after: timedelta = timedelta(0)) -> int:
    """Write a job in the caller's transaction and return its number: it exists exactly when the business change does."""
    moment = clock.now()
    job = OutboxJob(kind=kind, payload=payload, created_at=moment, run_after=moment + after)
    session.add(job)
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        queue.defer(session, job.id, when=job.run_after if after else None)
    return job.id


def run_one() -> bool:
    """Lease and run the oldest due job; False when there is none. A job that failed five times is parked."""
    with transaction() as session:
        moment = clock.now()
        job = session.scalar(
            select(OutboxJob)
            .where(OutboxJob.done_at.is_(None), OutboxJob.run_after <= moment, OutboxJob.attempts < MAX_ATTEMPTS)
            .where((OutboxJob.leased_until.is_(None)) | (OutboxJob.leased_until < moment))
            .order_by(OutboxJob.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if job is None:
            return False
        job.leased_until = moment + (SHORT_LEASE if job.kind in _long else LEASE)
        job.attempts += 1
        job_id, kind, attempt = job.id, job.kind, job.attempts
    try:
        if kind in _long:
            with _renewed(job_id, attempt):
                _do(job_id)
        else:
            _do(job_id)
    except Exception:
        with transaction() as session:
            failed = session.get_one(OutboxJob, job_id)
            failed.leased_until = clock.now() + timedelta(seconds=30 * 2**failed.attempts)
    return True


def run(job_id: int) -> None:
    """Run one job by its number, unless it is done. Raises what its handler raised, for whoever tries again."""
    with transaction() as session:
        job = session.get(OutboxJob, job_id)
        if job is None or job.done_at is not None:
            return
        job.attempts += 1
    _do(job_id)


def _do(job_id: int) -> None:
    kind = None
    try:
        with transaction() as session:
            # Locked: a worker taken for dead that was only slow would do it a second time beside us.
            job = session.scalar(select(OutboxJob).where(OutboxJob.id == job_id).with_for_update())
            kind, payload, wanted = job.kind, job.payload, job.done_at is None
            if wanted and kind not in _long:
                _handlers[kind](session, payload)
                job.done_at = clock.now()
        if wanted and kind in _long:
            _handlers[kind](payload)
            with transaction() as session:
                session.get_one(OutboxJob, job_id).done_at = clock.now()
    except Exception as failure:
        log.exception("job %s (%s) failed", job_id, kind)
        with transaction() as session:
            session.get_one(OutboxJob, job_id).error = repr(failure)[:500]
        raise


@contextmanager
def _renewed(job_id: int, attempt: int) -> Iterator[None]:
    """Renew the lease of this attempt until the block ends."""
    over = threading.Event()
    app = current_app._get_current_object()
    beating = threading.Thread(target=_beat, args=(app, job_id, attempt, over), daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()


def _beat(app: Flask, job_id: int, attempt: int, over: threading.Event) -> None:
    while not over.wait(BEAT.total_seconds()):
        try:
            with app.app_context(), transaction() as session:
                session.execute(
                    update(OutboxJob)
                    .where(OutboxJob.id == job_id, OutboxJob.attempts == attempt, OutboxJob.done_at.is_(None))
                    .values(leased_until=clock.now() + SHORT_LEASE)
                )
        except SQLAlchemyError as busy:
            # The embedded database has one writer: while the job itself writes, the renewal waits in vain, and
            # so would any worker that came to take the job.
            log.info("lease of job %s not renewed: %r", job_id, busy)


def forget_done(session: Session) -> int:
    """Delete the jobs done more than 30 days ago; returns how many. What failed stays until somebody looks."""
    return session.execute(delete(OutboxJob).where(OutboxJob.done_at < clock.now() - KEPT_FOR)).rowcount
