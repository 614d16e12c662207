"""A worker that stops for good in the middle of writing an import, its transaction open; run by test_import_killed."""

from __future__ import annotations

import time

from app.admin.imports import work
from app.core import jobs
from app.core.progress import Told
from app.factory import create_app


class Stopping(Told):
    def __call__(self, step: str, done: int, total: int) -> None:
        super().__call__(step, done, total)
        if step == "writing" and done:
            print("writing", flush=True)
            time.sleep(60)


def main() -> None:
    work.Told = Stopping
    with create_app().app_context():
        jobs.run_one()


if __name__ == "__main__":
    main()
