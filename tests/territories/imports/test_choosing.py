"""What of a file is imported and as what, without a database."""

from __future__ import annotations

import pytest
import shapely
from shapely import MultiPolygon

from models.territory import LevelRole
from territories.imports.choosing import ImpossibleImport, choose, dissolve, guess_level, join
from territories.imports.plan import KnownUnit, Plan, PlannedUnit
from territories.imports.reader import Problem, SourceFeature
from territories.imports.tree import Tree


def box(x: float = -99.1, side: float = 0.01) -> MultiPolygon:
    return MultiPolygon([shapely.box(x, 19.3, x + side, 19.3 + side)])


def row(number: int, shape: MultiPolygon | None = None, **attributes: str | None) -> SourceFeature:
    return SourceFeature(number, attributes, shape or box())


def tree(**levels: int) -> Tree:
    return Tree({LevelRole(role): tuple(KnownUnit(f"{role}{n}", "x", box()) for n in range(count)) for role, count in levels.items()})


class TestChoosing:
    def test_by_key_whatever_its_case(self):
        assert [one.row for one in choose([row(1, C="a"), row(2, C="B"), row(3, C=None)], "C", ["b"])] == [2]

    def test_a_key_that_is_not_there_is_named(self):
        with pytest.raises(ImpossibleImport, match="zz"):
            choose([row(1, C="a")], "C", ["a", "zz"])


class TestJoining:
    def test_neighbours_become_one(self):
        joined = join([box(-99.1), box(-99.09)])
        assert joined.bounds == pytest.approx((-99.1, 19.3, -99.08, 19.31)) and joined.area == pytest.approx(0.0002)
        assert len(joined.geoms) == 1 and not joined.geoms[0].interiors and joined.is_valid

    def test_a_crack_thinner_than_any_survey_closes(self):
        joined = join([box(-99.1), box(-99.09 + 2e-9)])
        assert len(joined.geoms) == 1

    def test_rows_without_a_shape_stay_to_be_refused(self):
        broken = SourceFeature(2, {}, None, (), Problem("no_geometry", "No trae figura."))
        joined = dissolve([row(1, box(-99.1)), broken, row(3, box(-99.09))], {"code": "CDMX", "name": None})
        assert [one.row for one in joined] == [1, 2] and joined[0].attributes["code"] == "CDMX"
        assert dissolve([broken], {"code": "CDMX", "name": None}) == [broken]


class TestLevel:
    @pytest.mark.parametrize(
        ("present", "rows", "level"),
        [
            ({}, 1, "root"), ({}, 2, "territory"), ({"root": 1}, 2, "territory"), ({"root": 1, "office": 2}, 2, "territory"),
            ({"root": 1, "territory": 2}, 2, "section"), ({"root": 1, "territory": 2, "section": 2}, 2, "block"),
        ],
    )
    def test_the_next_one_down(self, present, rows, level):
        guessed, notes = guess_level([row(n, C=f"new{n}") for n in range(rows)], "C", tree(**present))
        assert guessed == level and len(notes) == 1

    def test_small_things_under_territories_are_blocks(self):
        assert guess_level([row(1, box(side=0.001), C="m")], "C", tree(root=1, territory=2))[0] == "block"

    def test_the_level_that_has_those_keys(self):
        rows = [row(1, C="OFFICE0"), row(2, C="office1"), row(3, C="section0")]
        assert guess_level(rows, "C", tree(root=1, office=2, territory=1, section=1, block=4))[0] == "office"

    def test_nothing_tells(self):
        with pytest.raises(ImpossibleImport, match="block"):
            guess_level([row(1, C="z")], "C", tree(root=1, block=1))


def test_a_trial_goes_on_from_what_the_last_file_would_have_left():
    before = Tree({LevelRole.ROOT: (KnownUnit("R", "R", box()),)})
    after = before.after(LevelRole.TERRITORY, Plan(new=(PlannedUnit(1, "T", "T", None, "R", box(), ()),)))
    assert [unit.code for level in after.above(LevelRole.BLOCK) for unit in level] == ["T", "R"]
    assert before.deepest == "root" and after.deepest == "territory"
