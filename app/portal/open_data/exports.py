"""Files of open data, made a batch at a time so that memory does not grow with the municipality.

Rows and column names are those of the API; an object becomes its code, with its name beside it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload, undefer

from agendas.agreements.queries import agreements_json, with_names
from app.api.queries import UrlOf, assemblies_json
from models import Agreement, Assembly, Level, TerritorialUnit
from models.territory import LevelRole
from territories.units.queries import blocks_met

BATCH = 500
OpenSession = Callable[[], Session]
AGREEMENT_COLUMNS = (
    "folio", "text", "theme", "state", "late", "days_late", "first_due", "due", "owner", "owner_name", "owner_level", "counterpart",
    "counterpart_name", "unit", "unit_name", "assembly", "confirmations", "objections", "doubts", "version", "url",
)
ASSEMBLY_COLUMNS = (
    "folio", "title", "kind", "mode", "state", "starts_at", "second_call_at", "ends_at", "place", "unit", "unit_name", "blocks",
    "attendance", "version", "url",
)
UNIT_PROPERTIES = ("code", "name", "level", "kind", "parent", "coverage", "url")


def agreements_csv(open_session: OpenSession, url_of: UrlOf, today: date) -> Iterator[str]:
    """Every agreement, the oldest first."""
    yield _line(AGREEMENT_COLUMNS)
    after = 0
    while True:
        with open_session() as session:
            rows = session.scalars(
                with_names(select(Agreement)).where(Agreement.id > after).order_by(Agreement.id).limit(BATCH)
            ).all()
            lines = "".join(_line(_agreement_row(one)) for one in agreements_json(session, rows, url_of, today))
        if not rows:
            return
        after = rows[-1].id
        yield lines


def assemblies_csv(open_session: OpenSession, url_of: UrlOf) -> Iterator[str]:
    """Every assembly once convened, the oldest first."""
    yield _line(ASSEMBLY_COLUMNS)
    after = 0
    while True:
        with open_session() as session:
            rows = session.scalars(
                select(Assembly).options(joinedload(Assembly.unit))
                .where(Assembly.id > after, Assembly.convened_at.is_not(None)).order_by(Assembly.id).limit(BATCH)
            ).all()
            lines = "".join(
                _line({**one, "unit": one["unit"]["code"], "unit_name": one["unit"]["name"], "blocks": " ".join(one["blocks"])}[name]
                      for name in ASSEMBLY_COLUMNS)
                for one in assemblies_json(session, rows, url_of)
            )
        if not rows:
            return
        after = rows[-1].id
        yield lines


def _agreement_row(one: dict[str, Any]) -> list[Any]:
    owner, counterpart = one["owner"], one["counterpart"] or {}
    flat = one | {
        "owner": owner["code"], "owner_name": owner["name"], "owner_level": owner["level"], "counterpart": counterpart.get("code"),
        "counterpart_name": counterpart.get("name"), "unit": one["unit"]["code"], "unit_name": one["unit"]["name"],
    }
    return [flat[name] for name in AGREEMENT_COLUMNS]


def _line(values: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([cell(value) for value in values])
    return out.getvalue()


def cell(value: Any) -> str:
    """A value as a cell. A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def units_geojson(open_session: OpenSession, url_of: UrlOf, level: LevelRole | None = None) -> Iterator[str]:
    """Units in force as a FeatureCollection (RFC 7946: longitude first, 6 decimals, outer rings counterclockwise)."""
    yield '{"type":"FeatureCollection","features":['
    after, comma = 0, ""
    while True:
        with open_session() as session:
            rows = _units(session, after, level)
            features = [json.dumps(_feature(row, url_of), ensure_ascii=False, separators=(",", ":")) for row in rows]
        if not rows:
            break
        after = rows[-1][0].id
        yield comma + ",\n".join(features)
        comma = ",\n"
    yield "]}\n"


def _units(session: Session, after: int, level: LevelRole | None) -> list:
    parent, wanted = aliased(TerritorialUnit), aliased(TerritorialUnit)
    ids = select(wanted.id).join(Level, Level.id == wanted.level_id).where(wanted.id > after, wanted.valid_to.is_(None))
    if level is not None:
        ids = ids.where(Level.role == level)
    batch = list(session.scalars(ids.order_by(wanted.id).limit(BATCH)))
    counted = blocks_met(select(TerritorialUnit.id).where(TerritorialUnit.id.in_(batch)))
    return list(
        session.execute(
            select(TerritorialUnit, Level.role, parent.code, counted.c.met, counted.c.blocks)
            .options(undefer(TerritorialUnit.geom))
            .join(Level, Level.id == TerritorialUnit.level_id)
            .outerjoin(parent, parent.id == TerritorialUnit.parent_id)
            .outerjoin(counted, counted.c.unit_id == TerritorialUnit.id)
            .where(TerritorialUnit.id.in_(batch)).order_by(TerritorialUnit.id)
        ).all()
    )


def _feature(row, url_of: UrlOf) -> dict[str, Any]:
    unit, level, parent, met, blocks = row
    values = (
        unit.code, unit.name, str(level), str(unit.kind) if unit.kind else None, parent, {"met": met or 0, "of": blocks or 0},
        url_of(unit.code),
    )
    return {
        "type": "Feature", "id": unit.code, "geometry": _geometry(unit.geom),
        "properties": dict(zip(UNIT_PROPERTIES, values, strict=True)),
    }


def _geometry(stored) -> dict[str, Any] | None:
    if stored is None:
        return None
    shape = shapely.orient_polygons(to_shape(stored), exterior_cw=False)
    return shapely.geometry.mapping(shapely.transform(shape, lambda points: points.round(6)))
