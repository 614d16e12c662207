"""A map laid out on a sheet of paper: a round scale, labels where they fit, a table of everything.

Lengths of the drawing are tenths of a millimetre of the paper.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor, log10

import shapely
from shapely.geometry import LineString, Polygon, box

from app.core.formatters import number
from app.core.i18n import _
from app.portal.sheets.queries import Subject
from territories.layers import legend
from territories.layers.classes import class_of, classify
from territories.layers.registry import Geometry
from territories.units.map import Fit, fit, path_of

UNIT = 0.0001  # metres of paper in a unit of the drawing
# A line may stray this far from the true one: a fine pen is as wide.
TOLERANCE = 1.5


class Size(StrEnum):
    A4 = "A4"
    A3 = "A3"


class Orientation(StrEnum):
    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"


# The room for the map itself, beside its heading and its foot: width and height in millimetres.
ROOM = {
    (Size.A4, Orientation.PORTRAIT): (186, 178), (Size.A4, Orientation.LANDSCAPE): (196, 152),
    (Size.A3, Orientation.PORTRAIT): (273, 286), (Size.A3, Orientation.LANDSCAPE): (290, 230),
}
# Letters of labels, the largest first; the last is the least that is read at arm's length.
LETTERS = {Size.A4: (32, 27, 22), Size.A3: (42, 34, 26)}
DOT = {Size.A4: 14, Size.A3: 18}
# Denominators of scales that a ruler can be held to.
_STEPS = (1, 1.1, 1.2, 1.25, 1.4, 1.5, 1.6, 1.75, 1.8, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 9, 10)


@dataclass(frozen=True)
class Label:
    """Lines of text around (x, y); ``plate`` is the box that keeps them readable: x, y, width, height."""

    x: int
    y: int
    lines: tuple[str, ...]
    letters: int
    plate: tuple[int, int, int, int]


@dataclass(frozen=True)
class Drawn:
    mark: str
    name: str
    streets: str
    words: str
    entry: legend.Entry
    path: str
    spot: tuple[int, int] | None
    label: Label | None
    here: bool


@dataclass(frozen=True)
class Scale:
    """``length`` units of the paper are ``words`` of the ground; ``ratio`` is the denominator of the scale."""

    length: int
    words: str
    ratio: int


@dataclass(frozen=True)
class Sheet:
    size: Size
    orientation: Orientation
    width: int
    height: int
    drawn: list[Drawn]
    ground: list[str]
    lines: list[str]
    outline: str
    scale: Scale
    legend: list[legend.Entry]
    tiles: list[legend.Tile]
    dot: int

    @property
    def numbered(self) -> bool:
        """Whether some are only numbers on the map."""
        return any(one.label and one.label.lines == (one.mark,) for one in self.drawn)


def lay_sheet(subject: Subject, size: Size, orientation: Orientation | None) -> Sheet | None:
    """``subject`` on a sheet; without an ``orientation`` the one that shows it larger. None when there is nothing to draw."""
    areas = subject.geometry is Geometry.AREA
    shapes = [one.shape for one in subject.things] if areas else subject.ground
    outlines = shapely.from_wkb([subject.outline, *subject.lines, *shapes])
    drawn = ~(shapely.is_missing(outlines) | shapely.is_empty(outlines))
    if not drawn.any():
        return None
    fits = {way: _fit(outlines[drawn], size, way) for way in ((orientation,) if orientation else Orientation)}
    way = min(fits, key=lambda one: fits[one].metres)
    here = fits[way]
    pixels = shapely.simplify(shapely.transform(outlines, here.pixels), TOLERANCE)
    border, between, laid = pixels[0], pixels[1 : 1 + len(subject.lines)], pixels[1 + len(subject.lines) :]
    classes = classify([one.value for one in subject.things], subject.style)
    return Sheet(
        size, way, here.width, here.height, _drawn(subject, here, laid, classes, size),
        [] if areas else [path_of(one) for one in laid], [path_of(one) for one in between if one is not None],
        path_of(border) if border is not None else "", _scale(here, ROOM[size, way][0] * 10),
        legend.shown(legend.entries(classes)), legend.tiles(classes), DOT[size],
    )


def _fit(outlines: Sequence[shapely.Geometry], size: Size, way: Orientation) -> Fit:
    width, height = ROOM[size, way]
    return fit(shapely.total_bounds(outlines), width=width * 10, max_height=height * 10, scale=_rounder)


def _rounder(metres: float) -> float:
    """The metres of a unit at the next scale whose denominator is round."""
    ratio = metres / UNIT
    power = 10 ** floor(log10(ratio))
    return next(step * power for step in _STEPS if step * power >= ratio * 0.999999) * UNIT


def _scale(here: Fit, width: int) -> Scale:
    """A bar of a round length on the ground, a tenth to a quarter of the sheet's width."""
    most = width * 0.24 * here.metres
    power = 10 ** floor(log10(most))
    metres = next(step * power for step in (5, 2, 1) if step * power <= most)
    words = _("%(number)s km", number=number(metres / 1000)) if metres >= 1000 else _("%(number)s m", number=number(metres))
    return Scale(round(metres / here.metres), words, round(here.metres / UNIT))


