"""What the map needs of a layer: where its tiles are, how they are painted, and what joins them to the table's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Agreement, Assembly
from models.assembly import MET
from territories.layers.classes import Class, classify
from territories.layers.legend import as_json
from territories.layers.registry import Filter, Geometry, Layer, Scope
from territories.layers.rows import values_of
from territories.layers.style import map_layers

# Rows whose values a phone joins to the tiles itself; of more, tiles bring them.
JOINED = 20_000
# Rows whose values make the classes: beyond it those that come first stand for all.
CLASSED = 100_000
HATCH = "hatch"


@dataclass(frozen=True)
class Painted:
    """A layer in a scope with the values it is painted by; ``version`` is that of its tiles."""

    layer: Layer
    scope: Scope
    values: Sequence[tuple[int, Any]]

    @classmethod
    def read(cls, session: Session, layer: Layer, scope: Scope) -> Painted:
        """One query, none of a layer painted all alike."""
        return cls(layer, scope, values_of(session, layer, scope, CLASSED) if layer.style.by else [])

    @cached_property
    def classes(self) -> list[Class]:
        return classify([value for _id, value in self.values], self.layer.style)

    @property
    def heading(self) -> str:
        """What the colours tell."""
        return next(one.heading for one in self.layer.fields if one.name == self.layer.style.by)

    @property
    def joined(self) -> bool:
        by_value = self.layer.geometry is Geometry.AREA and self.layer.style.by is not None
        return by_value and len(self.values) <= JOINED

    @property
    def groups(self) -> list[tuple[Any, list[int]]]:
        """The rows of each value: thousands of rows have a handful of values, so they travel light."""
        found: dict[Any, list[int]] = {}
        for number, value in self.values:
            found.setdefault(value, []).append(number)
        return [(value, sorted(numbers)) for value, numbers in found.items()]

    def told(self, *, join: bool, version: str, **filters: str | None) -> dict[str, Any]:
        """For the script; ``join``: with the rows, where they are few enough. ``filters`` are those of the scope as
        addresses write them."""
        layer, joined = self.layer, join and self.joined
        if layer.geometry is Geometry.AREA:
            # One tile of areas serves every place: what lies outside is dimmed.
            filters.pop("unit", None)
        return {
            "name": layer.name, "title": str(layer.title), "areas": layer.geometry is Geometry.AREA, "by": layer.style.by,
            "zooms": layer.zooms, "tiles": tiles_of(layer, v=version, **filters), "legend": as_json(self.classes),
            "layers": map_layers(layer, self.classes, value="state" if joined else "property", hatch=HATCH),
            "groups": self.groups if joined else None,
        }


def tiles_of(layer: Layer, **query: str | None) -> str:
    """The address of the tiles, with ``{z}``, ``{x}`` and ``{y}`` to be filled in."""
    return f"/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt?{urlencode({key: value for key, value in query.items() if value})}"


def since(session: Session, layer: Layer, today: date) -> date | None:
    """The first day on which anything was held or agreed; None for a layer without time, or before anything was."""
    if Filter.ON not in layer.filters:
        return None
    held = select(func.min(Assembly.starts_at)).where(Assembly.state.in_(MET)).scalar_subquery()
    agreed = select(func.min(Agreement.created_at)).scalar_subquery()
    first = [moment.date() for moment in session.execute(select(held, agreed)).one() if moment is not None]
    return min([*first, today]) if first else None
