"""A map laid out on a sheet of paper: a round scale, labels where they fit, a table of everything.

Lengths of the drawing are tenths of a millimetre of the paper.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, hypot, log10

import shapely
from shapely.geometry import Polygon, box

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
    (Size.A4, Orientation.PORTRAIT): (186, 182), (Size.A4, Orientation.LANDSCAPE): (196, 152),
    (Size.A3, Orientation.PORTRAIT): (273, 282), (Size.A3, Orientation.LANDSCAPE): (290, 230),
}
# Under a standing map: millimetres of the foot that the room leaves, of a row of the legend and of a line of the note,
# and how many letters go on a line of it.
FOOT = {Size.A4: (52, 7.0, 4.5, 36), Size.A3: (66, 7.0, 6.0, 42)}
# Letters of labels, the largest first; the last is the least that is read at arm's length.
LETTERS = {Size.A4: (32, 27, 22), Size.A3: (42, 34, 26)}
DOT = {Size.A4: 20, Size.A3: 26}
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
    """``room`` is the width and height of the frame, ``here`` where the ground falls in it. ``dot`` is the radius of a point."""

    size: Size
    orientation: Orientation
    room: tuple[int, int]
    here: Fit
    drawn: list[Drawn]
    ground: list[str]
    lines: list[str]
    outline: str
    scale: Scale
    legend: list[legend.Entry]
    tiles: list[legend.Tile]
    dot: int

    @property
    def view_box(self) -> str:
        """That of the frame, with the drawing in its middle."""
        west, north = (self.room[0] - self.here.width) // 2, (self.room[1] - self.here.height) // 2
        return f"{-west} {-north} {self.room[0]} {self.room[1]}"

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
    classes = classify([one.value for one in subject.things], subject.style)
    key = legend.shown(legend.entries(classes))
    bounds, rooms = shapely.total_bounds(outlines[drawn]), {way: _room(subject, key, size, way) for way in Orientation}
    fits = {
        way: fit(bounds, width=rooms[way][0], max_height=rooms[way][1], scale=_rounder)
        for way in ((orientation,) if orientation else Orientation)
    }
    way = min(fits, key=lambda one: fits[one].metres)
    here = fits[way]
    pixels = shapely.simplify(shapely.transform(outlines, here.pixels), TOLERANCE)
    border, between, laid = pixels[0], pixels[1 : 1 + len(subject.lines)], pixels[1 + len(subject.lines) :]
    return Sheet(
        size, way, rooms[way], here, _drawn(subject, here, laid, classes, size),
        [] if areas else [path_of(one) for one in laid], [path_of(one) for one in between if one is not None],
        path_of(border) if border is not None else "", _scale(here, rooms[way][0]),
        key, legend.tiles(classes), DOT[size],
    )


def _room(subject: Subject, key: Sequence[legend.Entry], size: Size, way: Orientation) -> tuple[int, int]:
    """The room of the map: lower where what stands under it needs more."""
    width, height = ROOM[size, way]
    if way is Orientation.PORTRAIT:
        foot, row, line, letters = FOOT[size]
        height -= max(0, ceil((len(key) * row + (ceil(len(subject.note) / letters) + 1.5) * line) - foot))
    return width * 10, height * 10


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
        number = class_of(thing.value, classes)
        entry = entries[number]
        if spots:
            # A dot is too small for a pattern: it bears the number of its class.
            found.append(Drawn(str(number + 1), thing.name, "", thing.words, entry, "", tuple(spots[place]), None, False))
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
    circle = shapely.maximum_inscribed_circle(part, tolerance=5)
    middle, reach = shapely.get_coordinates(circle)[0].tolist(), circle.length
    if not name:
        return _label(part, [middle], [((mark,), size) for size in _number_sizes(letters)], reach)
    shapely.prepare(part)
    # The largest letters first, whatever the lines they take.
    ways = [(lines, size) for size in letters for lines in _broken(name)]
    return _label(part, [middle, *_rows(part)], [*ways, *(((mark,), size) for size in _number_sizes(letters))], reach)


def _number_sizes(letters: Sequence[int]) -> tuple[int, ...]:
    """A number may be a little smaller than any name."""
    return (*letters, round(letters[-1] * 0.85))


def _label(part: Polygon, middles: Sequence[Sequence[float]], ways: Sequence[tuple[tuple[str, ...], int]], reach: float) -> Label | None:
    """The first of ``ways`` that fits around one of ``middles``; around the first of them all is inside up to ``reach``."""
    for lines, size in ways:
        width, height = max(map(_length, lines)) * size + 10, len(lines) * size * 1.15 + 6
        for place, (x, y) in enumerate(middles):
            west, north = x - width / 2, y - height / 2
            if (place == 0 and hypot(width, height) / 2 <= reach) or part.contains(box(west, north, west + width, north + height)):
                return Label(round(x), round(y), lines, size, (round(west), round(north), round(width), round(height)))
    return None


def _rows(part: Polygon) -> list[tuple[float, float]]:
    """The middles of the widest rows inside."""
    west, south, east, north = part.bounds
    heights = [south + (north - south) * step / 8 for step in range(1, 8)]
    inside = shapely.intersection(part, shapely.linestrings([[(west, y), (east, y)] for y in heights]))
    widest = [max(shapely.get_parts(one), key=lambda line: line.length, default=None) for one in inside]
    rows = [(line.length, line.centroid.x, y) for line, y in zip(widest, heights, strict=True) if line is not None and line.length]
    return [(x, y) for _length_of_row, x, y in sorted(rows, reverse=True)]


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
