"""Classes of values: nothing lost, nothing twice, zero never crossed, natural breaks as good as trying all of them."""

from itertools import combinations
from math import nan

import numpy
import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import given, settings
from hypothesis import strategies as st

from territories.layers import breaks
from territories.layers.classes import Holds, class_of, classify
from territories.layers.palettes import PALETTES
from territories.layers.registry import Breaks, Style

NUMBERS = st.one_of(
    st.integers(-1_000_000, 1_000_000), st.integers(-3, 3), st.floats(-1e6, 1e6, allow_nan=False).filter(lambda n: n == 0 or abs(n) > 1e-9)
)
STYLES = st.builds(
    Style, palette=st.sampled_from(["sequential", "warm", "coverage", "diverging"]), by=st.just("value"),
    breaks=st.sampled_from([Breaks.QUANTILES, Breaks.NATURAL]), classes=st.integers(1, 7),
) | st.just(Style("warm", "value", Breaks.FIXED, edges=(-5, 10, 1000)))


def quantiles(classes: int = 5, palette: str = "sequential") -> Style:
    return Style(palette, "value", Breaks.QUANTILES, classes=classes)


def words(classes) -> list[str]:
    return [str(one.label) for one in classes]


@pytest.fixture
def spoken():
    """The words of classes, in a language."""
    app = Flask(__name__)
    Babel(app)

    def say(classes, language="es"):
        with app.test_request_context(), force_locale(language):
            return words(classes)
    return say


@given(st.lists(st.one_of(NUMBERS, st.none(), st.just(nan)), max_size=60), STYLES)
@settings(max_examples=300, deadline=None)
def test_each_value_falls_into_one_class_and_none_crosses_zero(values, style):
    classes = classify(values, style)
    places = [class_of(value, classes) for value in values]
    assert [places.count(place) for place in range(len(classes))] == [one.count for one in classes]
    assert classes[-1].holds is Holds.NO_DATA and classes[-1].count == sum(value is None or value != value for value in values)
    intervals = classes[:-1]
    edges = [one.lower for one in intervals[1:]]
    assert edges == [one.upper for one in intervals[:-1]] == sorted(set(edges))
    known = [value for value in values if value is not None and value == value]
    for place in range(len(intervals)):
        inside = [value for value in known if class_of(value, classes) == place]
        assert not inside or min(inside) >= 0 or max(inside) < 0
        assert inside or style.breaks is Breaks.FIXED, "a class that holds nothing is only one that was declared"
    if style.breaks is not Breaks.FIXED:
        assert len(intervals) <= max(style.classes, 2) and len(intervals) <= len(set(known))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_natural_breaks_are_the_best_of_all(values, classes):
    distinct, counts = numpy.unique(numpy.array(values, dtype=float), return_counts=True)
    found = breaks.natural(distinct, counts, classes)
    for parts, cuts in enumerate(found, 1):
        every = [breaks.spread_of(distinct, counts, list(way)) for way in combinations(range(1, len(distinct)), parts - 1)]
        assert breaks.spread_of(distinct, counts, cuts) == pytest.approx(min(every), abs=1e-6)
    assert len(found) == min(classes, len(distinct))


def test_natural_breaks_of_a_city_take_no_time_and_stay_near_the_best():
    rng = numpy.random.default_rng(7)
    values = numpy.unique(numpy.concatenate([rng.normal(middle, 3, 20_000) for middle in (10, 50, 200)]))
    [one, two] = breaks.natural(values, numpy.ones(len(values)), 3)[2]
    assert values[one - 1] < 30 < values[one] and values[two - 1] < 120 < values[two]


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
@settings(max_examples=300, deadline=None)
def test_a_round_number_cuts_as_the_true_one(one, other):
    above, upto = sorted((one, other))
    if above < upto:
        assert above < breaks.roundest(above, upto) <= upto


