"""What the address of a tile asks for. Filters are an allow-list: what a layer cannot be narrowed by is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.territory import UNIT_CODE, TerritorialUnit
from models.theme import theme_now
from territories.layers.registry import Filter, Layer, Scope

EARLIEST = date(1990, 1, 1)
VERSION, UNIT = "v", "unit"


class BadFilter(ValueError):
    """The message says, in English, what of the address cannot be answered."""


def keys_of(layer: Layer) -> tuple[str, ...]:
    """The filters of a layer as its addresses name them."""
    return (UNIT, *(str(one) for one in Filter if one in layer.filters))


def scope_of(session: Session, layer: Layer, args: Mapping[str, str], today: date) -> Scope:
    """Raises BadFilter. A query only for a unit or a theme."""
    known = keys_of(layer)
    if unknown := sorted(set(args) - {*known, VERSION}):
        raise BadFilter(f"{layer.name} has no filter {unknown[0][:40]}; it has {', '.join(known)}")
    return Scope.of(
        session, today, _day(args.get("on"), today), unit_id=_unit(session, args.get("unit")), theme_id=_theme(session, args.get("theme")),
        states=_states(layer, args.get("state")),
    )


def _day(raw: str | None, today: date) -> date:
    if raw is None:
        return today
    try:
        day = date.fromisoformat(raw) if len(raw) == 10 else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= today:
        raise BadFilter("on is a day as 2026-03-14, not later than today")
    return day


def _unit(session: Session, raw: str | None) -> int | None:
    if raw is None:
        return None
    wanted = select(TerritorialUnit.id).where(TerritorialUnit.code_key == raw.lower())
    found = session.scalar(wanted) if UNIT_CODE.fullmatch(raw) else None
    if found is None:
        raise BadFilter("unit is the code of none")
    return found


def _theme(session: Session, raw: str | None) -> int | None:
    if raw is None:
        return None
    found = theme_now(session, raw)
    if found is None:
        raise BadFilter("theme is the code of none")
    return found.id


def _states(layer: Layer, raw: str | None) -> frozenset[str]:
    if raw is None:
        return frozenset()
    states, known = frozenset(raw.split(",")), {str(one) for one in layer.states}
    if not states <= known:
        raise BadFilter(f"state is one of {', '.join(sorted(known))}, or some of them with commas between")
    return states