def _drawn(subject: Subject, here: Fit, laid: Sequence, classes, size: Size) -> list[Drawn]:
    entries, marks = legend.entries(classes), _marks([one.name for one in subject.things])
    # A name that is only a word and the number needs no more than the number.
    bare = all(mark and one.name.endswith(f" {mark}") for one, mark in zip(subject.things, marks, strict=True))
    found = []
    spots = []
    if subject.geometry is Geometry.POINT:
        points = shapely.get_coordinates(shapely.from_wkb([one.shape for one in subject.things]))
        spots = here.pixels(points).round().astype(int).tolist()
    for place, (thing, mark) in enumerate(zip(subject.things, marks, strict=True)):
        entry = entries[class_of(thing.value, classes)]
        if spots:
            found.append(Drawn(mark, thing.name, thing.streets, thing.words, entry, "", tuple(spots[place]), None, False))
            continue
        shape = laid[place]
        label = label_of(shape, thing.name if not bare else "", mark, LETTERS[size])
        found.append(Drawn(mark, thing.name, thing.streets, thing.words, entry, path_of(shape), None, label, thing.name == subject.here))
    return found


def _marks(names: Sequence[str]) -> list[str]:
    """The number of each on the map: its own, where all are called the same but for it, else its place in the table."""
    own = [re.fullmatch(r"(.*?)(\d{1,4})", name) for name in names]
    if all(own) and len({one[1] for one in own}) == 1 and len({one[2] for one in own}) == len(names):
        return [one[2] for one in own]
    return [str(place) for place in range(1, len(names) + 1)]


def label_of(shape: shapely.Geometry | None, name: str, mark: str, letters: Sequence[int]) -> Label | None:
    """The name where it fits in the shape, in one line or two; else its number; else nothing."""
    if shape is None or shape.is_empty:
        return None
    part = max((one for one in shapely.get_parts(shape) if isinstance(one, Polygon)), key=lambda one: one.area, default=None)
    if part is None or part.area < 900:
        return None
    shapely.prepare(part)
    middles = _middles(part)
    # The largest letters first, whatever the lines they take; a number may be a little smaller than any name.
    ways = [(lines, size) for size in letters for lines in (_broken(name) if name else [])]
    for lines, size in [*ways, *(((mark,), size) for size in (*letters, round(letters[-1] * 0.85)))]:
        width, height = max(map(_length, lines)) * size + 10, len(lines) * size * 1.15 + 6
        for x, y in middles:
            west, north = x - width / 2, y - height / 2
            if part.contains(box(west, north, west + width, north + height)):
                return Label(round(x), round(y), lines, size, (round(west), round(north), round(width), round(height)))
    return None


def _middles(part: Polygon) -> list[tuple[float, float]]:
    """Where a label may stand: the middle of the largest circle inside, then those of the widest rows."""
    circle = shapely.maximum_inscribed_circle(part, tolerance=5)
    first = shapely.get_coordinates(circle)[0]
    west, south, east, north = part.bounds
    rows = []
    for step in range(1, 10):
        y = south + (north - south) * step / 10
        inside = shapely.get_parts(part.intersection(LineString([(west, y), (east, y)])))
        widest = max((one for one in inside if one.length), key=lambda one: one.length, default=None)
        if widest is not None:
            rows.append((widest.length, (widest.centroid.x, y)))
    return [(float(first[0]), float(first[1])), *(spot for _length_, spot in sorted(rows, reverse=True))]


def _broken(name: str) -> list[tuple[str, ...]]:
    """The name in one line and, where it has several words, in the two that differ least."""
    words = name.split()
    if len(words) < 2:
        return [(name,)]
    ways = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    return [(name,), min(ways, key=lambda two: max(map(_length, two)))]


def _length(text: str) -> float:
    """The width of ``text`` in the sans of paper, in heights of its letters; a little more than it takes."""
    return sum(0.36 if one in "ijlftrI.,:;'-() |" else 0.98 if one in "mwMWÑ@%" else 0.74 if one.isupper() else 0.63 for one in text)
