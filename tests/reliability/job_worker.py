"""A worker whose one kind of job says "begun" and then waits on standard input until it may end.

Run by test_worker_killed. Beats fast, so that nobody waits half a minute for a dead one.
"""

from __future__ import annotations

import sys

from app.cli.operations import workshop
from app.core import jobs, queue
from app.factory import create_app
from models.operations import RateWindow
from tests.conftest import NOW


@jobs.handles("try.slow")
def slow(session, payload) -> None:
    session.add(RateWindow(bucket=payload["mark"], starts_at=NOW, count=1))
    session.flush()
    print("begun", flush=True)
    sys.stdin.readline()
    print("done", flush=True)


if __name__ == "__main__":
    app = create_app()
    queue.work(app.extensions["config"].database_url, workshop(app), pulse=queue.Pulse(beat=0.2, dead_after=1.0, look=0.2))
