"""What is known of slips: how many are out, and the codes of a batch until it is printed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, crypto
from models import Slip, SlipBatch
from models.assembly import Assembly
from models.ledger import Event, EventKind

READABLE_FOR = timedelta(hours=24)


def batches_of(session: Session, assembly_id: int) -> Sequence[SlipBatch]:
    """The batches of an assembly, newest first."""
    return session.scalars(select(SlipBatch).filter_by(assembly_id=assembly_id).order_by(SlipBatch.id.desc())).all()


def batch_of(session: Session, assembly: Assembly, batch_id: int, *, lock: bool = False) -> SlipBatch | None:
    """A batch of this assembly, or None."""
    query = select(SlipBatch).filter_by(id=batch_id, assembly_id=assembly.id)
    return session.scalar(query.with_for_update() if lock else query)


def readable(batch: SlipBatch, now: datetime) -> bool:
    """Whether its codes can still be printed: not printed, not voided, issued within a day."""
    return batch.codes_encrypted is not None and batch.voided_at is None and now - batch.issued_at < READABLE_FOR


def codes_of(batch: SlipBatch) -> list[str] | None:
    """The codes in the order of their serials, or None once nobody may read them."""
    plain = crypto.decrypt(batch.codes_encrypted) if readable(batch, clock.now()) else None
    return None if plain is None else json.loads(plain)


@dataclass(frozen=True)
class Sheet:
    """What a sheet prints besides its codes."""

    codes: list[str]
    valid_until: object
    head: str


def sheet_of(session: Session, assembly: Assembly, batch: SlipBatch) -> Sheet | None:
    """The sheet of a batch, or None once its codes are gone. Its head is the entry that issued it."""
    codes = codes_of(batch)
    if codes is None:
        return None
    entries = session.scalars(
        select(Event).where(Event.object == assembly.object_name, Event.kind == str(EventKind.SLIPS_ISSUED))
    )
    entry = next(entry for entry in entries if entry.data["batch"] == batch.id)
    until = session.scalars(select(Slip.valid_until).filter_by(batch_id=batch.id).limit(1)).one()
    return Sheet(codes, until, f"{entry.seq}:{entry.hash}")
