"""What is published of who came to an assembly."""

from itertools import product

from assemblies.meetings import queries
from models.assembly import AgeBand, Gender
from models.territory import LevelRole


def seen(margin):
    return tuple(people for _key, people in margin.cells), margin.rest


def test_no_hidden_cell_can_be_worked_out():
    """An attacker who knows the rule and sees the page lists every crowd that gives that page."""
    crowds: dict = {}
    for people in product(range(21), repeat=3):
        crowds.setdefault((sum(people), seen(queries.suppressed("abc", people))), []).append(people)
    for (total, (cells, rest)), possible in crowds.items():
        if rest is None or rest > 20:  # past what was listed: larger crowds would be missing from ``possible``
            continue
        for place, shown in enumerate(cells):
            if shown is None and total:
                assert len({people[place] for people in possible}) > 1, (total, cells, possible)


def test_small_cells_are_never_shown():
    for people in product(range(12), repeat=3):
        cells, rest = seen(queries.suppressed("abc", people))
        assert all(shown is None or shown >= 5 for shown in cells)
        assert rest is None or rest >= 5 or all(shown is None for shown in cells)


def test_large_groups_are_shown_whole():
    margin = queries.suppressed("ab", (12, 9))
    assert margin.shown == (("a", 12), ("b", 9)) and margin.rest is None


def test_headcount_of_an_assembly(app, world):
    block = world.unit(LevelRole.BLOCK)
    assembly = world.assembly(block)
    world.counted(assembly, 25, first_timers=12)
    world.counted(assembly, 18, gender=Gender.MEN, age_band=AgeBand.OLDER, first_timers=6)
    world.counted(assembly, 2, gender=Gender.OTHER, age_band=AgeBand.YOUNG)
    with world.writing() as session:
        published = queries.published_headcount(session, assembly.id)
    assert (published.total, published.first_timers) == (45, 18)
    assert published.genders.shown == ((Gender.WOMEN, 25),)
    assert published.genders.rest == 20
    assert AgeBand.YOUNG in published.ages.hidden


def test_nobody_counted_is_no_headcount(app, world):
    assembly = world.assembly(world.unit(LevelRole.BLOCK))
    with world.writing() as session:
        assert queries.published_headcount(session, assembly.id) is None


def test_a_folio_typed_any_way_is_found(app, world):
    assembly = world.assembly(world.unit(LevelRole.BLOCK))
    with world.writing() as session:
        for typed in (assembly.folio, assembly.folio.lower(), assembly.folio.replace("-", ""), f" {assembly.folio} "):
            assert queries.assembly_by_folio(session, typed, lock=True).id == assembly.id
        assert queries.assembly_by_folio(session, "AS-NADA-2026-0001") is None
