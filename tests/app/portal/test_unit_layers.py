"""Few liaisons are told neither on a territory's page nor by its tile (DOMAIN.md 7, 001-08)."""

from datetime import timedelta

from app.portal.units.liaisons import liaisons_of
from models import Liaison
from territories.units.queries import find_place
from tests.factories import TODAY
from tests.territories.layers.asking import at, read, rows

COUNTS = (7, 3, 9, 6, 12)


def town(world) -> list[str]:
    """Territories with so many liaisons each; their codes."""
    made = world.tree(territories=len(COUNTS), blocks=1)
    with world.writing() as session:
        for block, count in zip(made["block"], COUNTS, strict=True):
            session.add_all(Liaison(unit_id=block.id, starts_on=TODAY) for _n in range(count))
            session.add(Liaison(unit_id=block.id, starts_on=TODAY + timedelta(days=1)))
    return [one.code for one in made["territory"]]


def test_the_tile_tells_what_the_pages_tell(app, client, world):
    codes = town(world)
    told = {code: row.liaisons for code, row in rows(app, "liaisons").items()}
    with app.extensions["database"].read() as session:
        assert told == {code: liaisons_of(session, find_place(session, code), TODAY) for code in codes}
    # The few, and a neighbour with whom they cannot be subtracted from the total.
    assert [told[code] for code in codes] == [None, None, 9, 6, 12]
    tile = read(client.get(f"/tiles/liaisons/{at(8, -99, 19.3)}.mvt"))
    assert {one["properties"]["code"]: one["properties"].get("liaisons") for one in tile.values()} == told


def test_narrowed_to_one_it_tells_no_more(client, world):
    codes = town(world)
    (alone,) = read(client.get(f"/tiles/liaisons/{at(8, -99, 19.3)}.mvt?unit={codes[1]}")).values()
    assert alone["properties"]["code"] == codes[1] and "liaisons" not in alone["properties"]