@pytest.mark.parametrize(
    ("above", "upto", "found"),
    [(1187, 2411, 2000), (0.2871, 0.3412, 0.3), (2, 3, 3), (-3.4, -2.1, -3), (-2, 5, 0), (12, 12.5, 12.5), (1234.5, 1234.6, 1234.6)],
)
def test_people_read_the_roundest_number(above, upto, found):
    assert breaks.roundest(above, upto) == found


def test_quantiles_share_out_and_keep_equal_values_together():
    even = classify(range(100), quantiles(5))
    assert [one.count for one in even] == [20] * 5 + [0]
    many_zeros = classify([0] * 60 + list(range(1, 41)), quantiles(5))
    assert many_zeros[0].count == 60 and sum(one.count for one in many_zeros) == 100
    assert [one.count for one in classify([7] * 9, quantiles(5))] == [9, 0]


def test_fixed_classes_stay_where_they_were_declared():
    style = Style("coverage", "percent", Breaks.FIXED, edges=(0, 1, 25, 50, 75, 100), words={0: "ninguna", 100: "todas"})
    empty, full = classify([], style), classify([0, 24, 25, 99, 100, None], style)
    assert [one.colour for one in empty] == [one.colour for one in full] and [one.count for one in full] == [1, 1, 1, 0, 1, 1, 1]
    assert [one.lower for one in classify([-4, 30], style)][:3] == [None, 0, 1], "what lies below is not lost"
    with pytest.raises(ValueError, match="not for 7"):
        classify([], Style("coverage", "percent", Breaks.FIXED, edges=tuple(range(7))))


def test_a_diverging_palette_turns_at_zero():
    brown, green = PALETTES["diverging"].schemes[10][:5], PALETTES["diverging"].schemes[10][5:]
    classes = classify([-8, -1, 1, 2, 3, 40, 41, 90], quantiles(5, "diverging"))
    assert all((one.colour in brown) == (one.upper is not None and one.upper <= 0) for one in classes[:-1])
    assert {one.colour for one in classify([1, 2, 3], quantiles(3, "diverging"))[:-1]} <= set(green)
    assert {one.colour for one in classify([-1, -2, -3], quantiles(3, "diverging"))[:-1]} <= set(brown)


def test_categories_keep_their_order_and_the_rest_is_told():
    style = Style("categories", "kind", Breaks.CATEGORIES, words={"met": "se reunió", "never": "nunca"})
    classes = classify(["never", "never", "other", None], style)
    assert [(one.lower, one.count) for one in classes] == [("met", 0), ("never", 2), ("other", 1), (None, 1)]
    assert class_of("nobody knows", classes) is None and class_of(None, classes) == 3
    crowd = classify([f"k{n}" for n in range(20)], Style("categories", "kind", Breaks.CATEGORIES))
    assert len(crowd) == 7 + 2 and crowd[7].holds is Holds.REST and crowd[7].count == 13 and class_of("unheard of", crowd) == 7


def test_a_layer_painted_all_alike_has_one_class():
    classes = classify([None, None], Style("outline"))
    assert [one.count for one in classes] == [2] and class_of(None, classes) == 0


def test_intervals_are_said_in_plain_words(spoken):
    counts = classify([0, 0, 3, 4, 1250, 9000], quantiles(3))
    assert spoken(counts) == ["0", "de 1 a 999", "1,000 o más", "sin datos"]
    rates = classify([0.12, 0.28, 1.5, 2.75], quantiles(2))
    assert spoken(rates) == ["menos de 1", "1 o más", "sin datos"]
    fixed = Style("warm", "value", Breaks.FIXED, edges=(0, 0.05, 1500))
    assert spoken(classify([0.01], fixed)) == ["de 0 a menos de 0.05", "de 0.05 a menos de 1,500", "1,500 o más", "sin datos"]
    assert spoken(classify([0.01], fixed), "fr")[1].count("0,05") == 1
    assert spoken(classify([-2, 5], quantiles(2, "diverging"))) == ["menos de 0", "0 o más", "sin datos"]
    assert spoken(classify([4, 4], quantiles(3))) == ["4", "sin datos"]
