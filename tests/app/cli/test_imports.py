"""``cuadra import-units`` as an operator meets it; the real files where they are at hand (001-01, 001-02)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text

from app.cli import cuadra
from models import Level, TerritorialUnit
from models.territory import LevelRole
from territories.units import services as units
from tests.app.cli.test_operations import ROOT
from tests.territories.imports.files import geojson, real_data, shapefile

DATA = real_data()
KEYS = ["new", "changed", "unchanged", "missing", "repaired", "ambiguous", "rejected", "written"]


@pytest.fixture
def run(database_url, tmp_path, monkeypatch):
    """`run("FILE", …)` calls `cuadra import-units` in this process."""
    monkeypatch.setenv("CUADRA_ENV", "test")
    monkeypatch.setenv("CUADRA_DATABASE_URL", database_url)
    monkeypatch.setenv("CUADRA_DATA_DIR", str(tmp_path / "data"))

    def call(*arguments: object) -> Result:
        done = CliRunner().invoke(cuadra, ["import-units", *map(str, arguments)])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return call


@pytest.fixture
def borough(tmp_path) -> Path:
    return geojson(tmp_path / "alcaldia.geojson", [({"CLAVE": "ALC", "NOMBRE": "Alcaldía"}, shapely.box(-99.1, 19.3, -99.0, 19.4))])


@pytest.fixture
def colonias(tmp_path) -> Path:
    strips = [shapely.box(-99.1 + n / 100, 19.3, -99.09 + n / 100, 19.4) for n in range(4)]
    rows = [({"CLAVE": f"07-{n:03d}", "NOMBRE": f"Colonia {n}"}, strip) for n, strip in enumerate(strips)]
    return geojson(tmp_path / "colonias.geojson", rows)


@pytest.fixture
def faulty(tmp_path) -> Path:
    rows = [
        ({"CLAVE": "07-001"}, shapely.box(-99.1, 19.3, -99.09, 19.31)), ({"CLAVE": None}, shapely.box(-99.05, 19.3, -99.04, 19.31)),
        ({"CLAVE": "07-003"}, None), ({"CLAVE": "07-004"}, shapely.box(-90, 19.3, -89.9, 19.31)),
        ({"CLAVE": "07-005"}, shapely.Polygon([(-99.09, 19.3), (-99.08, 19.31), (-99.08, 19.3), (-99.09, 19.31)])),
    ]  # fmt: skip
    return geojson(tmp_path / "con-faltas.geojson", rows)


def codes(world) -> set[str]:
    with world.writing() as session:
        return set(session.scalars(select(TerritorialUnit.code)))


def test_shows_writes_and_done_twice_changes_nothing(run, world, borough, colonias):
    assert run(borough, "--level", "root").exit_code == 0
    done = run(colonias, "--level", "territory")
    assert done.exit_code == 0 and "nuevas: 4" in done.stdout and "Escrito." in done.stdout
    assert "Leyendo" in done.stderr and "Leyendo" not in done.stdout
    assert codes(world) == {"ALC", "07-000", "07-001", "07-002", "07-003"}
    again = run(colonias, "--json")
    answer = json.loads(again.stdout)
    assert again.exit_code == 0 and len(answer["unchanged"]) == 4 and not answer["new"] and answer["written"] is False


def test_the_answer_for_machines(run, world, borough, faulty):
    run(borough, "--level", "root")
    done = run(faulty, "--level", "territory", "--json")
    answer = json.loads(done.stdout)
    assert done.exit_code == 1 and list(answer) == KEYS and answer["written"] is False
    assert {(row["row"], row["code"], row["reason"]) for row in answer["rejected"]} == {
        (2, None, "no_key"), (3, "07-003", "no_geometry"), (4, "07-004", "outside"),
    }  # fmt: skip
    assert [one["code"] for one in answer["repaired"]] == ["07-005"]
    assert codes(world) == {"ALC"}


def test_rejected_rows_block_until_they_are_left_out_on_purpose(run, world, borough, faulty):
    run(borough, "--level", "root")
    blocked = run(faulty, "--level", "territory")
    assert blocked.exit_code == 1 and "--skip-rejected" in blocked.stdout and "renglón 3, 07-003" in blocked.stdout
    assert codes(world) == {"ALC"}
    skipped = run(faulty, "--level", "territory", "--skip-rejected", "--json")
    assert skipped.exit_code == 1 and json.loads(skipped.stdout)["written"] is True
    assert codes(world) == {"ALC", "07-001", "07-005"}


def test_a_trial_of_several_files_goes_on_from_one_to_the_next_and_writes_nothing(run, world, borough, colonias):
    done = run(f"root={borough}", f"territory={colonias}", "--dry-run", "--json")
    assert [len(one["new"]) for one in json.loads(done.stdout)] == [1, 4] and done.exit_code == 0
    assert codes(world) == set()
    assert run(borough, colonias).exit_code == 0 and len(codes(world)) == 5


def test_a_file_without_a_system_of_coordinates_is_refused_whole(run, tmp_path):
    done = run(shapefile(tmp_path, [({"CLAVE": "a"}, shapely.box(-99.1, 19.3, -99.0, 19.4))], without=[".prj"]), "--json")
    (row,) = json.loads(done.stdout)["rejected"]
    assert done.exit_code == 1 and row["reason"] == "no_crs" and row["row"] is None and ".prj" in row["message"]


def test_what_is_asked_wrong_is_one_sentence_and_exit_2(run, world, borough, colonias, tmp_path):
    for arguments, words in (
        ([tmp_path / "nada.geojson"], "nada.geojson"),
        ([], "FILE"),
        ([colonias, "--level", "barrio"], "barrio"),
        ([f"barrio={colonias}"], "barrio"),
        ([colonias, "--level", "territory", "--key", "CVE"], "CVE"),
        ([colonias, "--level", "territory", "--name", "NOM"], "NOM"),
        ([colonias, "--level", "root"], "4"),
        ([colonias, "--level", "root", "--only", "07-999"], "07-999"),
        ([colonias, "--level", "root", "--root", "con espacio"], "con espacio"),
        ([colonias, "--valid-from", "ayer"], "ayer"),
    ):
        done = run(*arguments)
        assert done.exit_code == 2 and words in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert codes(world) == set()


def test_the_help_says_what_to_type(run):
    done = run("--help")
    assert done.exit_code == 0
    for option in ("--dry-run", "--skip-rejected", "--json", "--level", "--only", "--root", "--source", "--valid-from"):
        assert option in done.stdout


def test_two_at_once_write_it_once(run, world, database_url, tmp_path, borough, colonias):
    run(borough, "--level", "root")
    command = [sys.executable, "-m", "app.cli", "import-units", str(colonias), "--level", "territory", "--json"]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _one in range(2)]
    answers = []
    for process in both:
        out, complaints = process.communicate(timeout=120)
        assert process.returncode == 0, complaints
        answers.append(json.loads(out))
    assert sorted((len(one["new"]), len(one["unchanged"])) for one in answers) == [(0, 4), (4, 0)]
    assert len(codes(world)) == 5


@pytest.mark.real_data
@pytest.mark.skipif(DATA is None, reason="the real files are not beside the checkout")
class TestRealFiles:
    """Each of a level's partitions in an instance of its own."""

    @pytest.fixture
    def answer(self, run):
        def ask(name: str, *arguments: str, exit_code: int = 0) -> dict:
            done = run(DATA / "gis" / name, *arguments, "--json")
            assert done.exit_code == exit_code, done.output[-2000:]
            return json.loads(done.stdout)

        return ask

    @pytest.fixture
    def root(self, answer):
        assert answer("limite-de-las-alcaldias_cdmx.geojson", "--level", "root", "--only", "09007")["new"] == ["09007"]

    def sound(self, world, expected: dict[str, int]) -> None:
        with world.writing() as session:
            counts = select(Level.role, func.count()).join(TerritorialUnit, TerritorialUnit.level_id == Level.id).group_by(Level.role)
            assert {str(role): count for role, count in session.execute(counts)} == expected
            assert units.rebuild_ancestry(session) == 0
            if session.get_bind().dialect.name == "sqlite":
                assert session.scalar(text("SELECT CheckSpatialIndex('territorial_unit', 'geom')")) == 1

    def test_134_quadrants_as_territories(self, root, answer, world):
        name = "cuadrantes_iztapalapa_134.geojson"
        assert len(answer(name, "--level", "territory")["new"]) == 134
        assert len(answer(name)["unchanged"]) == 134
        self.sound(world, {"root": 1, "territory": 134})

    def test_293_units_458_areas_and_14_394_blocks(self, root, answer, world):
        name = "colonias_iztapalapa_293.geojson"
        blocked = answer(name, "--level", "territory", exit_code=1)
        assert {(row["code"], row["reason"]) for row in blocked["rejected"]} == {
            ("07-010", "outside"), ("07-208", "outside"), ("07-209", "outside"),
        }  # fmt: skip
        assert not blocked["written"] and codes(world) == {"09007"}
        assert answer(name, "--level", "territory", "--kind-from-name", "--skip-rejected", exit_code=1)["written"]
        areas = answer("ageb_iztapalapa_458.geojson", "--level", "section")
        assert len(areas["new"]) == 458 and areas["ambiguous"]
        blocks = "manzanas_SINTETICAS_voronoi_iztapalapa.gpkg"
        assert len(answer(blocks, "--level", "block")["new"]) == 14_394
        assert len(answer(blocks)["unchanged"]) == 14_394
        self.sound(world, {"root": 1, "territory": 290, "section": 458, "block": 14_394})

    def test_the_whole_city_in_metres_under_a_root_of_its_boroughs(self, answer, world):
        answer("limite-de-las-alcaldias_cdmx.geojson", "--level", "root", "--root", "CDMX", "--root-name", "Ciudad de México")
        city = answer("colonias_iecm2022_utm14.shp.zip", "--level", "territory", "--skip-rejected", "--dry-run", exit_code=1)
        assert {row["reason"] for row in city["rejected"]} == {"outside"} and len(city["new"]) + len(city["rejected"]) == 1_814
        assert {one["code"] for one in city["repaired"]} == {"03-039", "09-008", "12-020", "12-158", "13-028"}

    def test_the_whole_city_in_metres_alone(self, answer, world):
        name = "colonias_iecm2022_utm14.shp.zip"
        arguments = ("--level", "territory", "--root", "CDMX", "--root-name", "Ciudad de México")
        assert len(answer(name, *arguments)["new"]) == 1_814
        assert len(answer(name, *arguments)["unchanged"]) == 1_814
        self.sound(world, {"root": 1, "territory": 1_814})
        with world.writing() as session:
            names = select(TerritorialUnit.name).join(Level, Level.id == TerritorialUnit.level_id).where(Level.role == LevelRole.ROOT)
            assert session.scalar(names) == "Ciudad de México"

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("manzanas_puntos_cdmx_SIN_DBF.shp.zip", "no_geometry"), ("colonias_fgj_nombres_simplificadas.geojson", "no_key"),
            ("cuadrantes_2016.topojson", "no_crs"),
        ],
    )
    def test_what_cannot_be_imported(self, run, world, name, reason):
        done = run(DATA / "hard" / name, "--level", "territory", "--json")
        answer = json.loads(done.stdout)
        assert done.exit_code == 1 and {row["reason"] for row in answer["rejected"]} == {reason} and not answer["written"]
        assert codes(world) == set()
