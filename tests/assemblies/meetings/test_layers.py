"""Assemblies and problems on the map: the reserved ones by months and steps, a draft never (DOMAIN.md 7, docs/adr/0009)."""

from datetime import UTC, datetime, timedelta

from app.core import clock
from models.assembly import AssemblyState as S
from tests.assemblies.meetings.test_reserved import sealed
from tests.factories import TODAY
from tests.territories.layers.asking import at, read, rows


def test_a_block_shows_its_last_assembly_and_no_draft(app, client, world):
    made = world.tree(territories=1, blocks=3)
    first, second, third = made["block"]
    section, now = made["section"][0], clock.now()
    old = world.assembly(section, state=S.HELD, blocks=[first, second], starts_at=now - timedelta(days=40))
    new = world.assembly(section, state=S.CONVENED, blocks=[first])
    world.assembly(section, state=S.DRAFT, blocks=[second, third], title="Todavía en secreto")
    found = rows(app, "assemblies")
    assert {code: row.folio for code, row in found.items()} == {first.code: new.folio, second.code: old.folio}
    assert rows(app, "assemblies", on=TODAY - timedelta(days=1))[first.code].folio == old.folio
    assert set(rows(app, "assemblies", states=frozenset({"held"}))) == {first.code, second.code}
    tile = client.get(f"/tiles/assemblies/{at(12, -99.04, 19.305)}.mvt")
    assert {one["properties"]["folio"] for one in read(tile).values()} == {new.folio, old.folio} and b"secreto" not in tile.data
    assert client.get(f"/tiles/assemblies/{at(12, -99.04, 19.305)}.mvt?state=draft").status_code == 400


def test_reserved_problems_move_by_months_in_tiles_too(app, client, world):
    tree, secret, plain = world.tree(territories=2), world.theme(sensitive=True), world.theme()
    here, there = tree["territory"]
    february = datetime(2026, 2, 10, tzinfo=UTC)
    for problems in (2, 2, 3):
        sealed(world, here, secret, february, problems)
    sealed(world, here, secret, datetime(2026, 3, 2, tzinfo=UTC), 6)
    sealed(world, there, secret, february, 9)
    sealed(world, there, plain, february, 4)
    found = rows(app, "problems")
    assert {code: (row.problems, row.reserved) for code, row in found.items()} == {here.code: (0, 7), there.code: (4, None)}
    assert rows(app, "problems", on=february.date())[here.code].reserved is None
    assert rows(app, "problems", theme_id=secret.id)[there.code].problems == 0
    tile = read(client.get(f"/tiles/problems/{at(8, -99, 19.3)}.mvt?theme={secret.code}"))
    told = {one["properties"]["code"]: one["properties"].get("reserved") for one in tile.values()}
    assert told == {here.code: 7, there.code: None}
