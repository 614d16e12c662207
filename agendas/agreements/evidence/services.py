"""Evidence in: kept by hash, tied to the event it supports."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import clock, storage
from app.core.uploads import Accepted
from models import Agreement, Event, Evidence
from models.evidence import Moderation


def keep(files: tuple[Accepted, ...]) -> list[str]:
    """Store the files and return their digests, for the event that names them."""
    return [storage.keep(file.content) for file in files]


def attach(
    session: Session, agreement: Agreement, event: Event, files: tuple[Accepted, ...], *, held: bool = False
) -> list[Evidence]:
    """Tie kept files to the event they support; ``held`` ones wait for moderation."""
    rows = [
        Evidence(
            agreement_id=agreement.id, event_seq=event.seq, sha256=digest, media_type=file.media_type,
            size=len(file.content), title=file.title, added_at=clock.now(),
            moderation=Moderation.HELD if held else Moderation.VISIBLE,
        )
        for digest, file in zip(keep(files), files, strict=True)
    ]
    session.add_all(rows)
    session.flush()
    return rows
