"""The first days of the invented municipality: its rules, its tree, its themes and the bodies that answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.cli.demo import institutions, toponyms
from app.cli.demo.geography import Borough, Unit
from app.cli.demo.institutions import BodySpec
from app.cli.demo.spanish import sentence, territory_with_article
from app.core import clock
from models import Body, Setting, TerritorialUnit, Theme, ledger
from models.ledger import SYSTEM, EventKind
from models.settings import DEFAULTS
from models.territory import LEVEL_ORDER, LevelRole
from territories.units import services as units
from territories.units.services import NewUnit

SOURCE = "Demostración de Cuadra: municipio inventado"
RULES = {
    "municipality": f"Alcaldía {toponyms.BOROUGH}",
    "contact": "participacion@tecolomilpan.example",
    "notice_days": 4,
    "quorum": 8,
}


def decide_rules(session: Session) -> list[Setting]:
    """Every setting written down, the usual ones too; what comes back is held on to so that reading one costs nothing."""
    rows = [Setting(key=key, value=value, updated_at=clock.now()) for key, value in (DEFAULTS | RULES).items()]
    session.add_all(rows)
    session.flush()
    for row in rows:
        _record(session, EventKind.SETTING_CHANGED, f"setting:{row.key}", {"value": row.value})
    return rows


def plant_tree(session: Session, borough: Borough, day: date) -> dict[str, TerritorialUnit]:
    """The whole tree, one entry in the chain for each level as an import leaves. Units by code, levels loaded."""
    levels = units.declare_levels(session)
    levels[LevelRole.ROOT].name_es, levels[LevelRole.ROOT].name_en = "Alcaldía", "Borough"
    for role in LEVEL_ORDER:
        _record(session, EventKind.LEVEL_DECLARED, f"level:{role}", {"name": levels[role].name_es})
    ids: dict[str, int] = {}
    for role in LEVEL_ORDER:
        units.add_units(
            session, [_planted(unit, ids.get(unit.parent)) for unit in borough.at(role)], level=levels[role], source=SOURCE,
            valid_from=day,
        )
        of_level = select(TerritorialUnit.code, TerritorialUnit.id).where(TerritorialUnit.level_id == levels[role].id)
        ids |= dict(session.execute(of_level).all())
    for role in LEVEL_ORDER:
        codes = "\n".join(unit.code for unit in borough.at(role))
        _record(
            session, EventKind.IMPORT_APPLIED, f"import:{hashlib.sha256(codes.encode()).hexdigest()}",
            {"level": str(role), "source": SOURCE, "new": len(borough.at(role)), "changed": 0, "rejected": 0},
        )
    session.expire_all()
    found = session.scalars(select(TerritorialUnit).options(joinedload(TerritorialUnit.level, innerjoin=True)))
    return {unit.code: unit for unit in found}


def _planted(unit: Unit, parent_id: int | None) -> NewUnit:
    return NewUnit(
        unit.code, unit.name, unit.polygon, parent_id, unit.kind, short_code=unit.short_code, streets=unit.streets,
        population=unit.population,
    )


def name_themes(session: Session) -> dict[str, Theme]:
    """The taxonomy, by code."""
    rows = [
        Theme(code=theme.code, name_es=theme.name_es, name_fr=theme.name_fr, name_en=theme.name_en, sensitive=theme.sensitive)
        for theme in institutions.THEMES
    ]
    session.add_all(rows)
    session.flush()
    return {row.code: row for row in rows}


def name_bodies(session: Session, borough: Borough, made: Mapping[str, TerritorialUnit]) -> dict[str, Body]:
    """Areas of three governments, and a planning collective for each territory; by code."""
    found = {spec.code: _body(session, spec, None) for spec in institutions.AREAS}
    for territory in borough.at(LevelRole.TERRITORY):
        of = sentence(f"de {territory_with_article(territory.name, territory.kind)}")
        spec = institutions.collective(territory.short_code, f"d{of[1:]}")
        found[spec.code] = _body(session, spec, made[territory.code])
    return found


def _body(session: Session, spec: BodySpec, unit: TerritorialUnit | None) -> Body:
    body = Body(code=spec.code, name=spec.name, level=spec.level, kind=spec.kind, unit_id=unit.id if unit else None)
    session.add(body)
    session.flush()
    data = {"name": spec.name, "level": str(spec.level), "kind": str(spec.kind), "unit": unit.code if unit else None}
    _record(session, EventKind.BODY_ADDED, f"body:{spec.code}", data)
    return body


def _record(session: Session, kind: EventKind, object: str, data: Mapping[str, Any]) -> None:
    moment = clock.now()
    ledger.append(session, kind, object=object, capacity=SYSTEM, occurred_at=moment, recorded_at=moment, data=data)


