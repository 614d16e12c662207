"""Writes: a point set, moved or taken away, each an entry of the record.

The coordinates are told beside the chain, as texts are: an agreement may become discreet, and what it told of its place
must then be withheld.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, versions
from app.core.actors import Actor
from app.core.errors import Field, Misfit, Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from app.core.spatial.shapes import point_of
from models import Agreement, Spot, ledger
from models.discretion import discreet
from models.ledger import Capacity, EventKind
from models.spot import SpotBy
from models.territory import path_of
from territories.places.coordinates import written
from territories.places.queries import spot_of, surroundings, where_is
from territories.subjects import Subject


def set_spot(
    session: Session, *, actor: Actor, subject: Subject, longitude: float, latitude: float, told_by: SpotBy, seen: int | None, back: str
) -> Spot:
    """Put an agreement or an assembly at a point (degrees, EPSG:4326) of its unit, or move it there.

    ``seen`` is the version looked at, 0 for none yet. Raises Denied, StaleVersion, Misfit for a point outside the unit,
    Refused for a discreet agreement.
    """
    capacity = _allowed(session, actor, subject)
    if _is_discreet(session, subject):
        raise Refused(_("De un acuerdo sobre seguridad o violencia no se guarda el punto: así nadie puede saber quién lo pidió."))
    longitude, latitude = round(longitude, 5), round(latitude, 5)
    if not where_is(surroundings(session, subject), longitude, latitude).allowed:
        raise Misfit("coordinates", _("Ese punto queda fuera de %(unit)s.", unit=subject.unit.name))
    spot = spot_of(session, subject, lock=True)
    told = written(longitude, latitude)
    versions.check(spot.version if spot else 0, seen, fields=lambda: _both(spot, told), back=back)
    if spot is None:
        spot = Spot(
            assembly_id=subject.assembly.id if subject.assembly else None, agreement_id=subject.agreement.id if subject.agreement else None,
        )
        session.add(spot)
    else:
        spot.version += 1
    spot.point, spot.longitude, spot.latitude = point_of(longitude, latitude), longitude, latitude
    spot.told_by, spot.set_at = told_by, clock.now()
    session.flush()
    _note(session, EventKind.SPOT_SET, subject, capacity, {"by": str(told_by)}, {"point": told})
    return spot


def remove_spot(session: Session, *, actor: Actor, subject: Subject, seen: int | None, back: str) -> None:
    """Take it off the map; its unit still says where it is. Raises Denied, StaleVersion, Refused when it is not there."""
    capacity = _allowed(session, actor, subject)
    spot = spot_of(session, subject, lock=True)
    if spot is None:
        raise Refused(_("No tiene un punto en el mapa."), 409)
    versions.check(spot.version, seen, fields=lambda: _both(spot, ""), back=back)
    session.delete(spot)
    session.flush()
    _note(session, EventKind.SPOT_REMOVED, subject, capacity, {}, {})


def _allowed(session: Session, actor: Actor, subject: Subject) -> Capacity:
    return authorise(actor, Permission.SPOT_SET, Thing(path=path_of(session, subject.unit.id), unit_id=subject.unit.id))


def _is_discreet(session: Session, subject: Subject) -> bool:
    if subject.agreement is None:
        return False
    return session.scalar(select(Agreement.id).where(Agreement.id == subject.agreement.id, discreet())) is not None


def _note(session: Session, kind: EventKind, subject: Subject, capacity: Capacity, data: dict, texts: dict) -> None:
    moment = clock.now()
    ledger.append(
        session, kind, object=subject.object_name, capacity=capacity, occurred_at=moment, recorded_at=moment,
        data={"unit": subject.unit.code, **data}, texts=texts,
    )


def _both(spot: Spot | None, mine: str) -> list[Field]:
    return [Field(_("Coordenadas"), written(spot.longitude, spot.latitude) if spot else "", mine)]
