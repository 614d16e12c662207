"""Layers of the map, each declared once: tiles, downloads, the map page, its table, the OGC API and the drawn maps
read the same declaration, and all of them show it to the same people.

A section that has something for the map writes one ``Layer`` and gives it to :func:`offer`; there is nothing else to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from app.core.actors import Actor
from app.core.fields import Column
from app.core.permissions import Permission, may_somewhere
from app.core.transaction import read_session
from models.ledger import EventKind
from models.settings import DEFAULTS, setting
from models.territory import LevelRole, TerritorialUnit


class Geometry(StrEnum):
    AREA = "area"
    POINT = "point"


class Filter(StrEnum):
    """What a layer can be narrowed by, besides the unit it lies in."""

    ON = "on"
    THEME = "theme"
    STATE = "state"


class Breaks(StrEnum):
    """How values fall into classes. Categories are the values themselves; fixed ones are those of ``Style.edges``."""

    SINGLE = "single"
    CATEGORIES = "categories"
    FIXED = "fixed"
    QUANTILES = "quantiles"
    NATURAL = "natural"


@dataclass(frozen=True)
class Style:
    """How a layer is painted: by the value of the field ``by`` (None: all alike), in classes, with the colours of ``palette``.

    ``edges`` are the lower ends of fixed classes, ascending. ``words`` gives the name of each category, in the order of
    the legend, or of each fixed class by its lower end; of None that of "no data", a class of its own in every style.
    """

    palette: str
    by: str | None = None
    breaks: Breaks = Breaks.SINGLE
    edges: tuple[float, ...] = ()
    classes: int = 5
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """What of a layer is asked for. ``today`` is the day of the municipality, in its ``zone``; ``on`` the day to show,
    today unless another was chosen; ``unit_id`` what it must lie in or be, None for everything."""

    today: date
    on: date
    unit_id: int | None = None
    theme_id: int | None = None
    states: frozenset[str] = frozenset()
    zone: str = DEFAULTS["time_zone"]
    long_ago_days: int = DEFAULTS["met_long_ago_days"]

    @classmethod
    def of(cls, session: Session, today: date, on: date | None = None, **narrowed: Any) -> Scope:
        """With what the municipality decided; no query where the session has its settings."""
        return cls(today, on or today, zone=setting(session, "time_zone"), long_ago_days=setting(session, "met_long_ago_days"), **narrowed)

    @property
    def past(self) -> bool:
        return self.on < self.today

    @property
    def until(self) -> datetime:
        """The end of the day to show: what began before it had happened by then."""
        return datetime.combine(self.on + timedelta(days=1), time.min, ZoneInfo(self.zone))


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer. ``name`` is its word in addresses.

    ``source(scope)`` is a Select whose columns are labelled ``id``, then one for each of ``fields``, by its name. Of an
    area layer ``id`` is that of the unit whose boundary is drawn and the statement is over ``TerritorialUnit``, which has
    the boundary; of a point layer it is any stable number, and ``point`` the column with the point (EPSG:4326).
    Who only wants the rows of a box adds its own condition: values that cost are correlated scalar subqueries, asked for
    the rows that are left. ``asks``: the source reads the database (``read_session``) for what SQL cannot say, so that the
    same scope gives another statement once the data changed.

    ``moved_by`` are the events after which the layer may look otherwise, ``daily`` when a new day changes it too: its
    version is made of them and of the values of ``settings``. ``states`` are those it can be narrowed
    to. ``permission`` None is for everybody. ``zooms`` are those at which tiles hold it.
    """

    name: str
    title: Any
    summary: Any
    fields: tuple[Column, ...]
    source: Callable[[Scope], Select]
    style: Style
    moved_by: frozenset[EventKind]
    geometry: Geometry = Geometry.AREA
    levels: tuple[LevelRole, ...] = ()
    point: ColumnElement | None = None
    filters: frozenset[Filter] = frozenset()
    permission: Permission | None = None
    daily: bool = False
    asks: bool = False
    settings: tuple[str, ...] = ()
    states: Iterable[StrEnum] = ()
    zooms: tuple[int, int] = (0, 16)

    @property
    def shape(self) -> ColumnElement:
        """The column with the geometry of each row of ``source``, EPSG:4326."""
        return TerritorialUnit.geom if self.geometry is Geometry.AREA else self.point

    @property
    def public(self) -> bool:
        return self.permission is None

    def seen_by(self, actor: Actor | None) -> bool:
        return self.permission is None or (actor is not None and may_somewhere(actor, self.permission))


# Whatever moves boundaries moves every layer drawn on them.
BOUNDARIES = frozenset({
    EventKind.UNIT_ADDED, EventKind.UNIT_CHANGED, EventKind.BOUNDARY_CHANGED, EventKind.IMPORT_APPLIED, EventKind.UNIT_SPLIT,
    EventKind.UNIT_MERGED, EventKind.UNIT_RETIRED,
})  # fmt: skip


def offer(app: Flask, *layers: Layer) -> None:
    """Add ``layers`` to those of the application. Raises ValueError for a name that is taken."""
    known = app.extensions.setdefault("layers", {})
    for layer in layers:
        if layer.name in known:
            raise ValueError(f"two layers are called {layer.name}")
        known[layer.name] = layer


def offer_more(app: Flask, more: Callable[[Session], Iterable[Layer]]) -> None:
    """Layers that are rows of a table (one for each indicator, say): ``more`` makes them of a read session when somebody
    asks. Their names begin with a word that no declared layer has."""
    app.extensions.setdefault("more_layers", []).append(more)


def _made(app: Flask) -> Iterator[Layer]:
    return (layer for more in app.extensions.get("more_layers", ()) for layer in more(read_session()))


def layers_of(app: Flask, actor: Actor | None = None) -> Iterable[Layer]:
    """The layers that ``actor`` (None: anybody) may see, in the order in which they were offered; in an application context."""
    return [layer for layer in (*app.extensions.get("layers", {}).values(), *_made(app)) if layer.seen_by(actor)]


def find_layer(app: Flask, name: str, actor: Actor | None = None) -> Layer | None:
    """The layer of that name, None when there is none that ``actor`` may see: who may not see it learns nothing of it."""
    layer = app.extensions.get("layers", {}).get(name) or next((one for one in _made(app) if one.name == name), None)
    return layer if layer is not None and layer.seen_by(actor) else None
