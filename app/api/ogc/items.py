"""What was asked of a collection, and its features as they are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import false
from sqlalchemy.orm import Session

from app.api.contract import BadFilter, Parameter, Unreadable
from app.api.ogc import crs as systems
from app.api.ogc import filtering, parameters
from app.api.ogc.crs import CRS84, Crs
from app.api.ogc.media import Link
from app.core.pagination import encode
from app.core.spatial.boxes import touches
from models.settings import setting
from territories.layers import features
from territories.layers.asked import EARLIEST, scope_of
from territories.layers.asked import BadFilter as WrongAddress
from territories.layers.features import Asked
from territories.layers.registry import Filter, Layer, Scope

PAGING = (
    parameters.FORMAT, parameters.LIMIT, parameters.CURSOR, parameters.BBOX, parameters.BBOX_CRS, parameters.CRS, parameters.DATETIME,
    parameters.WITHIN, parameters.FILTER, parameters.FILTER_LANG, parameters.FILTER_CRS,
)
ONE = (parameters.FORMAT, parameters.CRS)
# Up to here a page is written at once, and can be kept.
AT_ONCE = features.AT_ONCE - 1


@dataclass(frozen=True)
class Question:
    """Features of one layer, in one system of coordinates."""

    asked: Asked
    crs: Crs

    @property
    def layer(self) -> Layer:
        return self.asked.layer

    @property
    def limit(self) -> int:
        return self.asked.limit or parameters.DEFAULT_LIMIT

    def rows(self, session: Session, limit: int) -> Iterator[Mapping[str, Any]]:
        text = features.shape_text(self.asked, decimals=self.crs.decimals, srid=self.crs.srid, swapped=self.crs.swapped)
        return features.each_row(session, replace(self.asked, limit=limit), text)


def parameters_of(layer: Layer) -> tuple[Parameter, ...]:
    """What the items of a layer may be asked by: where, when, a filter, and each field by its name unless that is taken."""
    narrowing = tuple(parameters.NARROWING[one] for one in sorted(layer.filters) if one in parameters.NARROWING)
    taken = {one.name for one in (*PAGING, *narrowing)}
    fields = (parameters.of_field(one) for one in layer.fields if one.name not in taken)
    return (*PAGING, *narrowing, *fields)


def question(session: Session, layer: Layer, values: Mapping[str, Any], today: date) -> Question:
    """What ``values`` (read by ``parameters_of``) ask for. Raises BadFilter."""
    asked = features.ask(layer, _scope(session, layer, values, today))
    chosen = system(session, values["crs"])
    if values["bbox"] is not None:
        asked = _in_box(session, asked, values["bbox"], system(session, values["bbox-crs"], "bbox-crs"))
    elif values["bbox-crs"] is not None:
        raise BadFilter("bbox-crs without bbox")
    known = {one.name for one in PAGING} | set(layer.filters)
    for one in layer.fields:
        if one.name not in known and values[one.name] is not None:
            asked = asked.narrowed(filtering.equals(asked, one, values[one.name]))
    if values["filter"] is not None:
        asked = _filtered(session, asked, values["filter"], system(session, values["filter-crs"], "filter-crs"))
    return Question(replace(asked, after=values["cursor"], limit=values["limit"]), chosen)


def one(session: Session, layer: Layer, name: str, values: Mapping[str, Any], today: date) -> Question:
    """The feature called ``name``."""
    return Question(features.named(features.ask(layer, Scope.of(session, today)), name), system(session, values["crs"]))


def system(session: Session, asked: Crs | None, name: str = "crs") -> Crs:
    """``asked``, or CRS84. Raises BadFilter for one that this instance does not offer."""
    if asked is None:
        return CRS84
    if asked not in systems.offered(setting(session, "projected_srid")):
        raise BadFilter(f"bad value for {name}: the collection says which systems it has, under crs")
    return asked


def _scope(session: Session, layer: Layer, values: Mapping[str, Any], today: date) -> Scope:
    told = {"unit": values["within"], **{str(one): values[one] for one in parameters.NARROWING if one in layer.filters}}
    asked = values["datetime"]
    if asked is not None and asked.end is not None and Filter.ON in layer.filters:
        day = asked.end.astimezone(ZoneInfo(setting(session, "time_zone"))).date()
        told["on"] = min(today, max(EARLIEST, day)).isoformat()
    try:
        return scope_of(session, layer, {name: value for name, value in told.items() if value is not None}, today)
    except WrongAddress as wrong:
        raise BadFilter(str(wrong)) from wrong


def _filtered(session: Session, asked: Asked, text: str, crs: Crs) -> Asked:
    try:
        return asked.narrowed(filtering.condition(session, asked, text, crs))
    except Unreadable as wrong:
        raise BadFilter(f"bad value for filter: {wrong}") from wrong


def _in_box(session: Session, asked: Asked, numbers: tuple[float, ...], crs: Crs) -> Asked:
    try:
        area = systems.area(session, numbers, crs)
    except ValueError as wrong:
        raise BadFilter(f"bad value for bbox: {wrong}") from wrong
    return asked.narrowed(false() if area is None else touches(session, asked.shape, area))


def page(session: Session, question: Question) -> tuple[list[Mapping[str, Any]], str | None]:
    """The rows of a page, and the cursor of the one that follows."""
    rows = list(question.rows(session, question.limit + 1))
    shown = rows[: question.limit]
    return shown, encode([shown[-1]["id"]]) if len(rows) > len(shown) else None


def collection(session: Session, question: Question, *, matched: int | None, links: Callable[[str | None], list[Link]]) -> Iterator[str]:
    """A GeoJSON FeatureCollection, a feature a line. ``links(cursor)`` are those of the answer, once it is known
    whether another page follows."""
    head = "" if matched is None else f'"numberMatched":{matched},'
    yield f'{{"type":"FeatureCollection",{head}"features":['
    returned, last, following = 0, None, None
    for row in question.rows(session, question.limit + 1):
        if returned == question.limit:
            following = encode([last])
            break
        yield (",\n" if returned else "\n") + features.feature_text(question.layer, row)
        returned, last = returned + 1, row["id"]
    yield f'\n],"numberReturned":{returned},"links":{json.dumps(links(following), ensure_ascii=False)}}}\n'
