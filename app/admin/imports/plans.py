"""What the pages know of any import, whatever its kind: what a file says of itself, what it would do, row by row."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.orm import Session

from models.ledger import Capacity

Tell = Callable[[str, int, int], None]


class Outcome(StrEnum):
    """What becomes of a row. ``repaired`` is only ever a mark beside another; ``ambiguous``, of boundaries, too."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    REPAIRED = "repaired"
    REJECTED = "rejected"
    SKIPPED = "skipped"


class Unusable(Exception):
    """The file as a whole cannot be imported; ``str(error)`` is a sentence that says what to do."""


class Unclear(Exception):
    """It cannot be planned as its columns were matched; ``str(error)`` says what to choose instead."""


class Stale(Exception):
    """Somebody wrote after the plan was made: what it would do is no longer true."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of the file (``row`` from 1), or something the file leaves out (None). ``outline``: WKB, EPSG:4326."""

    row: int | None
    outcome: Outcome
    key: str
    name: str
    says: str
    repaired: bool = False
    ambiguous: bool = False
    outline: bytes | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan ready to be shown and written. ``prepared`` is for its own engine; ``facts`` are kept with the run (JSON).

    ``proof`` is anything more that must be the same for the plan to be the one that was confirmed.
    """

    rows: Sequence[PlannedRow]
    notes: Sequence[str]
    prepared: Any
    facts: dict[str, Any] = field(default_factory=dict)
    proof: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome, those that carry a mark, and ``all``."""
        counted = Counter(str(row.outcome) for row in self.rows)
        marks = {"ambiguous": sum(row.ambiguous for row in self.rows), "repaired": sum(row.repaired for row in self.rows)}
        return {str(outcome): counted[outcome] for outcome in Outcome} | marks | {"all": len(self.rows)}

    @property
    def digest(self) -> str:
        """SHA-256 of all that a person confirms: each row with its outcome and its sentence."""
        told = hashlib.sha256(self.proof.encode())
        for row in self.rows:
            told.update(json.dumps([row.row, row.outcome, row.key, row.name, row.says]).encode())
        return told.hexdigest()


@dataclass(frozen=True, slots=True)
class Brought:
    """The file of a run and what a person said of it. ``companion``: a ZIP of the files that its rows name."""

    path: Path
    filename: str
    sha256: str
    options: dict[str, Any]
    companion: Path | None = None


class Engine(Protocol):
    """How one kind is looked at, planned and written."""

    def check(self, brought: Brought) -> None:
        """Refuse at once what needs no reading: raises Unusable."""

    def look(self, session: Session, brought: Brought, tell: Tell) -> dict[str, Any]:
        """What the file says of itself, JSON: ``fields``, ``guesses``, ``samples``, ``facts``… Raises Unusable."""

    def plan(self, session: Session, brought: Brought, tell: Tell) -> Planned:
        """What it would do. Raises Unusable, Unclear."""

    def write(
        self, session: Session, planned: Planned, brought: Brought, *, capacity: Capacity, skip_rejected: bool, tell: Tell
    ) -> dict[str, Any]:
        """Write it in the caller's transaction; JSON for the run's record. Raises Stale."""
