"""What the tree was on a day: boundaries, parents, units in force, and where units came from."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.core.spatial.shapes import wkb_of
from models import PastBoundary, PastParent, TerritorialUnit, UnitLineage
from models.ledger import SYSTEM
from models.territory import LineageKind
from territories.units import history
from territories.units import services as units
from tests.factories import TODAY

SPRING, SUMMER = date(2026, 4, 1), date(2026, 7, 1)
DAY = timedelta(days=1)


def square(west: float) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.box(west, 19.3, west + 0.01, 19.31)])


@pytest.fixture
def tree(world):
    return world.tree(territories=2, blocks=1)


class TestBoundaryOnADay:
    def test_each_day_has_the_one_that_held(self, world, tree):
        block = tree["block"][0]
        first = shapely.from_wkb(block.outline)
        with world.writing() as session:
            for day, west in ((SPRING, -98.0), (SUMMER, -97.0)):
                units.change_units(
                    session, [units.UnitChange(block.id, shape=square(west), area_m2=1.0)], capacity=SYSTEM, source="", valid_from=day
                )
            assert session.query(PastBoundary).count() == 2

            def west_on(day: date) -> float:
                found = session.scalar(select(wkb_of(history.boundary_on(day))).where(TerritorialUnit.id == block.id))
                return round(shapely.from_wkb(bytes(found)).bounds[0], 2)

            oldest = round(first.bounds[0], 2)
            assert [west_on(day) for day in (TODAY - 900 * DAY, TODAY, SPRING - DAY)] == [oldest] * 3
            assert [west_on(SPRING), west_on(SUMMER - DAY), west_on(SUMMER)] == [-98.0, -98.0, -97.0]

    def test_it_is_a_geometry_of_an_alias_too(self, world, tree):
        with world.writing() as session:
            unit = aliased(TerritorialUnit)
            found = session.scalar(select(wkb_of(history.boundary_on(TODAY, unit))).where(unit.id == tree["root"][0].id))
            assert shapely.from_wkb(bytes(found)).geom_type == "MultiPolygon"


def test_units_are_there_from_the_day_they_began_to_the_day_they_ended(world, tree):
    old, new = tree["territory"]
    with world.writing() as session:
        session.get(TerritorialUnit, old.id).valid_to = SPRING
        session.add(UnitLineage(predecessor_id=old.id, successor_id=new.id, kind=LineageKind.SPLIT, on_day=SPRING, begins=True))
        session.flush()

        def there(day: date) -> list[int]:
            level = TerritorialUnit.level_id == old.level_id
            return list(session.scalars(select(TerritorialUnit.id).where(level, history.existed_on(day)).order_by(TerritorialUnit.id)))

        assert (there(TODAY - 900 * DAY), there(SPRING - DAY), there(SPRING)) == ([old.id], [old.id], [new.id])
        [kin] = history.successors(session, old.id)
        assert (kin.code, kin.kind, kin.on_day, kin.ended_on) == (new.code, LineageKind.SPLIT, SPRING, None)
        [kin] = history.predecessors(session, new.id)
        assert (kin.code, kin.ended_on) == (old.code, SPRING)
        assert not history.successors(session, new.id) and not history.lineage_of(session, tree["root"][0].id)


def test_what_lay_below_a_unit_on_a_day(world, tree):
    (old, new), (section, _other) = tree["territory"], tree["section"]
    with world.writing() as session:
        assert history.ancestry_on(session, TODAY).c.keys() == ["unit_id", "ancestor_id", "depth"]
        units.change_units(session, [units.UnitChange(section.id, parent_id=new.id)], capacity=SYSTEM, source="", valid_from=SPRING)
        assert session.query(PastParent).count() == 1

        def below(unit_id: int, day: date) -> set[tuple[int, int]]:
            path = history.ancestry_on(session, day)
            return set(map(tuple, session.execute(select(path.c.unit_id, path.c.depth).where(path.c.ancestor_id == unit_id))))

        def quick(unit_id: int, day: date) -> set[int]:
            path = history.closure_on(day)
            return set(session.scalars(select(path.c.unit_id).where(path.c.ancestor_id == unit_id)))

        for unit in (old, new, section, tree["office"][0]):
            for day in (TODAY, SPRING):
                assert quick(unit.id, day) == {one for one, _depth in below(unit.id, day)}
        block, other_block = tree["block"]
        assert below(old.id, SPRING - DAY) == {(old.id, 0), (section.id, 1), (block.id, 2)}
        assert below(old.id, SPRING) == {(old.id, 0)}
        assert (block.id, 2) in below(new.id, SPRING) and (other_block.id, 2) in below(new.id, SPRING)
        assert len(below(tree["root"][0].id, SPRING - DAY)) == len(below(tree["root"][0].id, SPRING)) == 8


def test_a_first_parent_leaves_none_behind(world, tree):
    """Told again where it already hangs, a unit has not moved."""
    with world.writing() as session:
        section = tree["section"][0]
        units.change_units(
            session, [units.UnitChange(section.id, parent_id=tree["territory"][0].id)], capacity=SYSTEM, source="", valid_from=SPRING
        )
        assert session.query(PastParent).count() == 0
        assert session.scalar(select(history.parent_on(TODAY)).where(TerritorialUnit.code == tree["section"][0].code)) is not None
