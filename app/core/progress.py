"""How far a long job is, told to other processes while its transaction is still open (docs/adr/0010).

One small file per job under the data folder, replaced whole: a row would not do, since on the embedded database
nobody else writes until the job commits, and on neither database is what it wrote seen before.
"""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

EVERY = 0.4
KEY = re.compile(r"[a-z0-9-]{1,60}")


@dataclass(frozen=True)
class Reached:
    """``done`` of ``total`` in ``step``; ``total`` 0 where it is not known. ``age``: seconds since it was told."""

    step: str
    done: int
    total: int
    age: float = 0.0


class Told:
    """``told(step, done, total)`` writes it down, at most every 0.4 seconds and at each new step."""

    def __init__(self, key: str):
        self._path, self._step, self._at = _path(key), None, 0.0
        self._path.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self, step: str, done: int, total: int) -> None:
        moment = time.monotonic()
        if step == self._step and moment - self._at < EVERY:
            return
        self._step, self._at = step, moment
        # Per process: should two workers do one job, neither replaces the other's half-written file.
        aside = self._path.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps({"step": step, "done": done, "total": total}))
        os.replace(aside, self._path)

    def end(self) -> None:
        self._path.unlink(missing_ok=True)


def reached(key: str) -> Reached | None:
    """What the job last told, or None."""
    try:
        path = _path(key)
        return Reached(**json.loads(path.read_text()), age=time.time() - path.stat().st_mtime)
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _path(key: str) -> Path:
    if not KEY.fullmatch(key):
        raise ValueError(key)
    return current_app.extensions["config"].data_dir / "progress" / f"{key}.json"
