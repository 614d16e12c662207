"""The text of a CQL2 filter (OGC 21-065r2) into the tree of pygeofilter.

The grammar is ours, because that of pygeofilter 0.4 reads ``a OR b AND c`` from the left, knows no quote inside a
quoted text and no property whose name begins like a word of the language; its tree and its way of walking it are kept.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import shapely
from lark import Lark, Transformer, v_args
from lark.exceptions import LarkError, VisitError
from pygeofilter import ast
from pygeofilter.cql2 import COMPARISON_MAP, SPATIAL_PREDICATES_MAP
from pygeofilter.values import Geometry

from app.api.contract import Unreadable

DEEPEST = 20
GRAMMAR = r"""
?start: disjunction
?disjunction: conjunction ("OR"i conjunction)*
?conjunction: factor ("AND"i factor)*
?factor: "NOT"i primary -> negation
       | primary
?primary: predicate
        | BOOLEAN -> constant
        | "(" disjunction ")"
?predicate: scalar COMPARISON scalar -> comparison
          | scalar "LIKE"i TEXT -> like
          | scalar "NOT"i "LIKE"i TEXT -> not_like
          | scalar "BETWEEN"i scalar "AND"i scalar -> between
          | scalar "NOT"i "BETWEEN"i scalar "AND"i scalar -> not_between
          | scalar "IN"i "(" scalar ("," scalar)* ")" -> within
          | scalar "NOT"i "IN"i "(" scalar ("," scalar)* ")" -> not_within
          | scalar "IS"i "NULL"i -> null
          | scalar "IS"i "NOT"i "NULL"i -> not_null
          | SPATIAL "(" shape "," shape ")" -> spatial
?shape: property | geometry | bbox
geometry: SHAPE group
group: "(" (group | NUMBER | COMMA)* ")"
bbox: "BBOX"i "(" NUMBER ("," NUMBER)~3 ")"
?scalar: property | TEXT -> text | NUMBER -> number | BOOLEAN -> boolean
       | "DATE"i "(" TEXT ")" -> day
       | "TIMESTAMP"i "(" TEXT ")" -> moment
property: NAME | QUOTED
COMPARISON: "<=" | ">=" | "<>" | "=" | "<" | ">"
SPATIAL.2: /S_(INTERSECTS|EQUALS|DISJOINT|TOUCHES|WITHIN|OVERLAPS|CROSSES|CONTAINS)\b/i
SHAPE.2: /(MULTI)?(POINT|LINESTRING|POLYGON)\b(?=\s*\()/i
BOOLEAN.2: /(TRUE|FALSE)\b/i
TEXT: /'(?:[^']|'')*'/
QUOTED: /"[^"]+"/
NAME: /[a-z_][a-z0-9_.]*/i
NUMBER: /[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?/i
COMMA: ","
%ignore /\s+/
"""


@v_args(inline=True)
class _Tree(Transformer):
    def disjunction(self, *parts):
        return _joined(ast.Or, parts)

    def conjunction(self, *parts):
        return _joined(ast.And, parts)

    def negation(self, part):
        return ast.Not(part)

    def constant(self, token):
        return token.upper() == "TRUE"

    boolean = constant

    def comparison(self, left, sign, right):
        return COMPARISON_MAP[str(sign)](left, right)

    def like(self, left, pattern):
        return ast.Like(left, self.text(pattern), False, "%", "_", "\\", False)

    def not_like(self, left, pattern):
        return ast.Not(self.like(left, pattern))

    def between(self, value, low, high):
        return ast.Between(value, low, high, False)

    def not_between(self, value, low, high):
        return ast.Between(value, low, high, True)

    def within(self, value, *options):
        return ast.In(value, list(options), False)

    def not_within(self, value, *options):
        return ast.In(value, list(options), True)

    def null(self, value):
        return ast.IsNull(value, False)

    def not_null(self, value):
        return ast.IsNull(value, True)

    def spatial(self, name, left, right):
        return SPATIAL_PREDICATES_MAP[name.lower()](left, right)

    def property(self, token):
        return ast.Attribute(token[1:-1] if token.startswith('"') else str(token))

    def text(self, token):
        return token[1:-1].replace("''", "'")

    def number(self, token):
        return float(token)

    def day(self, token):
        try:
            return date.fromisoformat(self.text(token))
        except ValueError as wrong:
            raise Unreadable(f"{token} is not a day as '2026-03-14'") from wrong

    def moment(self, token):
        try:
            found = datetime.fromisoformat(self.text(token).upper())
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError) as wrong:
            raise Unreadable(f"{token} is not a moment as '2026-03-14T18:00:00Z'") from wrong

    def group(self, *parts):
        return f"({' '.join(parts)})"

    def geometry(self, word, group):
        try:
            return Geometry(shapely.from_wkt(f"{word} {group}"))
        except shapely.errors.GEOSException as wrong:
            raise Unreadable(f"{word} (…) is not a geometry in WKT") from wrong

    def bbox(self, west, south, east, north):
        return Geometry(shapely.box(float(west), float(south), float(east), float(north)))


def _joined(kind, parts):
    """``parts`` as a balanced tree: one that leans left is as deep as it is long."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return kind(_joined(kind, parts[:half]), _joined(kind, parts[half:]))


_PARSER = Lark(GRAMMAR, parser="lalr", maybe_placeholders=False)


def tree_of(text: str) -> ast.AstType:
    """The tree of a filter. Raises Unreadable with a sentence."""
    depth = deepest = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise Unreadable(f"parentheses go at most {DEEPEST} deep")
    try:
        return _Tree().transform(_PARSER.parse(text))
    except VisitError as wrong:
        if isinstance(wrong.orig_exc, Unreadable):
            raise wrong.orig_exc from wrong
        raise
    except LarkError as wrong:
        place = getattr(wrong, "pos_in_stream", None)
        where = f" at {text[place : place + 20]!r}" if isinstance(place, int) and 0 <= place < len(text) else ""
        raise Unreadable(f"not CQL2{where}") from wrong
