"""What the files of open data are made of, read as it is asked for in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from agendas.agreements.queries import each_agreement
from agendas.agreements.share import Share, Shares, shares_of_all
from app.core import clock
from app.core.spatial.shapes import wkb_of
from app.core.streams import STREAMED
from app.portal.ledger.queries import Head, head_of
from assemblies.meetings import reserved
from models import Agreement, Ancestry, Assembly, Event, Level, Minutes, Problem, Spot, TerritorialUnit, Theme
from models.discretion import discreet
from models.settings import setting
from models.territory import LevelRole
from territories.units.codes import ocd_ids, source_key
from territories.units.queries import blocks_met

UrlOf = Callable[[str], str]
Feature = dict[str, Any]
# A tenth of a metre: more would pretend to know more, and weigh it (RFC 7946, 11.2).
DECIMALS = 6


@dataclass(frozen=True)
class Edition:
    """What the files are the state of: the head of the record and, because late is counted by the day, the
    municipality's day. ``changed`` is when either last moved."""

    head: Head
    day: date
    changed: datetime

    @property
    def tag(self) -> str:
        """For an ETag: equal for equal files."""
        return f"{self.head.seq}-{self.head.hash[:16]}-{self.day:%Y%m%d}"


def edition_of(session: Session) -> Edition:
    """The present edition; three queries."""
    zone = ZoneInfo(setting(session, "time_zone"))
    day = clock.today(zone.key)
    dawn = datetime.combine(day, time.min, zone)
    head = head_of(session)
    recorded = session.scalar(select(Event.recorded_at).where(Event.seq == head.seq))
    return Edition(head, day, max(recorded, dawn) if recorded is not None else dawn)


@dataclass(frozen=True)
class Sizes:
    """How many rows each file has now."""

    agreements: int
    assemblies: int
    units: int
    problems: int | None = None


def sizes(session: Session) -> Sizes:
    """Rows of the present files, in one query; those of problems are known by reading them."""
    counted = session.execute(
        select(
            select(func.count(Agreement.id)).scalar_subquery(),
            select(func.count(Assembly.id)).where(Assembly.convened_at.is_not(None)).scalar_subquery(),
            select(func.count(TerritorialUnit.id)).where(TerritorialUnit.valid_to.is_(None)).scalar_subquery(),
        )
    ).one()
    return Sizes(*counted)


def sources(session: Session) -> list[str]:
    """Where the boundaries in force come from, as whoever brought them in said it; at most twenty."""
    return list(
        session.scalars(
            select(TerritorialUnit.source).where(TerritorialUnit.valid_to.is_(None), TerritorialUnit.source != "")
            .distinct().order_by(TerritorialUnit.source).limit(20)
        )
    )


def each_unit(session: Session, url_of: UrlOf, today: date, *, level: LevelRole | None = None, drawn: bool = False) -> Iterator[Feature]:
    """Every unit in force (or those of one level) as a GeoJSON feature whose properties are the API's; five queries.

    Without ``drawn`` the geometry is not read and is null.
    """
    met = {
        unit_id: {"met": int(met), "of": blocks}
        for unit_id, met, blocks in session.execute(select(blocks_met(select(TerritorialUnit.id))))
    }
    shares, ids = shares_of_all(session, today), dict(ocd_ids(session))
    parent = aliased(TerritorialUnit)
    columns = [
        TerritorialUnit.id, TerritorialUnit.code, TerritorialUnit.name, Level.role, TerritorialUnit.kind, parent.code.label("above"),
        TerritorialUnit.source, source_key(),
    ]
    query = (
        select(*columns, *([wkb_of(TerritorialUnit.geom)] if drawn else []))
        .join(Level, Level.id == TerritorialUnit.level_id).outerjoin(parent, parent.id == TerritorialUnit.parent_id)
        .where(TerritorialUnit.valid_to.is_(None)).order_by(TerritorialUnit.id).execution_options(yield_per=STREAMED)
    )
    if level is not None:
        query = query.where(Level.role == level)
    nothing, none_met = Shares(Share(), Share()), {"met": 0, "of": 0}
    for unit_id, code, name, role, kind, above, source, key, *shape in session.execute(query):
        yield {
            "type": "Feature", "id": code, "geometry": _outline(shape[0]) if shape else None,
            "properties": {
                "code": code, "name": name, "level": str(role), "kind": str(kind) if kind else None, "parent": above,
                "ocd_id": ids[code], "source": source, "source_key": key,
                "coverage": met.get(unit_id, none_met), "share": shares.get(unit_id, nothing).first.as_json(), "url": url_of(code),
            },
        }


