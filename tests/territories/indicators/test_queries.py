"""What a unit is shown to have of what is measured in those below it (001-43)."""

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from models.indicator import Aggregation, Frequency
from models.territory import LevelRole
from territories.indicators.queries import Value, period_at, series_of, values_of
from tests.queries import count_queries

ON = date(2026, 3, 14)


@pytest.fixture
def read(app):
    with app.extensions["database"].read() as session:
        yield session


def test_a_sum_tells_how_many_parts_have_data_and_takes_none_for_zero(app, world, read):
    made = world.tree(territories=4)
    first, second, third, _without = made["territory"]
    people = world.indicator()
    world.measured(people, {first: 100, second: 0, third: 40})
    world.measured(people, {first: 7}, "2024")
    with count_queries(app) as seen:
        above = values_of(read, people, LevelRole.OFFICE, ON)
    assert above == {made["office"][0].id: Value(140, 4, 3)} and len(seen) == 2
    assert above[made["office"][0].id].covered_share == 0.75
    own = values_of(read, people, LevelRole.TERRITORY, ON)
    assert own[second.id] == Value(0, 1, 1) and own[_without.id] == Value(None, 1, 0)
    assert values_of(read, people, LevelRole.BLOCK, ON) == {}, "values go up the tree, never down"
    assert values_of(read, people, LevelRole.TERRITORY, date(2024, 5, 1))[first.id].value == 7
    assert values_of(read, people, LevelRole.TERRITORY, ON, within=first.id) == {first.id: Value(100, 1, 1)}
    assert period_at(read, people, date(2023, 1, 1)) is None


def test_means_weigh_by_area_and_by_people_and_leave_out_what_weighs_nothing(world, read):
    made = world.tree(territories=3)
    office = made["office"][0].id
    with world.writing() as session:
        for unit, area, people in zip(made["territory"], (1.0, 3.0, None), (900, 100, None), strict=True):
            now = session.merge(unit)
            now.area_m2, now.population = area, people
    values = dict(zip(made["territory"], (10, 20, 90), strict=True))
    by_area = world.indicator(aggregation=Aggregation.AREA_MEAN)
    by_people = world.indicator(aggregation=Aggregation.POPULATION_MEAN)
    world.measured(by_area, values)
    world.measured(by_people, values)
    population = world.indicator()
    world.measured(population, dict(zip(made["territory"], (0, 50, 50), strict=True)))
    weighed = world.indicator(aggregation=Aggregation.POPULATION_MEAN, weights_id=population.id)
    world.measured(weighed, values)
    alone = world.indicator(aggregation=Aggregation.NONE)
    world.measured(alone, values)
    assert values_of(read, by_area, LevelRole.OFFICE, ON)[office] == Value(17.5, 3, 2)
    assert values_of(read, by_people, LevelRole.OFFICE, ON)[office] == Value(11.0, 3, 2)
    assert values_of(read, weighed, LevelRole.ROOT, ON)[made["root"][0].id] == Value(55.0, 3, 2)
    assert values_of(read, alone, LevelRole.OFFICE, ON) == {}


def test_a_small_count_of_security_is_not_shown_nor_left_over(world, read):
    made = world.tree(territories=4)
    first, second, third, fourth = made["territory"]
    crimes = world.indicator(sensitive=True, frequency=Frequency.QUARTER)
    world.measured(crimes, {first: 3, second: 8, third: 20, fourth: 0}, "2025-T4")
    found = values_of(read, crimes, LevelRole.TERRITORY, ON)
    assert found[first.id] == Value(None, 1, 1, withheld=True)
    assert found[second.id].withheld, "with the sum of all, the one hidden alone would be what is left"
    assert (found[third.id].value, found[fourth.id].value) == (20, 0)
    assert values_of(read, crimes, LevelRole.TERRITORY, ON, within=second.id)[second.id].withheld
    assert values_of(read, crimes, LevelRole.OFFICE, ON)[made["office"][0].id].value == 31
    with pytest.raises(IntegrityError), world.writing() as session:
        session.merge(crimes).role = LevelRole.BLOCK
        session.flush()


def test_a_series_keeps_its_gaps(app, world, read):
    made = world.tree(territories=2)
    first, second = made["territory"]
    crimes = world.indicator(frequency=Frequency.QUARTER)
    for when, values in (("2025-T1", {first: 1, second: 2}), ("2025-T2", {second: 4}), ("2025-T3", {first: 3})):
        world.measured(crimes, values, when)
    with count_queries(app) as seen:
        found = series_of(read, crimes, [first.id], date(2025, 8, 1), role=LevelRole.TERRITORY)
    assert found == {first.id: [(date(2025, 1, 1), 1), (date(2025, 7, 1), 3)]} and len(seen) == 2
    whole = series_of(read, crimes, [made["root"][0].id], ON, role=LevelRole.ROOT)
    assert [value for _day, value in whole[made["root"][0].id]] == [3, 4, 3]
