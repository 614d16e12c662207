"""What the worker does for an import: read the file, make the plan, write what was confirmed.

Each job may be run again from its start after a kill: it changes the run in one last transaction, which looks, under
a lock, whether the run still waits for this very job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.admin.imports import services
from app.admin.imports.kinds import Kind, kind_named
from app.admin.imports.plans import Brought, Planned, Stale, Unclear, Unusable
from app.core import jobs
from app.core.i18n import _, force_locale
from app.core.progress import Told
from app.core.transaction import database, transaction
from models.intake import ImportRun, RunState

ATTEMPTS = 3
log = logging.getLogger("cuadra.imports")


@dataclass(frozen=True)
class Task:
    """One job at work on one version of a run; ``run`` is as it was when the job began."""

    run: ImportRun
    version: int
    kind: Kind
    brought: Brought
    tell: Told

    def planned(self) -> Planned:
        with database().read() as session:
            return self.kind.engine.plan(session, self.brought, self.tell)

    @contextmanager
    def finishing(self) -> Iterator[tuple[Session, ImportRun | None]]:
        """The last transaction, with the run locked, or None when nobody waits for this job any more."""
        with transaction() as session:
            yield session, services.at_work(session, self.run.id, self.version)


def read(task: Task) -> None:
    """Look at the file and at how such columns were matched before."""
    with database().read() as session:
        look = task.kind.engine.look(session, task.brought, task.tell)
    with task.finishing() as (_session, run):
        if run is not None:
            services.keep_look(run, look)


def plan(task: Task) -> None:
    """Work out what the file would do and keep every row of it."""
    _keep(task, task.planned())


def write(task: Task) -> None:
    """Write the plan that was confirmed; where it would be another by now, show that one instead."""
    for _attempt in range(ATTEMPTS):
        planned = task.planned()
        if planned.digest != task.run.plan["digest"]:
            _keep(task, planned, stale=True)
            return
        try:
            with task.finishing() as (session, run):
                if run is None:
                    return
                result = task.kind.engine.write(
                    session, planned, task.brought, capacity=services.capacity_of(run),
                    skip_rejected=bool(run.options.get("skip_rejected")), tell=task.tell,
                )
                services.keep_result(session, run, result)
            return
        except Stale:
            # Somebody wrote between the reading and the lock: perhaps nothing that matters here.
            continue
    raise Unusable(_("Otras personas están cambiando lo mismo al mismo tiempo. No se escribió nada; intente de nuevo."))


def _keep(task: Task, planned: Planned, *, stale: bool = False) -> None:
    task.tell("keeping", 0, len(planned.rows))
    rows = services.sealed(planned)
    with task.finishing() as (session, run):
        if run is not None:
            services.keep_plan(session, run, planned, rows, stale=stale)


def _run(act: Callable[[Task], None], payload: dict[str, Any]) -> None:
    """Do ``act`` for the run of ``payload`` if it still waits for it; what goes wrong is told in the run."""
    run_id, version = payload["run"], payload["version"]

    def settle(change: Callable[[ImportRun, str], None], sentence: str) -> None:
        with transaction() as session:
            waiting = services.at_work(session, run_id, version)
            if waiting is not None:
                change(waiting, sentence)

    with transaction() as session:
        run = services.at_work(session, run_id, version)
        if run is None:
            return
        run.state = RunState.RUNNING
    tell = Told(services.progress_key(run_id))
    with force_locale(run.language):
        try:
            with services.brought(run) as brought:
                act(Task(run, version, kind_named(run.kind), brought, tell))
        except Unclear as wrong:
            settle(services.unclear, str(wrong))
        except Unusable as wrong:
            settle(services.fail, str(wrong))
        except DBAPIError:
            # The database was busy or away: the job is run again later, and the page says that it waits.
            raise
        except Exception:
            log.exception("import %s failed", run_id)
            settle(services.fail, _("Algo falló de nuestro lado y ya quedó anotado. No se escribió nada."))
        finally:
            tell.end()


def take_jobs() -> None:
    """Have the worker of this process do these jobs."""
    for kind, act in ((services.READ, read), (services.PLAN, plan), (services.WRITE, write)):
        jobs.handles(kind, long=True)(partial(_run, act))
