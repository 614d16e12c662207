"""The colours and the patterns of the map, declared once: drawn maps, tiles' styles and paper take them from here.

Sequential and diverging schemes are of ColorBrewer (this product includes color specifications and designs developed by
Cynthia Brewer, https://colorbrewer2.org/): YlGnBu, YlOrBr and BrBG, which its authors mark as safe for colour blindness.
Categories are those of Okabe and Ito, "Color Universal Design" (2008). Coverage and states are our own, of the family of
``static/css/tokens``. tests/territories/layers/test_palettes.py measures all of them: lightness in even steps, so that a
photocopy keeps the order, and distance under simulated deuteranopia, protanopia and tritanopia.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.core.colours import contrast

INK, CARD, STONE = "#1c2b2d", "#ffffff", "#8b8270"
# Nobody knows: no colour at all, under a hatch of its own.
NO_DATA = CARD
# What a palette has no colour left for.
REST = "#bdb7aa"


@dataclass(frozen=True)
class Pattern:
    """A tile of ``size`` pixels with the strokes of ``path``; without a path the colour stands alone."""

    name: str
    size: int = 0
    path: str = ""


def _pattern(name: str, size: int) -> Pattern:
    half, quarter, three = f"{size / 2:g}", f"{size / 4:g}", f"{size * 3 / 4:g}"
    # A slanted line goes a little beyond its tile and comes back at the other corners: it would be notched at each seam.
    slant = f"M-1 {size + 1}L{size + 1} -1M-1 1L1 -1M{size - 1} {size + 1}l2-2"
    fall = f"M-1-1L{size + 1} {size + 1}M-1 {size - 1}l2 2M{size - 1}-1l2 2"
    strokes = {
        "dots": f"M{quarter} {quarter}h2M{three} {three}h2", "lines": f"M0 {half}h{size}", "posts": f"M{half} 0v{size}",
        "slant": slant, "fall": fall, "cross": slant + fall, "grid": f"M0 {half}h{size}M{half} 0v{size}",
    }
    return Pattern(f"{name}-{size}", size, strokes[name])


PLAIN, MISSING = Pattern("plain"), replace(_pattern("fall", 10), name="missing")
PATTERNS: dict[str, Pattern] = {
    one.name: one
    for one in (
        PLAIN, MISSING,
        *(_pattern("dots", size) for size in (16, 12, 9, 7, 5)), *(_pattern("lines", size) for size in (14, 8)), _pattern("posts", 8),
        *(_pattern("slant", size) for size in (16, 12, 9, 7)), _pattern("fall", 7),
        *(_pattern("cross", size) for size in (11, 8)), *(_pattern("grid", size) for size in (10, 7)),
    )
}

# From little ink to much; the first and the last stand alone, the lightest and the darkest colour. Yes and no need no darkest.
_ORDERED = {
    1: ("plain",), 2: ("plain", "slant-12"), 3: ("plain", "slant-12", "plain"), 4: ("plain", "lines-14", "cross-11", "plain"),
    5: ("plain", "dots-16", "slant-12", "cross-11", "plain"), 6: ("plain", "dots-16", "lines-14", "slant-12", "cross-11", "plain"),
    7: ("plain", "dots-16", "lines-14", "slant-12", "cross-11", "cross-8", "plain"),
}
# Both arms are as dark at the end: the one is dotted, the other is lined.
_DOTTED = ("dots-16", "dots-12", "dots-9", "dots-7", "dots-5")
_LINED = ("lines-14", "slant-16", "slant-9", "slant-7", "plain")
_UNLIKE = ("plain", "slant-9", "dots-9", "lines-8", "grid-10", "posts-8", "cross-8", "fall-7")


class Order(StrEnum):
    """What the order of the colours says: more, more on either side of a middle, or nothing."""

    SEQUENTIAL = "sequential"
    DIVERGING = "diverging"
    NONE = "none"


@dataclass(frozen=True)
class Palette:
    """``schemes[n]`` are the colours of n classes, the lowest first."""

    name: str
    order: Order
    schemes: Mapping[int, tuple[str, ...]]
    no_data: str = NO_DATA
    rest: str = REST
    most: int = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "most", max(self.schemes))

    def colours(self, count: int) -> tuple[str, ...]:
        """The colours of ``count`` classes. Raises ValueError for more classes than people can tell apart."""
        self._check(count)
        return self.schemes[count]

    def patterns(self, count: int) -> tuple[str, ...]:
        """The names of the patterns of ``count`` classes, in the same order as their colours."""
        self._check(count)
        if self.order is Order.NONE:
            return _UNLIKE[:count]
        if self.order is Order.SEQUENTIAL:
            return _ORDERED[count]
        arm, middle = count // 2, ("plain",) * (count % 2)
        return (*_DOTTED[:arm][::-1], *middle, *_LINED[:arm])

    def arm(self, count: int, *, below: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The colours and patterns of ``count`` classes on one side of zero, from the lowest up (diverging palettes)."""
        side = max(count, 2)
        colours, patterns = self.colours(2 * side), self.patterns(2 * side)
        return (colours[side - count : side], patterns[side - count : side]) if below else (
            colours[side : side + count], patterns[side : side + count]
        )

    def _check(self, count: int) -> None:
        if count not in self.schemes:
            raise ValueError(f"the palette {self.name} has colours for 1 to {self.most} classes, not for {count}")


