"""The steps of an import, each leaving its state in the database: brought, matched, planned, confirmed, written.

``state`` says who has the ball (``uploaded``: a person; ``queued``, ``running``: the worker), ``step`` what for.
``version`` grows at every step, so that nobody confirms what they were not shown, and a job of an earlier step ends
without a word.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from app.admin.imports.kinds import Kind, kind_named
from app.admin.imports.plans import Brought, Planned, Unusable
from app.core import clock, crypto, jobs, storage, versions
from app.core.actors import Actor
from app.core.errors import Field, Refused
from app.core.i18n import _
from app.core.permissions import Thing, authorise
from app.core.tabular import keep_upload, open_upload
from models.intake import ImportRow, ImportRun, RunState
from models.ledger import Capacity
from models.operations import OutboxJob

READ, PLAN, WRITE = "import.read", "import.plan", "import.write"
JOBS = {READ: "reading", PLAN: "planning", WRITE: "writing"}
COLUMNS, PREVIEW = "columns", "preview"
LONGEST_NAME = 100
MB, CHUNK = 1_000_000, 1 << 20
MOST_COMPANION = 50 * MB
BATCH = 500
# How long the rows of an ended or forgotten import, and its file, are kept.
KEPT_FOR = timedelta(days=30)
ANYWHERE = Thing(path=frozenset())


class NotSkipped(Refused):
    """Some rows cannot be written, and nobody said to leave them out."""


def progress_key(run_id: int) -> str:
    """Under which the worker tells how far the run is (``app.core.progress``)."""
    return f"import-{run_id}"


def clean_name(filename: str) -> str:
    """The last part of a file's name, printable and short, its extension kept: what we show and what GDAL is told."""
    name = "".join(letter for letter in PurePath(filename.replace("\\", "/")).name if letter.isprintable()).strip()
    path = PurePath(name)
    suffix = path.suffix[:12]
    return (path.stem.lstrip(".") or "archivo")[: LONGEST_NAME - len(suffix)] + suffix


