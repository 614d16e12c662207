"""The photos of a demo: each drawn for its occasion, or a few of each subject seen again and again."""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

from app.cli.demo import images
from app.cli.demo.images import Subject
from app.core import uploads
from app.core.uploads import Accepted


class Album:
    """``limit`` photos of each subject, drawn when first needed; None draws every photo anew (30 ms each)."""

    def __init__(self, draw: Callable[..., Random], limit: int | None):
        self._draw, self._limit = draw, limit
        self._kept: dict[tuple[Subject, bool, int], Accepted] = {}

    def photo(self, rng: Random, theme: str, title: str, *, done: bool) -> Accepted:
        """A photo about a theme (its code): ``done`` shows the work, else the fault."""
        subject = images.subject_of(theme)
        if self._limit is None:
            return _taken(rng, subject, title, done)
        key = (subject, done, rng.randrange(self._limit))
        if key not in self._kept:
            self._kept[key] = _taken(self._draw("photo", *key), subject, "", done)
        kept = self._kept[key]
        return Accepted(kept.content, kept.media_type, title)


def _taken(rng: Random, subject: Subject, title: str, done: bool) -> Accepted:
    return uploads.receive(io.BytesIO(images.evidence_photo(rng, subject, done=done)), title)
