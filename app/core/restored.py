"""What must be done again to a copy that was brought back, before anybody uses it.

A section registers a function here at import; ``cuadra restore`` and ``cuadra restore-drill`` run them all in one
transaction. Erasing again what was erased after the copy was taken belongs here: without it a restore would bring
people's data back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

AfterRestore = Callable[[Session, datetime], str]
_hooks: list[AfterRestore] = []


def after_restore(hook: AfterRestore) -> AfterRestore:
    """Register ``hook(session, taken_at)``: flushes, never commits, may run twice, and returns a short line for the operator."""
    _hooks.append(hook)
    return hook


def make_good(session: Session, taken_at: datetime) -> list[str]:
    """Run every hook on a database copied at ``taken_at`` (aware); returns what each says it did."""
    return [hook(session, taken_at) for hook in _hooks]
