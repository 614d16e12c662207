"""Work after the commit: a row of the outbox, written in the transaction that makes it necessary.

On PostgreSQL Procrastinate runs it (``app.core.queue``); on the embedded database ``run_one`` does, under a lease, so
that a killed worker's job runs again. Either way the effect and ``done_at`` are one transaction: done once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import clock, queue
from app.core.transaction import transaction
from models.operations import OutboxJob

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = queue.ATTEMPTS
KEPT_FOR = timedelta(days=30)
log = logging.getLogger("cuadra.jobs")
_handlers: dict[str, Callable[[Session, Any], None]] = {}


def handles(kind: str) -> Callable:
    """Register the function that does jobs of ``kind``: ``(session, payload) -> None``, idempotent."""

    def register(function: Callable[[Session, Any], None]) -> Callable:
        _handlers[kind] = function
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
        job.leased_until = moment + LEASE
        job.attempts += 1
        job_id = job.id
    try:
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
            kind = job.kind
            if job.done_at is None:
                _handlers[kind](session, job.payload)
                job.done_at = clock.now()
    except Exception as failure:
        log.exception("job %s (%s) failed", job_id, kind)
        with transaction() as session:
            session.get_one(OutboxJob, job_id).error = repr(failure)[:500]
        raise


def forget_done(session: Session) -> int:
    """Delete the jobs done more than 30 days ago; returns how many. What failed stays until somebody looks."""
    return session.execute(delete(OutboxJob).where(OutboxJob.done_at < clock.now() - KEPT_FOR)).rowcount
