"""What happens while an assembly is held. Every verb takes the assembly's row locked, so that taps from
two phones stand in line; headcounts change by arithmetic in the database, never by what a page showed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from app.core import clock, search, versions
from app.core.actors import Actor
from app.core.errors import Field, Refused
from app.core.i18n import _
from app.core.permissions import Permission
from assemblies.meetings import queries
from assemblies.meetings.hold.policies import capacity_now
from assemblies.meetings.hold.queries import count_of, has_decided, slips_out
from models import ledger
from models.assembly import (
    AgeBand,
    Assembly,
    AssemblyState,
    Gender,
    HeadcountCell,
    Item,
    ItemState,
    ItemType,
    Method,
    WrongMoment,
)
from models.ledger import EventKind

P = Permission
# Neighbours arrive at the hour that was announced, and must not find it begun and decided.
EARLIEST = timedelta(hours=1)
NEEDS_METHOD = frozenset({ItemType.DECISION, ItemType.ELECTION, ItemType.FOLLOW_UP})


def capacity_in(session: Session, actor: Actor | None, assembly: Assembly, permission: Permission = P.ASSEMBLY_HOLD):
    """The capacity in which ``actor`` does this to the assembly. Raises Denied or WrongMoment."""
    return capacity_now(actor, queries.thing_of(session, assembly), permission)


def open_session(session: Session, *, actor: Actor, assembly: Assembly, call: int, occurred_at: datetime) -> None:
    """Begin, by the first (1) or the second (2) call. The first needs the quorum among the people
    counted; the second meets with whoever came. Neither before its hour. Raises Refused."""
    capacity = capacity_in(session, actor, assembly)
    if occurred_at < assembly.starts_at - EARLIEST:
        raise Refused(_("Todavía no: se convocó para más tarde. Si la hora cambió, cambie primero la convocatoria."))
    counted = count_of(session, assembly.id).people
    short = counted < assembly.quorum
    if call == 2 and assembly.second_call_at is None:
        raise Refused(_("Esta asamblea se convocó con una sola llamada."))
    if short and call == 1:
        raise Refused(
            _("Hacen falta %(needed)s personas y hay %(counted)s contadas. Cuente a las que falten, espere a la segunda "
              "llamada o registre que no se realizó.", needed=assembly.quorum, counted=counted)
        )
    # Whatever the count: the second call frees the decisions from the quorum.
    if call == 2 and occurred_at < assembly.second_call_at:
        raise Refused(_("Todavía no es la hora de la segunda llamada."))
    assembly.move(
        session, AssemblyState.IN_SESSION, capacity=capacity, occurred_at=occurred_at, recorded_at=clock.now(),
        data={"call": call, "quorum": assembly.quorum, "counted": counted},
    )


def not_held(session: Session, *, actor: Actor, assembly: Assembly, reason: str, occurred_at: datetime) -> None:
    """It did not take place (no quorum, rain); the reason is public.

    Raises WrongMoment once held, Refused once it decided something or gave out slips: what never took
    place cannot have left decisions that hold and voices that count.
    """
    capacity = capacity_in(session, actor, assembly)
    if slips_out(session, assembly.id) or has_decided(session, assembly.id):
        raise Refused(_("Esta asamblea ya tomó decisiones o entregó papeletas: termínela, y diga en las notas lo que pasó."), 409)
    assembly.move(
        session, AssemblyState.NOT_HELD, capacity=capacity, occurred_at=occurred_at, recorded_at=clock.now(),
        data={"quorum": assembly.quorum, "counted": count_of(session, assembly.id).people}, texts={"reason": reason},
    )


def end_session(session: Session, *, actor: Actor, assembly: Assembly, occurred_at: datetime) -> None:
    """The assembly is over: items still open close with it. Raises Refused when nobody was counted."""
    capacity = capacity_in(session, actor, assembly)
    people = count_of(session, assembly.id).people
    if not people:
        raise Refused(_("Nadie ha sido contado. Cuente a las personas, o registre que la asamblea no se realizó."))
    assembly.move(
        session, AssemblyState.HELD, capacity=capacity, occurred_at=occurred_at, recorded_at=clock.now(),
        data={"people": people},
    )
    session.execute(
        update(Item).where(Item.assembly_id == assembly.id, Item.state == ItemState.OPEN)
        .values(state=ItemState.CLOSED, closed_at=occurred_at)
    )


def tap(
    session: Session, *, actor: Actor, assembly: Assembly, gender: Gender, age_band: AgeBand, first_time: bool, step: int
) -> HeadcountCell:
    """Count one person more or fewer (``step`` 1 or -1), or one first-timer among them; the cell as it is now.

    Raises Refused where a cell would fall below nought, hold more first-timers than people, or leave
    fewer people counted than slips issued.
    """
    capacity_in(session, actor, assembly)
    key = {"assembly_id": assembly.id, "gender": gender, "age_band": age_band}
    cell = HeadcountCell
    if step < 0 and not first_time and slips_out(session, assembly.id) >= count_of(session, assembly.id).people > 0:
        raise Refused(_("Ya hay una papeleta por cada persona contada: anule antes un lote de papeletas."))
    if first_time:
        room = (cell.first_timers < cell.people) if step > 0 else (cell.first_timers > 0)
        change = update(cell).filter_by(**key).where(room).values(first_timers=cell.first_timers + step)
    elif step > 0:
        change = update(cell).filter_by(**key).values(people=cell.people + 1)
    else:
        fewer = case((cell.first_timers >= cell.people, cell.people - 1), else_=cell.first_timers)
        change = update(cell).filter_by(**key).where(cell.people > 0).values(people=cell.people - 1, first_timers=fewer)
    done = session.execute(change.execution_options(synchronize_session=False)).rowcount
    if not done and step > 0 and not first_time:
        session.add(cell(**key, people=1, first_timers=0))
        session.flush()
    elif not done and first_time and step > 0:
        raise Refused(_("Ya están contadas todas las personas de esta casilla como primera vez: cuente antes a la persona."))
    elif not done:
        raise Refused(_("Esta casilla ya está en cero."))
    return session.scalars(select(cell).filter_by(**key).execution_options(populate_existing=True)).one()


def add_item(
    session: Session, *, actor: Actor, assembly: Assembly, title: str, type: ItemType, method: Method | None,
    occurred_at: datetime,
) -> Item:
    """An item nobody had convened, with its method fixed now. Raises Refused without a method it needs."""
    capacity = capacity_in(session, actor, assembly)
    if type in NEEDS_METHOD and method is None:
        raise Refused(_("Elija cómo se va a decidir antes de agregar el punto."))
    last = session.scalar(select(func.max(Item.position)).where(Item.assembly_id == assembly.id)) or 0
    item = Item(assembly_id=assembly.id, position=last + 1, title=title, type=type, method=method, added_live=True)
    session.add(item)
    session.flush()
    ledger.append(
        session, EventKind.ITEM_ADDED, object=assembly.object_name, capacity=capacity, occurred_at=occurred_at,
        recorded_at=clock.now(), data=_public(item), texts={"title": title},
    )
    search.refresh(session, Assembly, [assembly.id])
    return item


def fix_method(session: Session, *, actor: Actor, assembly: Assembly, item: Item, method: Method) -> None:
    """Choose how the item will be decided. Raises Refused once it has opened (DOMAIN.md 6)."""
    capacity_in(session, actor, assembly)
    if item.opened_at is not None:
        raise Refused(_("El método se fija antes de abrir el punto y ya no cambia."), 409)
    item.method = method


def open_item(session: Session, *, actor: Actor, assembly: Assembly, item: Item, occurred_at: datetime) -> None:
    """Take the item up, or again after it was closed. Raises Refused without its method or while another is open."""
    capacity = capacity_in(session, actor, assembly)
    in_session(assembly)
    if item.state is ItemState.OPEN:
        return
    if item.type in NEEDS_METHOD and item.method is None:
        raise Refused(_("Elija cómo se va a decidir antes de abrir el punto."))
    other = session.scalar(select(Item.position).filter_by(assembly_id=assembly.id, state=ItemState.OPEN))
    if other is not None:
        raise Refused(_("Cierre primero el punto %(number)s, que sigue abierto.", number=other))
    first_time = item.opened_at is None
    item.state, item.closed_at = ItemState.OPEN, None
    if first_time:
        item.opened_at = occurred_at
        ledger.append(
            session, EventKind.ITEM_OPENED, object=assembly.object_name, capacity=capacity, occurred_at=occurred_at,
            recorded_at=clock.now(), data=_public(item),
        )


def close_item(session: Session, *, actor: Actor, assembly: Assembly, item: Item, occurred_at: datetime) -> None:
    """The assembly is done with the item; closing a closed one changes nothing."""
    capacity_in(session, actor, assembly)
    if item.state is ItemState.OPEN:
        item.state, item.closed_at = ItemState.CLOSED, occurred_at


def keep_notes(
    session: Session, *, actor: Actor, assembly: Assembly, item: Item, notes: str, seen: int | None, back: str
) -> None:
    """What was said on an item, for the minutes: while in session and until they are sealed.

    ``seen`` is the version on the page; raises StaleVersion (leading to ``back``) when it is not the saved one.
    """
    permission = P.MINUTES_SEAL if assembly.state is AssemblyState.HELD else P.ASSEMBLY_HOLD
    capacity_in(session, actor, assembly, permission)
    if item.notes == notes:
        return
    versions.check(
        item.version, seen, back=back,
        fields=lambda: [Field(_("Notas del punto %(number)s", number=item.position), item.notes, notes)],
    )
    item.notes = notes
    item.version += 1


def in_session(assembly: Assembly) -> None:
    """Raises WrongMoment unless the assembly is in session."""
    if assembly.state is not AssemblyState.IN_SESSION:
        raise WrongMoment(assembly.state, AssemblyState.IN_SESSION)


def is_open(item: Item) -> None:
    """Raises Refused unless the item is open."""
    if item.state is not ItemState.OPEN:
        raise Refused(_("Abra primero el punto."), 409)


def _public(item: Item) -> dict[str, object]:
    return {
        "item": item.position, "type": str(item.type), "method": str(item.method) if item.method else None,
        "added_live": item.added_live,
    }
