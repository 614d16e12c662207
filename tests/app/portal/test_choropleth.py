"""The classes of the drawn maps: whole per cent, none and all by themselves, no data never the lowest."""

import pytest

from app.portal.units.choropleth import Measure, choropleth
from models.territory import LevelRole
from territories.units.queries import Below, Child, Coverage


def child(part: int, of: int, role: LevelRole = LevelRole.TERRITORY) -> Child:
    return Child(part, f"T{part}", "Una", role, "", None, Coverage(part, of))


@pytest.mark.parametrize(
    "met, of, number, percent",
    [
        (0, 0, None, None), (0, 9, 0, 0), (1, 1000, 1, 1), (24, 100, 1, 24), (249, 1000, 1, 24), (25, 100, 2, 25), (50, 100, 3, 50),
        (3, 4, 4, 75), (999, 1000, 4, 99), (7, 7, 5, 100),
    ],
)
def test_numbers_follow_the_legend(met, of, number, percent):
    [area] = choropleth(Below([child(met, of)], Coverage(met, of)), Measure.COVERAGE, {}).areas
    assert (area.entry.number, area.percent) == (number, percent)
    assert area.entry.dashed == (of == 0)


def test_blocks_alone_met_or_did_not():
    blocks = [child(1, 1, LevelRole.BLOCK), child(0, 1, LevelRole.BLOCK)]
    drawn = choropleth(Below(blocks, Coverage(1, 2)), Measure.COVERAGE, {})
    assert drawn.only_blocks and [str(row.label) for row in drawn.legend] == ["aún no", "ya se reunió"]
    assert [area.entry.label for area in drawn.areas] == [row.label for row in reversed(drawn.legend)]
    mixed = choropleth(Below([*blocks, child(2, 4)], Coverage(3, 6)), Measure.COVERAGE, {})
    assert not mixed.only_blocks and len(mixed.legend) == 7, "classes stay, whatever falls into them today"
