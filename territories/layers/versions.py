"""The version of a layer: it changes whenever the layer may look otherwise, and not with everything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from models.ledger import Event
from models.settings import setting
from models.shape import BANDS
from territories.layers.registry import Layer, Scope

# Counted up when the same data gives other tiles: another way to simplify, another buffer.
MAKING = 1


def version_of(session: Session, layer: Layer, scope: Scope) -> str:
    """A short word for the state of ``layer``: its last event, the settings it reads, the day where that counts, and how
    it is declared and made. One query, and the settings of the session.

    Older than what is read after it, never newer: a tile kept under a version may be fresher than its name.
    """
    # One look at the end of the index for each kind; asked for together, PostgreSQL would read the whole of them.
    kinds = sorted(layer.moved_by)
    last = union_all(*(select(func.max(Event.seq).label("seq")).where(Event.kind == kind) for kind in kinds)).subquery()
    seq = session.scalar(select(func.max(last.c.seq))) or 0
    declared = (layer.zooms, [(one.name, one.schema) for one in layer.fields])
    told = (MAKING, BANDS, declared, seq, [setting(session, key) for key in layer.settings], str(scope.today) if layer.daily else "")
    return sha256(repr(told).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Present:
    """The versions of the layers at one number of the data, and the settings a scope needs, as this process learnt them."""

    number: int
    zone: str
    long_ago_days: int
    versions: dict[tuple[str, date], str] = field(default_factory=dict)

    def scope(self, today: date) -> Scope:
        return Scope(today, today, zone=self.zone, long_ago_days=self.long_ago_days)

    def version(self, session: Session, layer: Layer, scope: Scope) -> str:
        """Asked for once for each layer and day."""
        key = (layer.name, scope.today)
        if key not in self.versions:
            self.versions[key] = version_of(session, layer, scope)
        return self.versions[key]
