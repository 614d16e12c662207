"""Two people editing: the second is shown both versions (DOMAIN.md 9)."""

from __future__ import annotations

from collections.abc import Callable

from app.core.errors import Field, StaleVersion


def check(current: int, seen: int | None, *, fields: Callable[[], list[Field]], back: str) -> None:
    """Raise StaleVersion with both texts when ``seen`` is not the version now in the database.

    Call it on a row loaded in the write transaction, with the row locked; otherwise two
    saves may both pass.
    """
    if seen is not None and seen != current:
        raise StaleVersion(fields(), back)
