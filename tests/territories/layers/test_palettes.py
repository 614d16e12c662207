"""What the colours of the map must keep, measured: order in grey, distance for those who see fewer colours, contrast.

Dichromacy is simulated with the matrices of Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation
of Color Vision Deficiency" (IEEE TVCG 15:6, 2009, doi 10.1109/TVCG.2009.113), severity 1.0, on linear sRGB. Distances are
Euclidean in CIE L*a*b* (D65): about 2.3 is the least that two patches side by side must differ by to be told apart.
"""

from itertools import combinations

import numpy
import pytest

from app.core.colours import contrast, luminance
from territories.layers.palettes import INK, MISSING, PALETTES, PATTERNS, Order, edge_on

SIGHT = {
    "full": numpy.eye(3),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)
SCHEMES = [
    pytest.param(palette, count, id=f"{palette.name}-{count}") for palette in PALETTES.values() for count in palette.schemes if count > 1
]
ORDERED = [one for one in SCHEMES if one.values[0].order is Order.SEQUENTIAL]
OTHERS = [one for one in SCHEMES if one.values[0].order is not Order.SEQUENTIAL]


def seen(colour: str, sight: str) -> numpy.ndarray:
    """L*a*b* of ``colour`` as a person of that ``sight`` sees it."""
    channels = numpy.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = numpy.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    xyz = numpy.array(TO_XYZ) @ numpy.clip(numpy.array(SIGHT[sight]) @ linear, 0, 1) / WHITE
    x, y, z = numpy.where(xyz > 216 / 24389, numpy.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return numpy.array((116 * y - 16, 500 * (x - y), 200 * (y - z)))


def distance(one: str, other: str) -> float:
    """How far apart two colours are for whoever tells them apart worst."""
    return min(float(numpy.linalg.norm(seen(one, sight) - seen(other, sight))) for sight in SIGHT)


def test_the_measure_knows_black_from_white_and_red_from_green():
    assert distance("#000000", "#ffffff") == pytest.approx(100, abs=0.01)
    full = numpy.linalg.norm(seen("#c8463c", "full") - seen("#6d7a1e", "full"))
    assert full > 60 > 3 * distance("#c8463c", "#6d7a1e"), "a red and a green that a dichromat confuses"


@pytest.mark.parametrize(("palette", "count"), ORDERED)
def test_a_photocopy_keeps_the_order(palette, count):
    light = [luminance(colour) for colour in palette.colours(count)]
    # Neighbouring classes must differ by more than a copier's noise.
    assert all((lighter + 0.05) / (darker + 0.05) > 1.2 for lighter, darker in zip(light, light[1:], strict=False))


@pytest.mark.parametrize(("palette", "count"), ORDERED)
def test_neighbours_are_told_apart_by_everybody(palette, count):
    colours = palette.colours(count)
    assert min(distance(one, other) for one, other in zip(colours, colours[1:], strict=False)) >= 8


@pytest.mark.parametrize(("palette", "count"), OTHERS)
def test_colours_without_order_are_all_told_apart_by_everybody(palette, count):
    assert min(distance(one, other) for one, other in combinations(palette.colours(count), 2)) >= 9


@pytest.mark.parametrize("count", [count for count in PALETTES["diverging"].schemes if count > 1])
def test_both_arms_darken_outwards_and_are_told_apart_without_colour(count):
    palette = PALETTES["diverging"]
    light, arm = [luminance(colour) for colour in palette.colours(count)], count // 2
    assert light[:arm] == sorted(light[:arm]) and light[-arm:] == sorted(light[-arm:], reverse=True)
    patterns = palette.patterns(count)
    assert not set(patterns[:arm]) & set(patterns[-arm:])
    low, high = palette.arm(arm, below=True)[0], palette.arm(arm, below=False)[0]
    assert count < 4 or count % 2 or (*low, *high) == palette.colours(count)


@pytest.mark.parametrize(("palette", "count"), SCHEMES)
def test_lines_and_figures_are_seen_on_every_class(palette, count):
    assert all(contrast(edge_on(colour), colour) >= 3 for colour in palette.colours(count))
    assert edge_on(palette.no_data) == INK


@pytest.mark.parametrize(("palette", "count"), SCHEMES)
def test_each_class_has_a_pattern_and_no_data_one_that_nothing_else_has(palette, count):
    patterns = palette.patterns(count)
    assert len(patterns) == count and all(PATTERNS[name].name == name != MISSING.name for name in patterns)
    inner = [name for name in patterns if name != "plain"]
    assert len(set(inner)) == len(inner) >= count - 2
    assert all(distance(palette.rest, colour) >= 9 for colour in palette.colours(count)) or palette.order is not Order.NONE


def test_more_classes_than_people_can_tell_apart_are_refused():
    with pytest.raises(ValueError, match="1 to 6 classes, not for 7"):
        PALETTES["coverage"].colours(7)
