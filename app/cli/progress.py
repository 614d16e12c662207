"""How far a long command is, on standard error: a bar on a terminal, a line per phase elsewhere."""

from __future__ import annotations

import sys
import time

import click

WIDTH, EVERY = 30, 0.1


class Progress:
    """``progress(step, done, total)``; ``total`` 0 where it is not known. ``end()`` leaves the cursor on a clean line."""

    def __init__(self, words: dict[str, str]):
        self._words, self._step, self._drawn_at = words, None, 0.0
        self._bar = sys.stderr.isatty()

    def __call__(self, step: str, done: int, total: int) -> None:
        if step != self._step:
            self.end()
            self._step = step
            if not self._bar:
                click.echo(f"{self._words.get(step, step)}…", err=True)
        moment = time.monotonic()
        if self._bar and (moment - self._drawn_at > EVERY or done == total):
            self._drawn_at = moment
            filled = WIDTH * done // total if total else 0
            figures = f"{done:,} / {total:,}" if total else f"{done:,}"
            click.echo(f"\r{self._words.get(step, step):<12} [{'#' * filled:<{WIDTH}}] {figures}\x1b[K", err=True, nl=False)

    def end(self) -> None:
        if self._bar and self._step is not None:
            click.echo(err=True)
        self._step, self._drawn_at = None, 0.0
