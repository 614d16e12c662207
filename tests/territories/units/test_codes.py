"""What other systems call a unit."""

from __future__ import annotations

from sqlalchemy import select

from models import TerritorialUnit
from models.ledger import SYSTEM
from models.territory import LevelRole
from territories.imports import services as imports
from territories.imports.queries import load_tree
from territories.units import codes
from territories.units.queries import find_place
from tests.factories import TODAY
from tests.territories.imports.files import geojson, square
from tests.territories.units.test_reshape import land


def test_the_open_civic_data_id_says_where_it_lies():
    path = [(LevelRole.ROOT, "09007"), (LevelRole.TERRITORY, "07-001"), (LevelRole.BLOCK, "B.12_A")]
    assert codes.ocd_id("ocd-division/country:mx", path) == (
        "ocd-division/country:mx/municipality:09007/territory:07-001/block:b.12_a"
    )


def test_each_unit_by_its_place(world):
    made = world.tree(territories=1, blocks=1)
    with world.writing() as session:
        ids = dict(codes.ocd_ids(session))
        block = made["block"][0].code
        place = find_place(session, block)
        assert ids[block] == codes.ocd_id("ocd-division/country:mx", place.path)
        assert ids[block].startswith(f"{ids[made['section'][0].code]}/block:")
        assert len(ids) == len(set(ids.values())) == 5


def test_an_import_keeps_what_its_source_calls_them(world, tmp_path):
    world.unit(LevelRole.ROOT, code="R", shape=land(0, 0, 4, 4))
    path = geojson(tmp_path / "u.geojson", [({"CVEUT": "07-001", "NOMUT": "San Miguel"}, square(-99.10, 19.30))])

    def bring(source: str) -> None:
        with world.writing() as session:
            request = imports.ImportRequest(level=LevelRole.TERRITORY, source=source)
            prepared = imports.prepare(imports.read_file(path), load_tree(session), request, today=TODAY)
            imports.apply_import(session, prepared, capacity=SYSTEM)

    bring("IECM 2022")
    path = geojson(tmp_path / "u.geojson", [({"CVEUT": "07-001", "NOMUT": "San Miguel Arcángel"}, square(-99.10, 19.301))])
    bring("IECM 2025")
    with world.writing() as session:
        unit = session.scalars(select(TerritorialUnit).where(TerritorialUnit.code == "07-001")).one()
        assert codes.keys_of(session, unit.id) == [("IECM 2022", "07-001"), ("IECM 2025", "07-001")]
        assert session.scalar(select(codes.source_key()).select_from(TerritorialUnit).where(TerritorialUnit.id == unit.id)) == "07-001"
