"""A public page asks the database at most eight times, the same for a small town and a large one."""

import pytest

from tests.app.portal import scenes
from tests.queries import count_queries


def fill(world, *, blocks: int):
    made = world.tree(territories=2, blocks=blocks)
    owner, theme = world.body(), world.theme()
    for territory in made["territory"]:
        for _n in range(blocks):
            scenes.agreement(world, territory, owner, theme)
            scenes.assembly(world, territory, *made["block"][:blocks])
    return made


@pytest.fixture
def small_and_large(world):
    small = fill(world, blocks=1)
    large = fill(world, blocks=9)
    return small, large


@pytest.mark.parametrize("level", ["root", "territory", "section", "block"])
@pytest.mark.parametrize("page", ["", "?map=kept", "/map?map=kept", "/map", "/agreements", "/feed.atom", "/calendar.ics"])
def test_a_unit(app, client, small_and_large, level, page):
    counts = []
    for made in small_and_large:
        with count_queries(app) as seen:
            assert client.get(f"/t/{made[level][0].code}{page}").status_code == 200
        counts.append(len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]))
    assert counts[0] == counts[1] <= 8, counts


@pytest.mark.parametrize("page", ["/", "/search?q=unidad", "/search?q=zzz 2026 1", "/ledger", "/help", "/open-data/"])
def test_the_portal(app, client, small_and_large, page):
    with count_queries(app) as seen:
        assert client.get(page).status_code in (200, 303)
    assert len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]) <= 8, seen
