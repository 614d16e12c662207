"""Writes what a plan says, whole or not at all, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.core import clock, crypto, storage
from app.core.tabular.kinds import Context, Outcome, Progress, Row, silent
from app.core.tabular.mapping import remember
from app.core.tabular.plan import Plan, content_digest, known_keys
from models import ledger
from models.intake import ExternalKey
from models.ledger import Capacity, EventKind


class RejectedRows(Exception):
    """Some rows cannot be brought in, and nobody said to leave them out."""


def write(
    session: Session, plan: Plan, *, capacity: Capacity, progress: Progress = silent, skip_rejected: bool = False
) -> dict[str, Any]:
    """Write the new and changed rows with their events, keep their keys, remember the columns.

    ``plan`` was made in this same transaction: between a plan made elsewhere and this line somebody may have
    written. Returns the counts with ``written``. Raises RejectedRows. Retires nothing: what the file leaves out stays.
    """
    if plan.blocked and not skip_rejected:
        raise RejectedRows(plan.table.filename)
    rows = plan.of(Outcome.NEW, Outcome.CHANGED)
    if not rows:
        return {**plan.counts, "written": False}
    context = Context(plan.options, clock.now(), progress, plan.table.sha256)
    progress("writing", 0, len(rows))
    told = plan.kind.write(session, rows, capacity=capacity, context=context)
    keep_keys(session, plan.options.source, plan.kind.name, rows)
    remember(session, plan.kind, plan.table, plan.options)
    counts = {**plan.counts, **told}
    ledger.append(
        session, EventKind.IMPORT_APPLIED, object=f"import:{plan.table.sha256}", capacity=capacity, occurred_at=context.moment,
        recorded_at=context.moment,
        data={"sha256": plan.table.sha256, "table": plan.kind.name, "source": plan.options.source, **counts},
    )
    progress("writing", len(rows), len(rows))
    return {**counts, "written": True}


def keep_keys(session: Session, source: str, kind: str, rows: Sequence[Row]) -> None:
    """Remember what each row became. Raises ValueError for a row without ``object_id``: brought again it would be
    written again."""
    lost = [row.number for row in rows if row.object_id is None]
    if lost:
        raise ValueError(f"rows {lost[:5]} of {kind} were written as nothing")
    moment = clock.now()
    fresh = [
        {"source": source, "kind": kind, "external_id": row.key, "object_id": row.object_id, "digest": row.digest, "seen_at": moment}
        for row in rows if not row.known
    ]
    if fresh:
        session.execute(insert(ExternalKey), fresh)
    for row in rows:
        if row.known:
            session.execute(
                update(ExternalKey).filter_by(source=source, kind=kind, external_id=row.key)
                .values(digest=row.digest, object_id=row.object_id, seen_at=moment)
            )


def link(session: Session, source: str, kind: str, ids: Mapping[str, int]) -> None:
    """Remember what else a row became (the person behind a role, say): key to object id; those kept before stay."""
    kept = known_keys(session, source, kind, ids)
    moment = clock.now()
    fresh = [
        {"source": source, "kind": kind, "external_id": key, "object_id": object_id, "digest": content_digest(kind, key), "seen_at": moment}
        for key, object_id in ids.items() if key not in kept
    ]
    if fresh:
        session.execute(insert(ExternalKey), fresh)


def keep_upload(content: bytes) -> str:
    """Keep a file until it is written or thrown away; encrypted, because lists of people hold names."""
    return storage.keep(crypto.encrypt(content))


def open_upload(stored_as: str) -> bytes:
    """What :func:`keep_upload` kept. Raises FileNotFoundError, also when the data key is another."""
    content = crypto.decrypt(storage.read(stored_as))
    if content is None:
        raise FileNotFoundError(stored_as)
    return content


def forget_upload(stored_as: str) -> None:
    """Erase what :func:`keep_upload` kept. Each copy is encrypted anew, so that no other run shares it."""
    storage.erase(stored_as)
