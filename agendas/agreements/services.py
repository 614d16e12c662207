"""What happens to an agreement from the day it is proposed, except the neighbours' word on it.

Every function locks nothing itself: rows to change come from :func:`lock`. They flush, never
commit; each writes its ledger event in the caller's transaction.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agendas.agreements.queries import local_day
from app.core import clock
from app.core.actors import Actor
from app.core.errors import Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from app.core.search import fold
from models import Agreement, Ancestry, Assembly, AssemblyBlock, Body, Item, TerritorialUnit, Theme, ledger
from models.agreement import Origin
from models.folio import folio_key, next_folio
from models.ledger import EventKind
from models.territory import path_of


def lock(session: Session, agreement_id: int) -> Agreement:
    """The agreement, its row locked until the transaction ends: voices and moves stand in line behind it."""
    return session.scalars(
        select(Agreement).where(Agreement.id == agreement_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def thing_of(session: Session, assembly: Assembly) -> Thing:
    return Thing(path=path_of(session, assembly.unit_id), unit_id=assembly.unit_id, state=str(assembly.state))


def propose(
    session: Session,
    *,
    actor: Actor,
    assembly: Assembly,
    item: Item | None,
    unit_id: int,
    text: str,
    theme_id: int,
    owner_id: int,
    counterpart_id: int | None,
    due: date,
    place: str = "",
    occurred_at: datetime,
) -> Agreement:
    """An agreement made in an assembly, with its folio. ``due`` is the first date, never lost.

    ``unit_id`` is the assembly's unit, one below it, or a block it gathers. Raises Denied without
    ASSEMBLY_HOLD on the assembly, Refused with a sentence for a fact that cannot be.
    """
    capacity = authorise(actor, Permission.ASSEMBLY_HOLD, thing_of(session, assembly))
    if item is not None and item.assembly_id != assembly.id:
        raise Refused(_("Ese punto es de otra asamblea."))
    if not text.strip():
        raise Refused(_("Escriba qué se acordó."))
    if due < local_day(session, occurred_at):
        raise Refused(_("La fecha del acuerdo no puede ser anterior al día en que se acuerda."))
    _check_sides(session, owner_id, counterpart_id)
    if not _gathers(session, assembly, unit_id):
        raise Refused(_("El acuerdo debe ser del lugar de la asamblea o de una de sus manzanas."))
    unit = session.get_one(TerritorialUnit, unit_id)
    theme = session.get_one(Theme, theme_id)
    place = "" if theme.sensitive else place.strip()
    folio = next_folio(
        session, prefix="", short_code=_short_code(session, unit_id), year=local_day(session, occurred_at).year
    )
    agreement = Agreement(
        folio=folio, folio_key=folio_key(folio), unit_id=unit_id, assembly_id=assembly.id,
        item_id=item.id if item is not None else None, theme_id=theme_id, owner_id=owner_id,
        counterpart_id=counterpart_id, origin=Origin.ASSEMBLY, text=text.strip(), place=place,
        search_text=fold(f"{folio} {text} {place} {unit.name}"), first_due=due, due=due, created_at=clock.now(),
    )
    session.add(agreement)
    session.flush()
    owner = session.get_one(Body, owner_id)
    counterpart = session.get(Body, counterpart_id) if counterpart_id is not None else None
    ledger.append(
        session, EventKind.AGREEMENT_PROPOSED, object=agreement.object_name, capacity=capacity,
        occurred_at=occurred_at, recorded_at=clock.now(),
        data={
            "to": str(agreement.state), "unit": unit.code, "assembly": assembly.folio, "theme": theme.code,
            "owner": owner.code, "counterpart": counterpart.code if counterpart else None, "due": due.isoformat(),
        },
        texts={"text": agreement.text, "place": place},
    )
    return agreement


def _check_sides(session: Session, owner_id: int, counterpart_id: int | None) -> None:
    if owner_id == counterpart_id:
        raise Refused(_("Quien debe el acuerdo y su contraparte no pueden ser la misma instancia."))
    for body_id in (owner_id, counterpart_id):
        body = session.get(Body, body_id) if body_id is not None else None
        if body_id is not None and (body is None or not body.active):
            raise Refused(_("Elija una instancia que siga activa."))


def _gathers(session: Session, assembly: Assembly, unit_id: int) -> bool:
    if assembly.unit_id in path_of(session, unit_id):
        return True
    return session.get(AssemblyBlock, (assembly.id, unit_id)) is not None


def _short_code(session: Session, unit_id: int) -> str:
    """Of the nearest unit upwards that numbers folios: the territory, where the tree has one."""
    return session.scalars(
        select(TerritorialUnit.short_code)
        .join(Ancestry, Ancestry.ancestor_id == TerritorialUnit.id)
        .where(Ancestry.unit_id == unit_id, TerritorialUnit.short_code.is_not(None))
        .order_by(Ancestry.depth)
        .limit(1)
    ).one()