def look_at_once(kind: Kind, path: Path, options: dict[str, Any], companion: Path | None = None) -> str:
    """Refuse what needs no long reading; the SHA-256 of the file. Raises Unusable."""
    for sent, limit in ((path, kind.most_bytes), (companion, MOST_COMPANION)):
        if sent is not None and sent.stat().st_size > limit:
            raise Unusable(_("El archivo pesa más de %(limit)s MB. Divídalo en partes.", limit=limit // MB))
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    kind.engine.check(Brought(path, path.name, sha256, options, companion))
    return sha256


def start(
    session: Session, *, actor: Actor, kind: Kind, path: Path, sha256: str, options: dict[str, Any], language: str,
    companion: Path | None = None,
) -> ImportRun:
    """A new import of the file at ``path``, to be read by the worker; what is older than 30 days is forgotten."""
    capacity = authorise(actor, kind.permission, ANYWHERE)
    forget_old(session)
    if kind.encrypted:
        stored_as = keep_upload(path.read_bytes())
    else:
        with path.open("rb") as stream:
            stored_as = storage.keep_chunks(iter(partial(stream.read, CHUNK), b""))
    run = ImportRun(
        kind=kind.slug, state=RunState.QUEUED, filename=path.name, sha256=sha256, stored_as=stored_as, options=options,
        companion_as=keep_upload(companion.read_bytes()) if companion else None,
        started_by=actor.user_id, capacity=capacity.as_json(), created_at=clock.now(), language=language,
    )
    session.add(run)
    session.flush()
    _hand_over(session, run, READ)
    return run


def match(session: Session, *, actor: Actor, run_id: int, seen: int | None, options: dict[str, Any], back: str) -> ImportRun:
    """Take what a person says of the columns and have the plan made. Raises Denied, StaleVersion, Refused."""
    run = _mine(session, actor, run_id, seen, back)
    if run.state is not RunState.UPLOADED:
        raise Refused(_("Este archivo ya no espera sus columnas."), 409)
    run.options = options
    _hand_over(session, run, PLAN)
    return run


def again_planned(
    session: Session, *, actor: Actor, run_id: int, seen: int | None, back: str
) -> tuple[ImportRun, Capacity]:
    """Have the plan made again, after something it depends on was settled; and in what quality. Raises Denied, StaleVersion,
    Refused."""
    run = _mine(session, actor, run_id, seen, back)
    if run.state is not RunState.UPLOADED or run.step != PREVIEW:
        raise Refused(_("Esta importación ya no espera respuestas."), 409)
    capacity = authorise(actor, kind_named(run.kind).permission, ANYWHERE)
    _hand_over(session, run, PLAN)
    return run, capacity


def confirm(session: Session, *, actor: Actor, run_id: int, seen: int | None, skip_rejected: bool, back: str) -> ImportRun:
    """Have the plan that was shown written. Raises Denied, StaleVersion, Refused."""
    run = _mine(session, actor, run_id, seen, back)
    if run.state is not RunState.UPLOADED or run.step != PREVIEW:
        raise Refused(_("Esta importación ya no espera confirmación."), 409)
    if run.plan["facts"]["blocked"] and not skip_rejected:
        raise NotSkipped(_("Hay renglones rechazados: corríjalos en el archivo, o marque que se dejan fuera."))
    run.options = {**run.options, "skip_rejected": skip_rejected}
    run.capacity = authorise(actor, kind_named(run.kind).permission, ANYWHERE).as_json()
    _hand_over(session, run, WRITE)
    return run


def again(session: Session, *, actor: Actor, run_id: int, seen: int | None, back: str) -> ImportRun:
    """Do once more the step that failed or that nobody finished. Raises Denied, StaleVersion, Refused."""
    run = _mine(session, actor, run_id, seen, back)
    job = next((job for job, step in JOBS.items() if step == run.step), None)
    if job is None or run.state not in (RunState.FAILED, RunState.QUEUED, RunState.RUNNING) or run.stored_as is None:
        raise Refused(_("Esta importación no tiene nada que repetir."), 409)
    _hand_over(session, run, job)
    return run


def discard(session: Session, *, actor: Actor, run_id: int, seen: int | None, back: str) -> ImportRun:
    """Leave it: nothing was written, its file and its rows are erased. Raises Denied, StaleVersion, Refused."""
    run = _mine(session, actor, run_id, seen, back)
    if run.state in (RunState.DONE, RunState.DISCARDED) or (run.step == JOBS[WRITE] and run.state is not RunState.FAILED):
        raise Refused(_("Esta importación ya terminó o se está escribiendo."), 409)
    run.state, run.finished_at = RunState.DISCARDED, clock.now()
    run.version += 1
    _forget(session, [run])
    return run


def waits_since(session: Session) -> float:
    """Seconds that the oldest job of an import has waited for a worker to begin it."""
    left = session.scalar(
        select(func.min(OutboxJob.created_at)).where(OutboxJob.kind.in_(JOBS), OutboxJob.attempts == 0, OutboxJob.done_at.is_(None))
    )
    return (clock.now() - left).total_seconds() if left else 0.0


def at_work(session: Session, run_id: int, version: int) -> ImportRun | None:
    """The run, locked, if the worker's job of this version is still wanted."""
    run = session.scalar(select(ImportRun).where(ImportRun.id == run_id).with_for_update())
    if run is None or run.version != version or run.state not in (RunState.QUEUED, RunState.RUNNING):
        return None
    return run


def keep_look(run: ImportRun, look: dict[str, Any]) -> None:
    """The file was read: a person may match its columns, as they were matched before or as it is guessed."""
    run.plan = {"look": look}
    run.options = {**run.options, **look["guesses"]}
    _wait_for_person(run, COLUMNS)


def keep_plan(session: Session, run: ImportRun, planned: Planned, rows: Sequence[dict[str, Any]], *, stale: bool = False) -> None:
    """Put the plan before a person, in place of an earlier one. ``stale``: it was confirmed, and is another by now."""
    session.execute(delete(ImportRow).where(ImportRow.run_id == run.id))
    for begin in range(0, len(rows), BATCH):
        session.execute(insert(ImportRow), [{**row, "run_id": run.id} for row in rows[begin : begin + BATCH]])
    run.plan = {
        "look": (run.plan or {}).get("look", {}), "counts": planned.counts, "notes": list(planned.notes), "digest": planned.digest,
        "facts": planned.facts, "stale": stale,
    }
    _wait_for_person(run, PREVIEW)


def keep_result(session: Session, run: ImportRun, result: dict[str, Any]) -> None:
    """Written: in the same transaction as what was written. The file of a kind with names is erased."""
    run.result, run.state, run.step, run.finished_at = result, RunState.DONE, "", clock.now()
    run.version += 1
    run.error = ""
    if kind_named(run.kind).encrypted:
        _forget_file(session, run)


def unclear(run: ImportRun, sentence: str) -> None:
    """The columns as matched make no plan: back to the person, who is told why."""
    _wait_for_person(run, COLUMNS)
    run.error = sentence[:500]


def fail(run: ImportRun, sentence: str) -> None:
    """The worker could not go on: ``sentence`` says why and what to do. The step stays, so that it may be repeated."""
    run.state, run.error = RunState.FAILED, sentence[:500]
    run.version += 1


def sealed(planned: Planned) -> list[dict[str, Any]]:
    """The rows as they are kept. Made before the transaction: encrypting 17,000 takes longer than a lock should be held."""
    return [
        {
            "row": row.row, "outcome": str(row.outcome), "repaired": row.repaired, "ambiguous": row.ambiguous, "outline": row.outline,
            "told": crypto.encrypt(json.dumps({"key": row.key, "name": row.name, "says": row.says}).encode()),
        }
        for row in planned.rows
    ]


@contextmanager
def brought(run: ImportRun) -> Iterator[Brought]:
    """The file of a run under its own name, readable while the block lasts. Raises FileNotFoundError."""
    with TemporaryDirectory(prefix="cuadra-import-") as folder:
        path = Path(folder) / run.filename
        if kind_named(run.kind).encrypted:
            path.write_bytes(open_upload(run.stored_as))
        else:
            path.symlink_to(storage.path_of(run.stored_as).absolute())
        companion = None
        if run.companion_as is not None:
            # A name no upload can have: names are cleaned of what hides a file.
            companion = Path(folder) / ".companion.zip"
            companion.write_bytes(open_upload(run.companion_as))
        yield Brought(path, run.filename, run.sha256, dict(run.options), companion)


def outlived(before: datetime) -> ColumnElement[bool]:
    """Imports begun ``before`` then that still have their file or the rows of their preview."""
    rows = exists().where(ImportRow.run_id == ImportRun.id)
    return and_(ImportRun.created_at < before, or_(ImportRun.stored_as.is_not(None), rows))


def forget_old(session: Session) -> int:
    """Erase file and rows of imports that ended, or were left, over 30 days ago; returns of how many."""
    old = session.scalars(select(ImportRun).where(outlived(clock.now() - KEPT_FOR)).with_for_update()).all()
    for run in old:
        if run.state in (RunState.UPLOADED, RunState.FAILED):
            run.state, run.finished_at = RunState.DISCARDED, clock.now()
    _forget(session, old)
    return len(old)


def capacity_of(run: ImportRun) -> Capacity:
    """In what quality it was confirmed, for the events of what it writes."""
    return Capacity(**(run.capacity or {"role": "system"}))


def _mine(session: Session, actor: Actor, run_id: int, seen: int | None, back: str) -> ImportRun:
    run = session.scalars(select(ImportRun).where(ImportRun.id == run_id).with_for_update()).one()
    authorise(actor, kind_named(run.kind).permission, ANYWHERE)
    versions.check(
        run.version, seen, back=back,
        fields=lambda: [Field(_("Importación"), _("Avanzó: su preparación cambió."), _("Lo que usted veía ya no es lo último."))],
    )
    return run


def _hand_over(session: Session, run: ImportRun, job: str) -> None:
    run.state, run.step, run.error = RunState.QUEUED, JOBS[job], ""
    run.version += 1
    jobs.enqueue(session, job, {"run": run.id, "version": run.version})


def _wait_for_person(run: ImportRun, step: str) -> None:
    run.state, run.step, run.error = RunState.UPLOADED, step, ""
    run.version += 1


def _forget(session: Session, runs: Sequence[ImportRun]) -> None:
    session.execute(delete(ImportRow).where(ImportRow.run_id.in_([run.id for run in runs])))
    for run in runs:
        _forget_file(session, run)


def _forget_file(session: Session, run: ImportRun) -> None:
    stored, companion = run.stored_as, run.companion_as
    run.stored_as = run.companion_as = None
    session.flush()
    if companion:
        storage.erase(companion)
    if stored and not session.scalar(select(ImportRun.id).where(ImportRun.stored_as == stored).limit(1)):
        storage.erase(stored)
