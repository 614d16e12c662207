"""Which blocks have met, on the map: what it says of a block is what the block's own page says (001-07)."""

from datetime import timedelta

import pytest

from app.core import clock
from models import Role, Setting
from models.assembly import AssemblyState as S
from models.assembly import Gathered
from tests.factories import TODAY
from tests.territories.layers.asking import at, read, rows


@pytest.fixture
def blocks(world):
    made = world.tree(territories=1, blocks=5)
    never, convened, met, old, draft = made["block"]
    section, now = made["section"][0], clock.now()
    world.assembly(section, state=S.CONVENED, blocks=[convened])
    world.assembly(section, state=S.CANCELLED, blocks=[never])
    world.assembly(section, state=S.HELD, blocks=[met], starts_at=now - timedelta(days=10))
    world.assembly(section, state=S.CLOSED, blocks=[met], starts_at=now - timedelta(days=400))
    world.assembly(section, state=S.HELD, blocks=[old], starts_at=now - timedelta(days=366))
    world.assembly(section, state=S.DRAFT, blocks=[draft])
    return made


def test_a_block_is_as_it_stands(app, blocks):
    never, convened, met, old, draft = (one.code for one in blocks["block"])
    found = rows(app, "coverage")
    assert {code: row.coverage for code, row in found.items()} == {
        never: Gathered.NEVER, convened: Gathered.CONVENED, met: Gathered.MET, old: Gathered.LONG_AGO, draft: Gathered.NEVER,
    }
    assert found[met].times == 2 and found[never].times == 0
    (territory,) = rows(app, "coverage-territories").values()
    assert (territory.met, territory.of, territory.percent) == (2, 5, 40)


def test_and_as_it_stood_on_a_day(app, blocks):
    _never, _convened, met, old, _draft = (one.code for one in blocks["block"])
    before = rows(app, "coverage", on=TODAY - timedelta(days=11))
    assert before[met].coverage == Gathered.LONG_AGO and before[old].coverage == Gathered.MET
    (territory,) = rows(app, "coverage-territories", on=TODAY - timedelta(days=380)).values()
    assert (territory.met, territory.of, territory.percent) == (1, 5, 20)
    assert {row.coverage for row in rows(app, "coverage", on=TODAY - timedelta(days=500)).values()} == {Gathered.NEVER}


def test_long_ago_is_what_the_municipality_says(app, world, client, blocks):
    old = blocks["block"][3].code
    before = client.get("/tiles/coverage.json").json["tiles"]
    with world.writing() as session:
        session.add(Setting(key="met_long_ago_days", value=380, updated_at=clock.now()))
    assert rows(app, "coverage")[old].coverage == Gathered.MET
    assert client.get("/tiles/coverage.json").json["tiles"] != before


def test_what_waits_is_for_who_oversees(app, client, world, blocks):
    never, _convened, _met, old, draft = blocks["block"]
    address = f"/tiles/waiting-blocks/{at(12, -99.03, 19.305)}.mvt"
    for hidden in (address, "/tiles/waiting-blocks.json"):
        answer = client.get(hidden)
        assert answer.status_code == 404 and answer.json == client.get(hidden.replace("waiting-blocks", "nothing")).json
    promoter = world.sign_in(world.user(Role.PROMOTER, unit=blocks["root"][0]))
    assert promoter.get(address).status_code == 404
    lead = world.sign_in(world.user(Role.LEAD, unit=blocks["root"][0]))
    answer = lead.get(address)
    found = {one["properties"]["code"]: one["properties"] for one in read(answer).values()}
    assert set(found) == {never.code, old.code, draft.code} and found[draft.code]["drafts"] == 1
    described = lead.get("/tiles/waiting-blocks.json")
    version = described.json["tiles"][0].split("v=")[1]
    for one in (answer, described, lead.get(f"{address}?v={version}")):
        assert one.headers["Cache-Control"] in ("private, no-store", "no-store") and "Access-Control-Allow-Origin" not in one.headers
    assert client.get(f"{address}?v={version}").status_code == 404, "what one may see is not kept for another"
