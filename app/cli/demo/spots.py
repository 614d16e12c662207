"""Some of what was agreed, put on the map by the planning directorate the evening before."""

from __future__ import annotations

from random import Random

from sqlalchemy import select

from app.cli.demo.town import Town
from models import Agreement
from models.discretion import discreet
from models.spot import SpotBy
from territories.places.queries import Surroundings, surroundings
from territories.places.services import set_spot
from territories.subjects import find_subject

# One in so many, and no more than a person would set in an afternoon.
ONE_IN, MOST = 8, 80


def mark(town: Town) -> None:
    """Points of agreements all over the borough, each in a block of its unit."""
    folios = town.session.scalars(select(Agreement.folio).where(~discreet()).order_by(Agreement.folio)).all()
    for folio in folios[:: max(ONE_IN, len(folios) // MOST)]:
        subject = find_subject(town.session, folio)
        around = surroundings(town.session, subject)
        if around.boundary is not None:
            longitude, latitude = _inside(around, town.draw("spot", folio))
            set_spot(
                town.session, actor=town.planning, subject=subject, longitude=longitude, latitude=latitude, told_by=SpotBy.COORDINATES,
                seen=None, back="",
            )


def _inside(around: Surroundings, rng: Random) -> tuple[float, float]:
    middles = [one.shape.representative_point() for one in around.blocks]
    here = [point for point in middles if around.boundary.contains(point)] or [around.boundary.representative_point()]
    point = rng.choice(here)
    return point.x, point.y