def each_agreement_on_the_map(session: Session, url_of: UrlOf, today: date) -> Iterator[Feature]:
    """Every agreement as a GeoJSON feature: where it was put on the map, else a point inside its unit. Three queries."""
    own = {
        folio: {"type": "Point", "coordinates": [longitude, latitude]}
        for folio, longitude, latitude in session.execute(
            select(Agreement.folio, Spot.longitude, Spot.latitude).join(Spot, Spot.agreement_id == Agreement.id).where(~discreet())
        )
    }
    points = {
        code: _inside(shape)
        for code, shape in session.execute(
            select(TerritorialUnit.code, wkb_of(TerritorialUnit.geom))
            .where(TerritorialUnit.id.in_(select(Agreement.unit_id))).execution_options(yield_per=STREAMED)
        )
    }
    for one in each_agreement(session, url_of, today):
        told = {name: value for name, value in one.items() if name != "events"}
        where = own.get(one["folio"]) or points.get(one["unit"]["code"])
        yield {"type": "Feature", "id": one["folio"], "geometry": where, "properties": told}


def each_problem_count(session: Session) -> Iterator[dict[str, Any]]:
    """Problems by territory and theme, once the minutes of their assembly are sealed; those of sensitive themes
    only as ``assemblies.meetings.reserved`` lets them be told. Four queries."""
    themes = {theme.id: theme for theme in session.scalars(select(Theme).order_by(Theme.id))}
    told = {(one.unit_id, one.theme_id): one.count for one in reserved.published(session, clock.now())}
    above = and_(Ancestry.depth == 0, Level.role.in_((LevelRole.ROOT, LevelRole.OFFICE)))
    counted = session.execute(
        select(Ancestry.ancestor_id, Problem.theme_id, func.count(Problem.id))
        .join(Minutes, Minutes.assembly_id == Problem.assembly_id).join(Ancestry, Ancestry.unit_id == Problem.unit_id)
        .join(TerritorialUnit, TerritorialUnit.id == Ancestry.ancestor_id).join(Level, Level.id == TerritorialUnit.level_id)
        .where(Problem.theme_id.not_in(select(Theme.id).where(Theme.sensitive)), or_(Level.role == LevelRole.TERRITORY, above))
        .group_by(Ancestry.ancestor_id, Problem.theme_id)
    )
    told.update({(unit_id, theme_id): count for unit_id, theme_id, count in counted})
    units = {
        unit_id: (code, name)
        for unit_id, code, name in session.execute(
            select(TerritorialUnit.id, TerritorialUnit.code, TerritorialUnit.name).join(Level, Level.id == TerritorialUnit.level_id)
            .where(Level.role.in_((LevelRole.ROOT, LevelRole.OFFICE, LevelRole.TERRITORY)))
        )
    }
    for (unit_id, theme_id), count in sorted(told.items()):
        code, name = units[unit_id]
        theme = themes[theme_id]
        yield {
            "unit": code, "unit_name": name, "theme": theme.code, "theme_name": theme.name_es, "sensitive": theme.sensitive,
            "problems": count,
        }


def _outline(stored: bytes | None) -> Feature | None:
    """RFC 7946: longitude first, outer rings counterclockwise."""
    if stored is None:
        return None
    shape = shapely.orient_polygons(shapely.from_wkb(bytes(stored)), exterior_cw=False)
    return shapely.geometry.mapping(shapely.transform(shape, lambda points: points.round(DECIMALS)))


def _inside(stored: bytes | None) -> Feature | None:
    if stored is None:
        return None
    point = shapely.from_wkb(bytes(stored)).representative_point()
    return {"type": "Point", "coordinates": [round(point.x, DECIMALS), round(point.y, DECIMALS)]}
