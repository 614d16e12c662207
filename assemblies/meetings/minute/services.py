"""Sealing the minutes, once; adding to them afterwards."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, search
from app.core.actors import Actor
from app.core.errors import Field, Refused
from app.core.errors import StaleVersion as Stale
from app.core.i18n import _
from app.core.permissions import Permission
from assemblies.meetings.hold.services import capacity_in
from assemblies.meetings.minute import queries
from models import Addendum, Minutes, Problem, ledger
from models.assembly import Assembly, AssemblyState
from models.ledger import EventKind

P = Permission


class ChangedSince(Refused):
    """What would be sealed is no longer what was reviewed."""


def keep_notes(session: Session, *, actor: Actor, assembly: Assembly, notes: str, seen: int | None, back: str) -> None:
    """General notes of the assembly, until the minutes are sealed. Raises StaleVersion."""
    capacity_in(session, actor, assembly, P.MINUTES_SEAL)
    if assembly.notes == notes:
        return
    if seen is not None and seen != assembly.version:
        raise Stale([Field(_("Notas generales"), assembly.notes, notes)], back)
    assembly.notes = notes
    assembly.version += 1


def seal(session: Session, *, actor: Actor, assembly: Assembly, reviewed: str | None = None) -> Minutes:
    """Freeze the minutes and close the assembly; the entry of the chain carries their digest.

    ``reviewed`` is the digest of what the page showed: raises ChangedSince when something was
    recorded after it. Raises Refused when they are sealed already, WrongMoment before the assembly was held.
    """
    if assembly.state is AssemblyState.CLOSED:
        raise Refused(_("El acta ya está sellada. Lo que falte se agrega como adenda."), 409)
    capacity = capacity_in(session, actor, assembly, P.MINUTES_SEAL)
    content = queries.content_of(session, assembly)
    digest = queries.digest_of(content)
    if reviewed is not None and reviewed != digest:
        raise ChangedSince(_("Algo cambió desde que abrió esta página. Revise el acta otra vez antes de sellarla."), 409)
    moment = clock.now()
    entry = assembly.move(
        session, AssemblyState.CLOSED, capacity=capacity, occurred_at=moment, recorded_at=moment, data={"digest": digest},
    )
    minutes = Minutes(
        assembly_id=assembly.id, content=content, digest=digest, head=f"{entry.seq}:{entry.hash}", sealed_at=moment
    )
    session.add(minutes)
    session.flush()
    # What neighbours raised is public from now on, in these minutes.
    search.refresh(session, Problem, session.scalars(select(Problem.id).filter_by(assembly_id=assembly.id)).all())
    return minutes


def keep_paper(session: Session, *, minutes_id: int, pdf_sha256: str) -> None:
    """Say under which digest the PDF is kept; the first one stays."""
    minutes = session.get_one(Minutes, minutes_id, with_for_update=True)
    if minutes.pdf_sha256 is None:
        minutes.pdf_sha256 = pdf_sha256


def add(session: Session, *, actor: Actor, assembly: Assembly, text: str) -> Addendum:
    """A correction or something missing, under the sealed minutes, which stay as they are."""
    capacity = capacity_in(session, actor, assembly, P.MINUTES_ADD)
    sealed = queries.sealed_of(session, assembly.id)
    if sealed is None:
        raise Refused(_("Todavía no hay acta sellada."), 409)
    moment = clock.now()
    entry = ledger.append(
        session, EventKind.MINUTES_ADDENDUM, object=assembly.object_name, capacity=capacity, occurred_at=moment,
        recorded_at=moment, data={"minutes": sealed.minutes.digest, "number": len(sealed.addenda) + 1}, texts={"text": text},
    )
    addendum = Addendum(minutes_id=sealed.minutes.id, text=text, added_at=moment, event_seq=entry.seq)
    session.add(addendum)
    session.flush()
    return addendum
