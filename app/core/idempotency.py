"""One write, one effect: the same key with the same body gets the same answer (DOMAIN.md 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, json, jsonify, redirect
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core import clock, crypto
from app.core.errors import SentDifferently
from app.core.transaction import transaction
from models.operations import IdempotencyKey

KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Answer:
    """What is replied, and replied again: a place to go to (303) or data (JSON)."""

    location: str | None = None
    data: Mapping[str, Any] | None = None
    status: int = 303

    def response(self) -> Response:
        if self.location is not None:
            return redirect(self.location, 303)
        response = jsonify(self.data)
        response.status_code = self.status
        return response


def once(
    *, actor_key: str, client_id: str, body: Mapping[str, Any], act: Callable[[Session], Answer]
) -> Answer:
    """Run ``act`` in one transaction unless this key was answered before; then give that answer.

    The key row goes in first: of two equal requests at once, the second waits on the unique
    constraint and finds the first one's answer. Raises SentDifferently for another body.
    What ``act`` raises rolls everything back, key included, so a corrected form may reuse it.
    """
    # Keyed: a body holds a slip's code of 49 bits, which a plain hash would give to whoever tries them all.
    digest = crypto.keyed_hash("body", json.dumps(body, sort_keys=True, default=str))
    try:
        with transaction() as session:
            earlier = _find(session, actor_key, client_id)
            if earlier is not None:
                return _answer(earlier, digest)
            row = IdempotencyKey(
                actor_key=actor_key, key=client_id.lower(), body_digest=digest, status=0, answer={},
                created_at=clock.now(),
            )
            session.add(row)
            try:
                session.flush()
            except IntegrityError as clash:
                raise _Simultaneous from clash
            answer = act(session)
            row.status = answer.status
            row.answer = {"location": answer.location, "data": answer.data}
            return answer
    except _Simultaneous:
        with transaction() as session:
            earlier = _find(session, actor_key, client_id)
            if earlier is None:
                raise
            return _answer(earlier, digest)


class _Simultaneous(Exception):
    pass


def _find(session: Session, actor_key: str, client_id: str) -> IdempotencyKey | None:
    return session.scalar(select(IdempotencyKey).filter_by(actor_key=actor_key, key=client_id.lower()))


def _answer(row: IdempotencyKey, digest: str) -> Answer:
    if row.body_digest != digest:
        raise SentDifferently
    return Answer(row.answer["location"], row.answer["data"], row.status)


def forget_old(session: Session) -> int:
    """Delete answers older than 30 days; returns how many."""
    return session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEPT_FOR)
    ).rowcount
