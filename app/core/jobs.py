"""Work after the commit: written in the transaction, run by ``cuadra worker``, leased so that a
killed worker's job runs again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.transaction import transaction
from models.operations import OutboxJob

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 5
log = logging.getLogger("cuadra.jobs")
_handlers: dict[str, Callable[[Session, Any], None]] = {}


def handles(kind: str) -> Callable:
    """Register the function that does jobs of ``kind``: ``(session, payload) -> None``, idempotent."""

    def register(function: Callable[[Session, Any], None]) -> Callable:
        _handlers[kind] = function
        return function

    return register


def enqueue(session: Session, kind: str, payload: Any, *, after: timedelta = timedelta(0)) -> None:
    """Write a job in the caller's transaction: it exists exactly when the business change does."""
    moment = clock.now()
    session.add(OutboxJob(kind=kind, payload=payload, created_at=moment, run_after=moment + after))


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
        job_id, kind, payload = job.id, job.kind, job.payload
    try:
        with transaction() as session:
            _handlers[kind](session, payload)
            session.get_one(OutboxJob, job_id).done_at = clock.now()
    except Exception as failure:
        log.exception("job %s (%s) failed", job_id, kind)
        with transaction() as session:
            failed = session.get_one(OutboxJob, job_id)
            failed.error = repr(failure)[:500]
            failed.leased_until = clock.now() + timedelta(seconds=30 * 2**failed.attempts)
    return True
