"""Demos built for tests: the tiniest borough that still has everything, and the small one people see."""

from __future__ import annotations

from dataclasses import dataclass

from app.cli.demo.build import build
from app.cli.demo.geography import Size
from app.cli.demo.sheet import Sheet
from app.core.transaction import transaction
from app.factory import Cuadra

TINY = Size(offices=1, territories=3, sections=6, blocks=30)


@dataclass(frozen=True)
class Demo:
    """A demo that was built and is only read from then on."""

    app: Cuadra
    sheet: Sheet


def lived_in(app: Cuadra, *, seed: int = 7, size: Size | str = TINY) -> Sheet:
    """Build a demo in the database of ``app``, which is empty."""
    with app.app_context(), transaction() as session:
        return build(session, seed=seed, size=size)
