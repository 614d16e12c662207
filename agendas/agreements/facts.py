"""What a person gives with a move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Facts:
    """What a person gives with a move: each move needs its own of these (models.agreement.STEPS).

    ``ground`` is typed: the folio of the assembly that decided, or of the agreement this one repeats.
    """

    reason: str = ""
    due: date | None = None
    review_on: date | None = None
    owner_id: int | None = None
    ground: str = ""
