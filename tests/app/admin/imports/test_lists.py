"""The lists of imports cost the same however much they hold, and speak the language of whoever brought the file."""

from __future__ import annotations

from shapely import MultiPolygon
from sqlalchemy import select

from app.admin.imports import services
from app.core import clock
from models import ImportRow, ImportRun
from models.intake import RunState
from models.territory import LevelRole
from tests.app.admin.imports.test_units import colonias, matched
from tests.queries import count_queries
from tests.territories.imports.files import geojson, square


def test_queries_do_not_grow_and_pages_follow_each_other(bringing, world, tmp_path):
    world.unit(LevelRole.ROOT, shape=MultiPolygon([square(-99.10, 19.30, 0.05)]))
    run = matched(bringing, colonias(tmp_path))
    with count_queries(world.app) as few:
        bringing.browser.get("/staff/import")
        bringing.browser.get(f"{run}/preview?show=new")
    with world.writing() as session:
        kept = session.scalars(select(ImportRun)).one()
        row = session.scalars(select(ImportRow)).first()
        session.add_all(
            ImportRow(run_id=kept.id, row=number, outcome="new", told=row.told, repaired=False, ambiguous=False) for number in range(3, 130)
        )
        session.add_all(
            ImportRun(
                kind="units", filename=f"{number}.zip", sha256="0" * 64, options={}, started_by=kept.started_by, created_at=clock.now(),
                state=RunState.DONE,
            )
            for number in range(40)
        )
    with count_queries(world.app) as many:
        bringing.browser.get("/staff/import")
        first = bringing.browser.get(f"{run}/preview?show=new")
    # One more for each list that is no longer on one page: its total is counted.
    assert len(many) <= len(few) + 2 and len(many) <= 24
    assert 'rel="next"' in first.text
    assert len(bringing.browser.get(f"{run}/preview?format=csv").text.splitlines()) == 1 + 129
    assert bringing.browser.get(f"{run}/preview?show=nada").status_code == 400


def test_rows_speak_the_language_of_whoever_brought_the_file(bringing, world, tmp_path):
    world.unit(LevelRole.ROOT)
    far = geojson(tmp_path / "lejos.geojson", [({"CVEUT": "1", "NOMUT": "Lejos"}, square(-90, 10))])
    run = matched(bringing, far, prefix="/en")
    assert "It touches none of the units above" in bringing.says(run.removeprefix("/en")), "whoever looks at it"


def test_what_was_left_for_thirty_days_is_erased(bringing, world, tmp_path, config):
    world.unit(LevelRole.ROOT)
    run = matched(bringing, colonias(tmp_path))
    with world.writing() as session:
        session.scalars(select(ImportRun)).one().created_at -= services.KEPT_FOR * 2
    matched(bringing, geojson(tmp_path / "otro.geojson", [({"CVEUT": "9"}, square())]), name="")
    assert "Descartada" in bringing.says(run)
    assert len([path for path in (config.data_dir / "files").rglob("*") if path.is_file()]) == 1


def test_a_name_leads_nowhere():
    assert services.clean_name("C:\\mapas\\..\\colonias.zip") == "colonias.zip"
    assert services.clean_name("../../etc/.passwd") == "passwd" and services.clean_name("..") == "archivo"
    assert services.clean_name("a" * 300 + ".geojson").endswith("a.geojson") and len(services.clean_name("a" * 300 + ".geojson")) == 100
