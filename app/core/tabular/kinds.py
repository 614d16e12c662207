"""What a kind of table is, and the list of those this instance can bring in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.core.permissions import Permission
from app.core.tabular.fields import Field, Problem
from models.ledger import Capacity

Progress = Callable[[str, int, int], None]
LONGEST_KEY, LONGEST_SOURCE = 200, 80


def silent(_step: str, _done: int, _total: int) -> None:
    """Tells nobody how far it is."""


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    AMBIGUOUS = "ambiguous"
    REJECTED = "rejected"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Options:
    """What a person says of a file. ``mapping``: column to field, empty for a column not used; ``constants``: the
    text a field takes where a row says nothing; ``source``: whose list it is, under which its identifiers are unique.

    ``companion``: files that rows name, by their names; never stored with the rest.
    """

    source: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    companion: Mapping[str, bytes] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"source": self.source, "mapping": dict(self.mapping), "constants": dict(self.constants)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], companion: Mapping[str, bytes] | None = None) -> Options:
        return cls(kept.get("source", ""), kept.get("mapping", {}), kept.get("constants", {}), companion or {})


@dataclass
class Row:
    """A row on its way: read by the engine, understood by its kind, judged by the engine.

    The kind sets ``key`` (what the row is known by, where the list gives no identifier), ``draft`` (what it would
    write), ``content`` (the same as plain values: two rows with equal content are the same), ``object_id`` (the thing
    it already is here, when found without its key; ``same`` when that says the same already) and adds problems,
    candidates and repairs. ``left_out``: why the row is of no use here, which is no fault of it and stops nothing.
    """

    number: int
    values: dict[str, Any]
    key: str = ""
    draft: Any = None
    content: Any = None
    object_id: int | None = None
    known: bool = False
    same: bool = False
    outcome: Outcome = Outcome.REJECTED
    digest: str = ""
    shown: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    left_out: str = ""

    @property
    def blocked(self) -> bool:
        return self.outcome in (Outcome.REJECTED, Outcome.AMBIGUOUS)


@dataclass(frozen=True)
class Context:
    """What a kind may need besides the rows. ``origin``: the SHA-256 of the file, under which the record tells of it."""

    options: Options
    moment: datetime
    progress: Progress = silent
    origin: str = ""


class Kind(Protocol):
    """A kind of table. Its module stands in the room of the thing it brings; ``app.factory`` registers it.

    What a kind may have besides. ``reshape(table, options)``: the same table with a row for each thing, where a file has
    several of them in a row or one of them in several; ``notes(table, options)``: what whoever matches the columns should
    know of that. ``in_parts = True``: files of this kind are never whole, so that what one leaves out is not missing.
    """

    name: str
    label: object
    permission: Permission
    fields: tuple[Field, ...]

    def understand(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """Set what :class:`Row` says, for all rows at once, in a number of queries that does not grow with them.
        Reads only."""

    def compare(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """For rows that are here already (``object_id``) and now say something else: add a problem where that may
        not be brought in by a list. Reads only."""

    def write(self, session: Session, rows: Sequence[Row], *, capacity: Capacity, context: Context) -> Mapping[str, int]:
        """Write the rows that are new or changed, with their events, and set ``object_id`` of each new one.
        Returns counts worth telling besides those of the plan. Flushes, never commits."""


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Offer kinds of tables; a second time changes nothing."""
    _kinds.update({kind.name: kind for kind in kinds})


def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order in which a borough needs them."""
    return tuple(_kinds.values())


def kind_named(name: str) -> Kind:
    """Raises KeyError for a kind nobody offers."""
    return _kinds[name]
