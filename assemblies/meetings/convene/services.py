"""Convening: a draft kept, published, moved to another day, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from agendas.agreements.queries import open_agreements_for
from app.core import clock, search, versions
from app.core.actors import Actor
from app.core.errors import Field, Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from assemblies.meetings import policies
from assemblies.meetings.convene import queries
from assemblies.meetings.convene.forms import Convocation, ItemDraft
from assemblies.meetings.policies import Missing
from assemblies.meetings.queries import blocks_of, conveners_of, items_of, thing_of
from models import ledger
from models.assembly import Assembly, AssemblyBlock, AssemblyState, Convener, Item, ItemType, WrongMoment
from models.body import Body
from models.folio import ASSEMBLY_PREFIX, folio_key, next_folio
from models.ledger import Capacity, Event, EventKind, rfc3339
from models.settings import setting
from models.territory import TerritorialUnit, path_of

Texts = Callable[[], list[Field]]


class Incomplete(Exception):
    """A draft lacks what a public call cannot go without; ``lacks`` says what."""

    def __init__(self, lacks: tuple[Missing, ...]):
        super().__init__(", ".join(lacks))
        self.lacks = lacks


def draft(
    session: Session, *, actor: Actor, unit: TerritorialUnit, says: Convocation, title: str, follow_up: str
) -> Assembly:
    """Keep a new draft with its folio. ``follow_up`` is the title of the item that comes by itself.

    Raises Denied, and Refused where no unit above gives folios.
    """
    thing = Thing(path=path_of(session, unit.id), unit_id=unit.id, state=AssemblyState.DRAFT)
    capacity = authorise(actor, Permission.ASSEMBLY_CONVENE, thing)
    year = clock.today(setting(session, "time_zone")).year
    try:
        short_code = queries.folio_code_for(session, unit.id)
    except LookupError as none:
        raise Refused(_("Ni este lugar ni los que están arriba tienen clave de folio; pida a planeación que la asigne.")) from none
    folio = next_folio(session, prefix=ASSEMBLY_PREFIX, short_code=short_code, year=year)
    assembly = Assembly(folio=folio, folio_key=folio_key(folio), unit_id=unit.id, unit=unit, state=AssemblyState.DRAFT)
    _say(assembly, says, title)
    session.add(assembly)
    session.flush()
    session.add(Convener(assembly_id=assembly.id, user_id=actor.user_id, role=capacity.role))
    _write_parts(session, assembly, says, follow_up)
    return assembly


def redraft(
    session: Session, *, actor: Actor, assembly: Assembly, says: Convocation, title: str, follow_up: str,
    seen: int | None, texts: Texts, back: str,
) -> None:
    """Save a draft over. ``assembly`` is locked. Raises Denied, WrongMoment once published, StaleVersion."""
    authorise(actor, Permission.ASSEMBLY_EDIT, thing_of(session, assembly))
    if assembly.state is not AssemblyState.DRAFT:
        raise WrongMoment(assembly.state, "edit")
    versions.check(assembly.version, seen, fields=texts, back=back)
    _say(assembly, says, title)
    assembly.version += 1
    session.execute(delete(Item).where(Item.assembly_id == assembly.id))
    session.execute(delete(AssemblyBlock).where(AssemblyBlock.assembly_id == assembly.id))
    session.execute(delete(Convener).where(Convener.assembly_id == assembly.id, Convener.body_id.is_not(None)))
    _write_parts(session, assembly, says, follow_up)


def publish(session: Session, *, actor: Actor, assembly: Assembly, seen: int | None, texts: Texts, back: str) -> Event:
    """Make the public call: draft becomes convened. ``assembly`` is locked.

    Raises Denied, WrongMoment, StaleVersion, Incomplete.
    """
    capacity = authorise(actor, Permission.ASSEMBLY_EDIT, thing_of(session, assembly))
    if assembly.state is not AssemblyState.DRAFT:
        raise WrongMoment(assembly.state, AssemblyState.CONVENED)
    versions.check(assembly.version, seen, fields=texts, back=back)
    items = items_of(session, assembly.id)
    now = clock.now()
    lacks = policies.missing(assembly, items, now)
    if lacks:
        raise Incomplete(lacks)
    event = assembly.move(
        session, AssemblyState.CONVENED, capacity=capacity, occurred_at=now, recorded_at=now,
        data={
            "unit": assembly.unit.code, "assembly_kind": str(assembly.kind), "mode": str(assembly.mode),
            "blocks": [block.code for block in blocks_of(session, assembly.id)],
            **_when(assembly),
            "conveners": [one.body.code if one.body else one.role for one in conveners_of(session, assembly.id)],
            "items": [
                {"position": item.position, "type": str(item.type), "method": item.method and str(item.method)} for item in items
            ],
        },
        # A neighbour's yard or name may be in any of these: what the chain holds is never erased.
        texts={"title": assembly.title, "place": assembly.place, "items": "\n".join(item.title for item in items)},
    )
    search.refresh(session, Assembly, [assembly.id])
    return event


def reschedule(
    session: Session, *, actor: Actor, assembly: Assembly, starts_at: datetime, second_call_at: datetime | None,
    ends_at: datetime, place: str, reason: str, seen: int | None, texts: Texts, back: str,
) -> Event:
    """Move a published call to another day, hour or place, with the reason. ``assembly`` is locked.

    Raises Denied, WrongMoment when it is not convened, StaleVersion, Incomplete for a day gone by or no place.
    """
    capacity = authorise(actor, Permission.ASSEMBLY_EDIT, thing_of(session, assembly))
    if assembly.state is not AssemblyState.CONVENED:
        raise WrongMoment(assembly.state, "reschedule")
    versions.check(assembly.version, seen, fields=texts, back=back)
    before, place_before = _when(assembly), assembly.place
    assembly.starts_at, assembly.second_call_at, assembly.ends_at = starts_at, second_call_at, ends_at
    assembly.place, assembly.place_key = place, search.fold(place)[:200]
    now = clock.now()
    lacks = tuple(
        fact for fact in policies.missing(assembly, (), now) if fact in (Missing.FUTURE, Missing.PLACE)
    )
    if lacks:
        raise Incomplete(lacks)
    assembly.version += 1
    search.refresh(session, Assembly, [assembly.id])
    return ledger.append(
        session, EventKind.ASSEMBLY_RESCHEDULED, object=assembly.object_name, capacity=capacity, occurred_at=now,
        recorded_at=now, data={"before": before, "after": _when(assembly)},
        texts={"reason": reason.strip(), "place_before": place_before, "place_after": place},
    )


def cancel(
    session: Session, *, actor: Actor, assembly: Assembly, reason: str, seen: int | None, texts: Texts, back: str
) -> Event:
    """Call the assembly off, with the reason. ``assembly`` is locked. Raises Denied, WrongMoment, StaleVersion."""
    capacity = authorise(actor, Permission.ASSEMBLY_CANCEL, thing_of(session, assembly))
    versions.check(assembly.version, seen, fields=texts, back=back)
    now = clock.now()
    return assembly.move(
        session, AssemblyState.CANCELLED, capacity=capacity, occurred_at=now, recorded_at=now,
        data={"unit": assembly.unit.code, "was": rfc3339(assembly.starts_at)}, texts={"reason": reason.strip()},
    )


def capacity_to_convene(session: Session, actor: Actor, unit: TerritorialUnit) -> Capacity:
    """In what capacity the actor would convene here. Raises Denied."""
    return authorise(actor, Permission.ASSEMBLY_CONVENE, Thing(path=path_of(session, unit.id), unit_id=unit.id))


def _say(assembly: Assembly, says: Convocation, title: str) -> None:
    assembly.kind, assembly.mode, assembly.title = says.kind, says.mode, title[:200]
    assembly.place, assembly.place_key = says.place, search.fold(says.place)[:200]
    assembly.online_url, assembly.quorum = says.online_url, says.quorum
    assembly.starts_at, assembly.second_call_at, assembly.ends_at = says.starts_at, says.second_call_at, says.ends_at


def _write_parts(session: Session, assembly: Assembly, says: Convocation, follow_up: str) -> None:
    blocks = queries.gathered_ids(session, assembly.unit, says.blocks, says.areas)
    if blocks:
        session.execute(insert(AssemblyBlock), [{"assembly_id": assembly.id, "unit_id": block} for block in blocks])
    if says.bodies:
        offered = {body.id for body in queries.bodies_for(session, assembly.unit_id)}
        chosen = session.scalars(select(Body).where(Body.code.in_(says.bodies), Body.id.in_(offered)).order_by(Body.code))
        session.add_all(Convener(assembly_id=assembly.id, body_id=body.id, role="body") for body in chosen)
    items = list(says.items)
    if open_agreements_for(session, assembly.unit_id, limit=1):
        # What was promised comes before anything new (001-20), whoever writes the items.
        items = [item for item in items if item.type is not ItemType.FOLLOW_UP]
        items.insert(0, ItemDraft(follow_up, ItemType.FOLLOW_UP, says.follow_up_method))
    session.add_all(
        Item(assembly_id=assembly.id, position=place, title=item.title, type=item.type, method=item.method)
        for place, item in enumerate(items, 1)
    )
    session.flush()


def _when(assembly: Assembly) -> dict[str, str | None]:
    return {
        "starts_at": rfc3339(assembly.starts_at),
        "second_call_at": rfc3339(assembly.second_call_at) if assembly.second_call_at else None,
        "ends_at": rfc3339(assembly.ends_at) if assembly.ends_at else None,
    }
