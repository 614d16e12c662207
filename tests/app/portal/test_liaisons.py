"""Counting volunteers must not point at one (DOMAIN.md 7; 001-08, 001-39)."""

from itertools import product

import pytest

from app.portal.units.liaisons import published


@pytest.mark.parametrize("counts", list(product([0, 1, 4, 5, 12], repeat=3)))
def test_no_hidden_territory_can_be_computed_from_what_is_shown(counts):
    root = (1, [(1, sum(counts))])
    family = [(10 + place, count) for place, count in enumerate(counts)]
    shown = {unit: published([root, (unit, family)]) for unit, _count in family}
    assert all(count is None or count >= 5 for count in shown.values())
    if sum(counts) >= 5:
        hidden = [unit for unit, count in shown.items() if count is None]
        assert len(hidden) != 1, "the parent minus the others gives it away"


def test_the_parts_of_what_is_hidden_are_hidden():
    path = [(1, [(1, 30)]), (2, [(2, 3), (3, 8), (4, 19)]), (20, [(20, 3)])]
    assert published(path) is None
    assert published([*path[:1], (4, path[1][1])]) == 19
    neighbour = [*path[:1], (3, path[1][1]), (30, [(30, 8)])]
    assert published(neighbour[:2]) is None and published(neighbour) is None