def _split(schemes: str) -> dict[int, tuple[str, ...]]:
    rows = [tuple(row.split()) for row in schemes.strip().splitlines()]
    return {len(row): row for row in rows}


def _thinned(scale: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    """Fewer classes of the same scale: its ends, and steps between them as even as they come."""
    last = len(scale) - 1
    whole = {count: tuple(scale[round(i * last / (count - 1))] for i in range(count)) for count in range(2, last + 2)}
    return whole | {1: (scale[last // 2],), 2: (scale[0], scale[last // 2 + 1])}


def _first(colours: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    return {count: colours[:count] for count in range(1, len(colours) + 1)}


def _diverging(low: tuple[str, ...], middle: str, high: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    """Of two arms, each from the middle out. The lightest colour of an arm is too near a middle that has a colour."""
    even = {2 * n: (*low[:n][::-1], *high[:n]) for n in range(2, len(low) + 1)}
    odd = {2 * n + 1: (*low[1 : n + 1][::-1], middle, *high[1 : n + 1]) for n in range(1, len(low))}
    return {1: (middle,), 2: (low[2], high[2])} | even | odd


_HOUSE = ("#f6efdf", "#bddad2", "#8dc0b7", "#559b97", "#28726f", "#0a464a")
_YLGNBU = """
#7fcdbb
#edf8b1 #2c7fb8
#edf8b1 #7fcdbb #2c7fb8
#ffffcc #a1dab4 #41b6c4 #225ea8
#ffffcc #a1dab4 #41b6c4 #2c7fb8 #253494
#ffffcc #c7e9b4 #7fcdbb #41b6c4 #2c7fb8 #253494
#ffffcc #c7e9b4 #7fcdbb #41b6c4 #1d91c0 #225ea8 #0c2c84
"""
_YLORBR = """
#fec44f
#fff7bc #d95f0e
#fff7bc #fec44f #d95f0e
#ffffd4 #fed98e #fe9929 #cc4c02
#ffffd4 #fed98e #fe9929 #d95f0e #993404
#ffffd4 #fee391 #fec44f #fe9929 #d95f0e #993404
#ffffd4 #fee391 #fec44f #fe9929 #ec7014 #cc4c02 #8c2d04
"""
_BROWN = ("#f6e8c3", "#dfc27d", "#bf812d", "#8c510a", "#543005")
_GREEN = ("#c7eae5", "#80cdc1", "#35978f", "#01665e", "#003c30")
_OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
# In the order of AgreementState: proposed, accepted, in progress, reported done, verified, on hold, declined, cancelled.
_STATES = ("#f6efdf", "#a9cfee", "#0e5a5e", "#f5b82e", "#58a55c", "#9b72b8", "#8c2d04", "#1c1c1c")

PALETTES: dict[str, Palette] = {
    one.name: one
    for one in (
        # A boundary and nothing inside.
        Palette("outline", Order.NONE, {1: (CARD,)}),
        # How much was done, from none (bare) to all (deep).
        Palette("coverage", Order.SEQUENTIAL, _thinned(_HOUSE)),
        # More or less of something that is neither good nor bad.
        Palette("sequential", Order.SEQUENTIAL, _split(_YLGNBU)),
        # More or less of something nobody wants more of: late, raised, suffered.
        Palette("warm", Order.SEQUENTIAL, _split(_YLORBR)),
        # Below and above zero.
        Palette("diverging", Order.DIVERGING, _diverging(_BROWN, "#f5f5f5", _GREEN)),
        Palette("states", Order.NONE, _first(_STATES)),
        # What a change does to units: new, changed, unchanged, missing, rejected.
        Palette("changes", Order.NONE, _first(("#58a55c", "#f5b82e", "#f6efdf", "#9b72b8", "#8c2d04"))),
        Palette("categories", Order.NONE, _first(_OKABE_ITO)),
    )
}


def edge_on(colour: str) -> str:
    """The colour of lines drawn over ``colour``: ink, or white where ink would disappear."""
    return max((INK, CARD), key=lambda line: contrast(line, colour))
