"""The classes that the values of a layer fall into: what they hold, in plain words, and how each is painted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

import numpy
from flask_babel.speaklater import LazyString

from app.core.formatters import number
from app.core.i18n import _, lazy
from territories.layers import breaks
from territories.layers.palettes import MISSING, PALETTES, Order, Palette
from territories.layers.registry import Breaks, Style

# Of a diverging palette on each side of zero.
MOST_ON_A_SIDE = 5
REST_PATTERN = "slant-16"


class Holds(StrEnum):
    """What falls into a class."""

    EVERYTHING = "everything"
    INTERVAL = "interval"
    CATEGORY = "category"
    REST = "rest"
    NO_DATA = "no_data"


@dataclass(frozen=True)
class Class:
    """One class of a map. An interval holds values from ``lower`` to before ``upper``; None is no bound, and a value
    that was not there when the classes were made falls into the first or the last. A category has its value as both.
    ``label`` says it in the language of whoever reads it, ``count`` is how many of the values fall into it."""

    lower: Any
    upper: Any
    label: Any
    colour: str
    pattern: str
    count: int
    holds: Holds = Holds.INTERVAL

    @property
    def missing(self) -> bool:
        return self.holds is Holds.NO_DATA


def classify(values: Iterable[Any], style: Style) -> list[Class]:
    """The classes of ``values`` (None or NaN: no data) by ``style``, in the order of the legend; no data comes last.

    No class holds values below zero and others that are not. Raises ValueError for a palette that is not declared or has
    too few colours for fixed edges, and for values that are no numbers where classes are intervals.
    """
    palette, values = PALETTES.get(style.palette), list(values)
    if palette is None:
        raise ValueError(f"no palette is called {style.palette}")
    if style.breaks is Breaks.SINGLE:
        return [Class(None, None, lazy("todo"), palette.colours(1)[0], palette.patterns(1)[0], len(values), Holds.EVERYTHING)]
    known = [value for value in values if not _is_missing(value)]
    words = style.words.get(None) or lazy("sin datos")
    missing = Class(None, None, words, palette.no_data, MISSING.name, len(values) - len(known), Holds.NO_DATA)
    made = _categories(known, style, palette) if style.breaks is Breaks.CATEGORIES else _intervals(known, style, palette)
    return [*made, missing]


def class_of(value: Any, classes: Sequence[Class]) -> int | None:
    """The place in ``classes`` of the one that ``value`` falls into, None where none takes it."""
    intervals = [place for place, one in enumerate(classes) if one.holds is Holds.INTERVAL]
    if _is_missing(value):
        return _place_of(classes, Holds.NO_DATA, Holds.EVERYTHING)
    if intervals:
        reached = (place for place in reversed(intervals) if classes[place].lower is not None and value >= classes[place].lower)
        return next(reached, intervals[0])
    same = (place for place, one in enumerate(classes) if one.holds is Holds.CATEGORY and one.lower == value)
    return next(same, _place_of(classes, Holds.REST, Holds.EVERYTHING))


def _place_of(classes: Sequence[Class], *kinds: Holds) -> int | None:
    return next((place for kind in kinds for place, one in enumerate(classes) if one.holds is kind), None)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not isfinite(value)) or value != value


def _categories(values: list[Any], style: Style, palette: Palette) -> list[Class]:
    counts = Counter(values)
    # Those that the style names keep their places, whatever the data; the others follow, the commonest first.
    named = [value for value in style.words if value is not None]
    others = sorted((value for value in counts if value not in style.words), key=lambda value: (-counts[value], str(value)))
    order = [*named, *others]
    if not order:
        return []
    if len(named) > palette.most:
        raise ValueError(f"the palette {palette.name} has {palette.most} colours for {len(named)} categories")
    shown = order[: palette.most]
    painted = zip(shown, palette.colours(len(shown)), palette.patterns(len(shown)), strict=True)
    made = [Class(one, one, style.words.get(one, one), *paint, counts[one], Holds.CATEGORY) for one, *paint in painted]
    rest = sum(counts[one] for one in order[palette.most :])
    return [*made, Class(None, None, lazy("otros"), palette.rest, REST_PATTERN, rest, Holds.REST)] if len(order) > palette.most else made


def _intervals(values: list[Any], style: Style, palette: Palette) -> list[Class]:
    figures = numpy.array([float(value) for value in values])
    distinct, counts = numpy.unique(figures, return_counts=True)
    whole = len(distinct) > 0 and bool((distinct == numpy.floor(distinct)).all())
    if style.breaks is Breaks.FIXED:
        edges = _fixed_edges(distinct, style.edges)
    elif len(distinct):
        edges = _made_edges(distinct, counts, style, palette, whole)
    else:
        return []
    places = numpy.searchsorted(numpy.array(edges[1:], dtype=float), figures, side="right")
    held = numpy.bincount(places, minlength=len(edges)).tolist()
    bounds = (float(distinct[0]), float(distinct[-1])) if len(distinct) else (None, None)
    return [
        Class(lower, upper, style.words.get(lower) or LazyString(_words, lower, upper, *bounds, whole), *paint, count)
        for lower, upper, paint, count in zip(edges, [*edges[1:], None], _paints(edges, bounds[1], style, palette), held, strict=True)
    ]


def _fixed_edges(distinct: numpy.ndarray, declared: Sequence[float]) -> list[float | None]:
    """The lower ends of the classes; a class without one comes first where values lie below all that was declared."""
    if list(declared) != sorted(set(declared)) or not declared:
        raise ValueError(f"fixed classes need ascending edges, not {declared}")
    edges = list(declared)
    if len(distinct) and distinct[0] < 0 <= distinct[-1] and 0 not in edges:
        edges = sorted([*edges, 0])
    return [None, *edges] if len(distinct) and distinct[0] < edges[0] else edges


def _made_edges(distinct: numpy.ndarray, counts: numpy.ndarray, style: Style, palette: Palette, whole: bool) -> list[float | None]:
    most, zero = min(style.classes, palette.most), int(numpy.searchsorted(distinct, 0))
    diverging = palette.order is Order.DIVERGING
    if 0 < zero < len(distinct):
        side = min(MOST_ON_A_SIDE, most - 1) if diverging else most - 1
        cuts = _cuts_about_zero(distinct, counts, zero, max(2, most), max(1, side), style.breaks)
    else:
        classes = min(most, MOST_ON_A_SIDE) if diverging else most
        cuts = _cuts(distinct, counts, max(1, classes), style.breaks)[-1]
    return [None, *(breaks.roundest(float(distinct[cut - 1]), float(distinct[cut]), whole=whole) for cut in cuts)]


def _cuts(distinct: numpy.ndarray, counts: numpy.ndarray, classes: int, how: Breaks) -> list[list[int]]:
    """The cuts for 1, 2, … classes, up to ``classes`` or as many as the values allow."""
    if how is Breaks.NATURAL:
        return breaks.natural(distinct, counts, classes)
    return [breaks.quantiles(counts, parts) for parts in range(1, min(classes, len(distinct)) + 1)]


def _cuts_about_zero(distinct: numpy.ndarray, counts: numpy.ndarray, zero: int, classes: int, side: int, how: Breaks) -> list[int]:
    """The cuts with one at zero: of all ways to share the classes between both sides, the best by the same measure."""
    low, high = _cuts(distinct[:zero], counts[:zero], side, how), _cuts(distinct[zero:], counts[zero:], side, how)
    pairs = [(below, above) for below in low for above in high if len(below) + len(above) + 2 <= classes]
    ways = [[*below, zero, *(zero + cut for cut in above)] for below, above in pairs]
    if how is Breaks.NATURAL:
        return min(ways, key=lambda cuts: (breaks.spread_of(distinct, counts, cuts), len(cuts)))
    return min(ways, key=lambda cuts: (max(part.sum() for part in numpy.split(counts, cuts)), len(cuts)))


def _paints(edges: list[float | None], greatest: float | None, style: Style, palette: Palette) -> list[tuple[str, str]]:
    """Colour and pattern of each class; a diverging palette turns where zero is.

    Values outside what was declared never break a map: what no colour is left for is painted as the rest.
    """
    count = len(edges)
    if style.breaks is Breaks.FIXED and count > palette.most:
        own = len(style.edges)
        declared = dict(zip(style.edges, zip(palette.colours(own), palette.patterns(own), strict=True), strict=True))
        return [declared.get(edge, (palette.rest, REST_PATTERN)) for edge in edges]
    if palette.order is Order.DIVERGING and (style.breaks is not Breaks.FIXED or 0 in edges):
        below = edges.index(0) if 0 in edges else count * (greatest is not None and greatest < 0)
        if max(below, count - below) <= MOST_ON_A_SIDE:
            arms = palette.arm(below, below=True), palette.arm(count - below, below=False)
            return [paint for arm in arms for paint in zip(*arm, strict=True)]
    return list(zip(palette.colours(count), palette.patterns(count), strict=True))


def _words(lower: float | None, upper: float | None, least: float | None, greatest: float | None, whole: bool) -> str:
    """An interval as people say it: of whole numbers by the numbers in it, of others by where the next begins."""
    whole = whole and all(edge is None or float(edge).is_integer() for edge in (lower, upper))
    first = least if lower is None else lower
    last = (greatest if upper is None else upper - 1) if whole else None
    if lower is None and upper is None:
        return _figure(least) if least == greatest else _("de %(lower)s a %(upper)s", lower=_figure(least), upper=_figure(greatest))
    if whole and first == last:
        return _figure(first)
    if lower is None:
        return _("menos de %(upper)s", upper=_figure(upper))
    if upper is None:
        return _("%(lower)s o más", lower=_figure(lower))
    if whole:
        return _("de %(lower)s a %(upper)s", lower=_figure(lower), upper=_figure(last))
    return _("de %(lower)s a menos de %(upper)s", lower=_figure(lower), upper=_figure(upper))


def _figure(value: float) -> str:
    return number(int(value) if float(value).is_integer() else value, exact=True)
