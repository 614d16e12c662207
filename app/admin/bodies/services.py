"""The one writer of bodies. A body is retired, never deleted: what it promised names it for ever."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.bodies.queries import owed_by
from app.core import clock
from app.core.actors import Actor
from app.core.errors import Misfit, Refused
from app.core.i18n import _, ngettext
from app.core.permissions import Permission, Thing, authorise
from models import Body, TerritorialUnit, ledger
from models.body import BodyKind, GovernmentLevel
from models.ledger import Capacity, EventKind


def add(
    session: Session, *, actor: Actor, code: str, name: str, kind: BodyKind, level: GovernmentLevel, unit: TerritorialUnit | None
) -> Body:
    """A new body. Raises Denied, Misfit for a code in use or a kind and a government that do not go together."""
    capacity = _authorised(actor)
    if session.scalar(select(Body.id).where(Body.code == code)) is not None:
        raise Misfit("code", _("Esa clave ya es de otra instancia."))
    community = level is GovernmentLevel.COMMUNITY
    if kind is BodyKind.AREA and community:
        raise Misfit("level", _("Un área de gobierno no es de la comunidad."))
    if kind in (BodyKind.COLLECTIVE, BodyKind.COMMISSION) and not community:
        raise Misfit("level", _("Un colectivo o una comisión es de la comunidad."))
    if kind is BodyKind.COLLECTIVE and unit is None:
        raise Misfit("unit", _("Diga de qué territorio es el colectivo."))
    body = Body(code=code, name=name, kind=kind, level=level, unit_id=unit.id if unit else None)
    session.add(body)
    session.flush()
    _record(
        session, EventKind.BODY_ADDED, body, capacity,
        {"name": name, "kind": str(kind), "level": str(level), "unit": unit.code if unit else None},
    )
    return body


def rename(session: Session, *, actor: Actor, body: Body, name: str) -> None:
    """Another name; the code, what it owes and who answers stay. Raises Denied."""
    capacity, was = _authorised(actor), body.name
    body.name = name
    body.version += 1
    session.flush()
    _record(session, EventKind.BODY_CHANGED, body, capacity, {"from": was, "to": name})


def retire(session: Session, *, actor: Actor, body: Body) -> None:
    """It is offered no more. Raises Denied, Refused while it owes something: a promise needs somebody to keep it."""
    capacity = _authorised(actor)
    if owed := owed_by(session, body.id):
        raise Refused(
            ngettext(
                "Todavía debe %(num)s acuerdo: páselo antes a otra instancia.",
                "Todavía debe %(num)s acuerdos: páselos antes a otra instancia.", owed,
            ), 409,
        )
    body.active = False
    body.version += 1
    session.flush()
    _record(session, EventKind.BODY_RETIRED, body, capacity, {})


def restore(session: Session, *, actor: Actor, body: Body) -> None:
    """A retired body is offered again. Raises Denied."""
    capacity = _authorised(actor)
    body.active = True
    body.version += 1
    session.flush()
    _record(session, EventKind.BODY_RESTORED, body, capacity, {})


def _authorised(actor: Actor) -> Capacity:
    return authorise(actor, Permission.BODY_EDIT, Thing(path=frozenset()))


def _record(session: Session, kind: EventKind, body: Body, capacity: Capacity, data: dict[str, Any]) -> None:
    moment = clock.now()
    ledger.append(session, kind, object=f"body:{body.code}", capacity=capacity, occurred_at=moment, recorded_at=moment, data=data)
