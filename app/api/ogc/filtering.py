"""A CQL2 filter as a condition of SQL, over the queryables of one layer and nothing else.

Whatever the database would stumble over is refused here with a sentence: a property nobody declared, values of
another kind, a geometry that is none, a pattern that ends in the middle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely
from pygeofilter import ast
from pygeofilter.backends.evaluator import Evaluator, handle
from pygeofilter.values import Geometry
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Boolean, ColumnElement, Float, String, and_, false, func, literal, not_, or_, true, type_coerce
from sqlalchemy.orm import Session

from app.api.contract import Unreadable
from app.api.ogc.crs import CRS84, Crs
from app.api.ogc.grammar import tree_of
from app.api.ogc.queryables import SHAPE
from app.core.fields import Column
from app.core.spatial.boxes import constant, near, shape_from, true_of
from territories.layers.features import Asked

MOST_POINTS = 500
_COMPARE = {
    "=": lambda left, right: left == right, "<>": lambda left, right: left != right, "<": lambda left, right: left < right,
    ">": lambda left, right: left > right, "<=": lambda left, right: left <= right, ">=": lambda left, right: left >= right,
}


@dataclass(frozen=True)
class Operand:
    """One side of a predicate: a property of the layer, or a value. ``kind`` is what can be compared with what."""

    kind: str
    sql: Any
    is_property: bool = False


def kind_of(field: Column) -> str:
    """``text``, ``number``, ``boolean``, ``date`` or ``moment``."""
    cell = field.cell
    if cell["type"] != "string":
        return "boolean" if cell["type"] == "boolean" else "number"
    return {"date": "date", "date-time": "moment"}.get(cell.get("format", ""), "text")


def property_of(asked: Asked, field: Column) -> Operand:
    """The column behind a field, as something that values of its kind can be compared with."""
    column, kind = asked.column(field.name), kind_of(field)
    # What a column keeps to (the values of an enumeration) must not refuse a value that is merely not there.
    coerced = {"text": String(), "number": Float(), "boolean": Boolean()}.get(kind)
    return Operand(kind, column if coerced is None else type_coerce(column, coerced), is_property=True)


def equals(asked: Asked, field: Column, value: Any) -> ColumnElement[bool]:
    return property_of(asked, field).sql == _value(value).sql


def condition(session: Session, asked: Asked, text: str, crs: Crs = CRS84) -> ColumnElement[bool]:
    """The condition that the CQL2 filter ``text`` means, its coordinates being of ``crs``. Raises Unreadable."""
    return _Conditions(session, asked, crs).condition(tree_of(text))


def _value(value: Any) -> Operand:
    if isinstance(value, bool):
        return Operand("boolean", literal(value, Boolean))
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise Unreadable("a number is too great")
        return Operand("number", literal(float(value), Float))
    if isinstance(value, str):
        if "\0" in value:
            raise Unreadable("a text has a character that no text here has")
        return Operand("text", literal(value, String))
    return Operand("moment" if isinstance(value, datetime) else "date", value)


class _Conditions(Evaluator):
    """Walks the tree; what has no rule here is refused."""

    def __init__(self, session: Session, asked: Asked, crs: Crs):
        self.session, self.asked, self.crs = session, asked, crs
        self.fields = {one.name: one for one in asked.layer.fields}

    def condition(self, tree: ast.AstType) -> ColumnElement[bool]:
        return self._whole(self.evaluate(tree))

    def adopt(self, node, *_parts):
        raise Unreadable(f"{type(node).__name__} is not understood here")

    def _whole(self, part: Any) -> ColumnElement[bool]:
        if isinstance(part, Operand):
            if part.kind == "boolean" and not part.is_property:
                return true() if part.sql.value else false()
            raise Unreadable("a filter compares properties with values")
        return part

    @handle(ast.And)
    def both(self, _node, left, right):
        return and_(self._whole(left), self._whole(right))

    @handle(ast.Or)
    def either(self, _node, left, right):
        return or_(self._whole(left), self._whole(right))

    @handle(ast.Not)
    def negated(self, _node, part):
        return not_(self._whole(part))

    @handle(ast.Attribute)
    def attribute(self, node):
        if node.name == SHAPE:
            return Operand("geometry", self.asked.shape, is_property=True)
        if node.name not in self.fields:
            raise Unreadable(f"no property is called {node.name[:40]}; queryables says which there are")
        return property_of(self.asked, self.fields[node.name])

    @handle(bool, float, int, str, date, datetime)
    def value(self, node):
        return _value(node)

    @handle(Geometry)
    def geometry(self, node):
        return Operand("geometry", node.geometry)

    @handle(ast.Comparison, subclasses=True)
    def comparison(self, node, left, right):
        _alike(left, right)
        if left.kind == "boolean" and node.op.value not in ("=", "<>"):
            raise Unreadable("of true and false none is greater")
        return _COMPARE[node.op.value](left.sql, right.sql)

    @handle(ast.Between)
    def between(self, node, value, low, high):
        _alike(value, low, high)
        if value.kind == "boolean":
            raise Unreadable("of true and false none is greater")
        inside = and_(value.sql >= low.sql, value.sql <= high.sql)
        return not_(inside) if node.not_ else inside

    @handle(ast.In)
    def within(self, node, value, *options):
        _alike(value, *options)
        inside = or_(*[value.sql == one.sql for one in options])
        return not_(inside) if node.not_ else inside

    @handle(ast.IsNull)
    def null(self, node, value):
        if not value.is_property:
            raise Unreadable("only a property can be null")
        return value.sql.is_not(None) if node.not_ else value.sql.is_(None)

    @handle(ast.Like)
    def like(self, node, value):
        if not value.is_property or value.kind != "text":
            raise Unreadable("LIKE compares a text property with a pattern")
        return _like(self.session, value.sql, node.pattern)

    @handle(ast.SpatialComparisonPredicate, subclasses=True)
    def spatial(self, node, left, right):
        sides = (left, right)
        if [one.kind for one in sides] != ["geometry", "geometry"] or left.is_property == right.is_property:
            raise Unreadable(f"{node.op.name} compares the geometry of a feature with one that is given")
        given = _usable(self.session, (right if left.is_property else left).sql, self.crs)
        shape, name = self.asked.shape, f"ST_{node.op.name.capitalize()}"
        pair = (shape, constant(given)) if left.is_property else (constant(given), shape)
        holds = getattr(func, name)(*pair) == true_of(self.session)
        return holds if node.op.name == "DISJOINT" else and_(near(self.session, shape, given.bounds), holds)


def _alike(*sides: Operand) -> None:
    kinds = {one.kind for one in sides}
    if len(kinds) > 1:
        raise Unreadable(f"{' and '.join(sorted(kinds))} cannot be compared")
    if "geometry" in kinds:
        raise Unreadable("geometries are compared with S_INTERSECTS and its like")
    if not any(one.is_property for one in sides):
        raise Unreadable("a filter compares properties with values")


def _like(session: Session, text: ColumnElement, pattern: str) -> ColumnElement[bool]:
    """Letters count as they are written, on either database: SQLite's own LIKE would take A for a."""
    signs = _signs(pattern)
    if session.get_bind().dialect.name == "postgresql":
        return text.like("".join({"%": "%", "_": "_"}[one] if wild else one.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
                                 for one, wild in signs), escape="\\")
    return text.op("GLOB")("".join({"%": "*", "_": "?"}[one] if wild else f"[{one}]" if one in "*?[" else one for one, wild in signs)) == 1


def _signs(pattern: str) -> list[tuple[str, bool]]:
    """Each letter of a pattern, and whether it stands for others. Raises Unreadable when it ends in the middle."""
    signs, letters = [], iter(pattern)
    for one in letters:
        if one == "\\":
            one = next(letters, None)
            if one is None:
                raise Unreadable("a pattern may not end with \\")
            signs.append((one, False))
        else:
            signs.append((one, one in "%_"))
    return signs


def _usable(session: Session, shape: BaseGeometry, crs: Crs) -> BaseGeometry:
    """A given geometry in EPSG:4326. Raises Unreadable for one that is no shape of its system."""
    if shape.is_empty or shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise Unreadable(f"a geometry has from 1 to {MOST_POINTS} points")
    if crs.swapped:
        shape = shapely.transform(shape, lambda points: points[:, ::-1])
    left, bottom, right, top = crs.within
    west, south, east, north = shape.bounds
    if not (left <= west <= east <= right and bottom <= south <= north <= top):
        raise Unreadable("a geometry lies outside its coordinate system; filter-crs says which that is")
    if not shape.is_valid:
        raise Unreadable("a geometry crosses itself")
    return shape if crs.geographic else shape_from(session, shape, crs.srid)
