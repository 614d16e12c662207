"""How units are ranked: scales, weights, conditions, what is missing, and what a weight moves."""

import pytest

from models.priority import Place, Scale, WhenMissing
from territories.priorities.ranking import Condition, Criterion, Recipe, Unit, chosen, digest_of, moves, ranked


def units(**values):
    """``A=(crime, people)`` for each."""
    return [
        Unit(at, code, code.title(), dict(zip(("crime", "people"), said, strict=True))) for at, (code, said) in enumerate(values.items(), 1)
    ]


FOUR = units(A=(10, 4000), B=(40, 1000), C=(20, 3000), D=(90, 2000))
CRIME = Criterion("crime", 2)
FEW = Criterion("people", 1, more=False)


def order(found):
    return [one.unit.code for one in found if one.rank is not None]


@pytest.mark.parametrize(
    "scale, scores",
    [(Scale.RANK, [100, 66.6667, 33.3333, 0]), (Scale.RANGE, [100, 37.5, 12.5, 0]), (Scale.DEVIATION, [1.622, 0, -0.6488, -0.9733])],
)
def test_one_indicator_on_each_scale(scale, scores):
    found = ranked(FOUR, Recipe((CRIME,), 2, scale))
    assert order(found) == ["D", "B", "C", "A"] and [one.unit.code for one in chosen(found)] == ["D", "B"]
    got = [one.score / (100 if scale is Scale.DEVIATION else 1) for one in found]
    assert got == pytest.approx(scores, abs=0.001)


def test_the_points_of_the_parts_add_up_to_the_score():
    found = ranked(FOUR, Recipe((CRIME, FEW), 1))
    top = found[0]
    assert (top.unit.code, top.rank, top.place) == ("D", 1, Place.CHOSEN)
    # D: first by crime (2/3 of 100), third least populous of four (1/3 of a third from the top).
    assert [part.points for part in top.parts] == pytest.approx([66.6667, 22.2222]) and top.score == pytest.approx(88.8889)
    assert [part.value for part in top.parts] == [90, 2000]


def test_a_direction_turns_the_order_and_equal_values_share_their_place():
    assert order(ranked(FOUR, Recipe((Criterion("crime", 1, more=False),), 1))) == ["A", "C", "B", "D"]
    tied = ranked(units(B=(5, 1), A=(5, 1), C=(1, 1)), Recipe((CRIME,), 1))
    assert [one.score for one in tied] == [75, 75, 0] and order(tied) == ["A", "B", "C"]


def test_conditions_say_who_takes_part_before_anything_is_scaled():
    found = ranked(FOUR, Recipe((CRIME,), 1, Scale.RANGE, conditions=(Condition("people", at_least=2000),)))
    assert order(found) == ["D", "C", "A"] and found[1].score == 12.5
    assert [(one.unit.code, one.place) for one in found if one.rank is None] == [("B", Place.OUTSIDE)]


def test_what_is_missing_is_never_zero():
    some = units(A=(10, 1), B=(None, 2), C=(30, None), D=(None, None))
    apart = ranked(some, Recipe((CRIME, FEW), 1))
    assert order(apart) == ["A"] and {one.unit.code for one in apart if one.place is Place.NO_DATA} == {"B", "C", "D"}
    shared = ranked(some, Recipe((CRIME, FEW), 1, missing=WhenMissing.SHARE_OUT))
    assert order(shared) == ["C", "A", "B"] and shared[0].score == 100 and shared[0].parts[1].points is None
    assert [one.unit.code for one in shared if one.place is Place.NO_DATA] == ["D"]
    unknown = ranked(some, Recipe((CRIME,), 1, conditions=(Condition("people", at_least=0),)))
    assert next(one for one in unknown if one.unit.code == "C").place is Place.NO_DATA


def test_moving_a_weight_says_who_enters_and_who_leaves():
    near = units(A=(100, 50), B=(30, 35), C=(0, 0))
    recipe = Recipe((Criterion("crime", 50.5), Criterion("people", 49.5, more=False)), 1, Scale.RANGE)
    assert order(ranked(near, recipe)) == ["A", "C", "B"]
    found = {(move.code, move.by): (move.enter, move.leave) for move in moves(near, recipe)}
    moved, same = (("C",), ("A",)), ((), ())
    assert found == {("crime", -0.1): moved, ("crime", 0.1): same, ("people", -0.1): same, ("people", 0.1): moved}
    assert moves(near, Recipe((CRIME,), 1)) == []


def test_the_same_data_give_the_same_digest_and_other_data_another():
    recipe = Recipe((CRIME,), 2)
    assert digest_of({"n": 2}, ranked(FOUR, recipe)) == digest_of({"n": 2}, ranked(list(reversed(FOUR)), recipe))
    assert digest_of({"n": 2}, ranked(FOUR, recipe)) != digest_of({"n": 2}, ranked(FOUR[:3], recipe))
