"""Monthly releases: the files as they stood, frozen.

The contents are kept under their own SHA-256 and one entry of the chain names them: a release cannot be
rewritten without breaking the chain, every machine serves the same one, and a backup holds it whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, storage
from app.core.db import one_moment
from app.core.links import whole
from app.core.streams import pieces
from app.core.transaction import database, transaction
from app.portal.open_data import queries
from app.portal.open_data.exports import RESOURCES, Site
from app.portal.open_data.package import Written, package
from models import Event, LedgerHead, ledger
from models.ledger import SYSTEM, EventKind, rfc3339
from models.settings import setting

DESCRIPTOR = "datapackage.json"
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


class WrongMonth(ValueError):
    """Only the present month and the one before it can be frozen: files of another would bear its name and hold today's rows."""


@dataclass(frozen=True)
class Release:
    """A frozen month, as its entry of the chain names it."""

    month: str
    event: Event

    @property
    def head(self) -> str:
        """Where the chain stood: the files tell what came before."""
        return self.event.data["head"]

    @property
    def files(self) -> dict[str, Written]:
        """Size and SHA-256 by name of file."""
        return {name: Written(file["bytes"], file["sha256"]) for name, file in self.event.data["files"].items()}


def months_of(today: date) -> tuple[str, str]:
    """The months that can be frozen on ``today``: the one that ended last, the present one."""
    ended = today.replace(day=1) - timedelta(days=1)
    return f"{ended:%Y-%m}", f"{today:%Y-%m}"


def released(session: Session) -> list[Release]:
    """Every release, the newest first; one query."""
    events = session.scalars(select(Event).where(Event.kind == str(EventKind.OPEN_DATA_FROZEN)).order_by(Event.object.desc()))
    return [Release(event.object.partition(":")[2], event) for event in events]


def release_of(session: Session, month: str) -> Release | None:
    """The release of a month, or None; one query."""
    event = session.scalar(select(Event).where(Event.object == _name(month), Event.kind == str(EventKind.OPEN_DATA_FROZEN)))
    return None if event is None else Release(month, event)


def freeze(month: str | None = None) -> tuple[Release, bool]:
    """Freeze a month (the one that ended last unless said) and whether it was done now: a second time changes nothing.

    Opens its own read session and transaction. Raises WrongMonth.
    """
    with database().replica() as session:
        one_moment(session)
        edition = queries.edition_of(session)
        months = months_of(edition.day)
        month = month or months[0]
        earlier = release_of(session, month)
        if earlier is not None:
            return earlier, False
        if month not in months:
            raise WrongMonth(", ".join(months))
        moment, site = clock.now(), Site(whole(""), edition.day)
        written = {one.file: _keep(pieces(one.write(session, site))) for one in RESOURCES}
        descriptor = package(
            edition, municipality=setting(session, "municipality"), sources=queries.sources(session), created=rfc3339(moment),
            version=month, written=written,
        )
    written[DESCRIPTOR] = _keep([json.dumps(descriptor, ensure_ascii=False, indent=1).encode() + b"\n"])
    with transaction() as session:
        # Whoever else freezes this month waits here, and then finds ours.
        session.scalar(select(LedgerHead).with_for_update())
        meanwhile = release_of(session, month)
        if meanwhile is not None:
            return meanwhile, False
        files = {name: {"bytes": file.bytes, "sha256": file.sha256} for name, file in written.items()}
        event = ledger.append(
            session, EventKind.OPEN_DATA_FROZEN, object=_name(month), capacity=SYSTEM, occurred_at=moment, recorded_at=clock.now(),
            data={"head": str(edition.head), "files": files},
        )
    return Release(month, event), True


def _name(month: str) -> str:
    return f"release:{month}"


def _keep(content: Iterable[bytes]) -> Written:
    size = 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for piece in content:
            size += len(piece)
            yield piece

    sha256 = storage.keep_chunks(counted())
    return Written(size, sha256)
