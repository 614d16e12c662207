"""``cuadra import-…`` of tables as an operator meets it; the real exports where they are at hand (001-04, 001-16)."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from app.cli import cuadra
from app.core.search import fold
from models import Agreement, Assembly, Body, Event
from models.agreement import AgreementState, Origin
from models.assembly import AssemblyState
from models.ledger import entry_hash
from tests.territories.imports.files import real_data

DATA = real_data()
KEYS = ["new", "changed", "unchanged", "missing", "repaired", "ambiguous", "rejected", "skipped", "unmapped", "written", "counts"]
BODIES = "Siglas,Nombre,Orden\nOBRAS,Dirección de Obras,alcaldía\nAGUA,Sistema de Aguas,ciudad\n"
DISTRICTS = (
    "Ciutat Vella", "Eixample", "Gràcia", "Horta-Guinardó", "Les Corts", "Nou Barris", "Sant Andreu", "Sant Martí", "Sants-Montjuïc",
    "Sarrià-Sant Gervasi",
)


@pytest.fixture
def run(database_url, tmp_path, monkeypatch):
    """`run("import-bodies", FILE, …)` calls the command in this process."""
    monkeypatch.setenv("CUADRA_ENV", "test")
    monkeypatch.setenv("CUADRA_DATABASE_URL", database_url)
    monkeypatch.setenv("CUADRA_DATA_DIR", str(tmp_path / "data"))

    def call(*arguments: object) -> Result:
        done = CliRunner().invoke(cuadra, [str(one) for one in arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return call


@pytest.fixture
def bodies(tmp_path):
    path = tmp_path / "instancias.csv"
    path.write_text(BODIES)
    return path


def count(world, thing) -> int:
    with world.writing() as session:
        return session.scalar(select(func.count()).select_from(thing))


def test_shown_written_and_done_twice_changes_nothing(run, world, bodies):
    trial = run("import-bodies", bodies, "--dry-run")
    assert trial.exit_code == 0 and "nuevos: 2" in trial.stdout and "renglón 2 · OBRAS" in trial.stdout and count(world, Body) == 0
    done = run("import-bodies", bodies)
    assert done.exit_code == 0 and "Escrito." in done.stdout and "Leyendo" in done.stderr and count(world, Body) == 2
    answer = json.loads(run("import-bodies", bodies, "--json").stdout)
    assert list(answer) == KEYS and answer["unchanged"] == ["OBRAS", "AGUA"] and answer["written"] is False
    world.theme()
    events = count(world, Event)
    run("import-bodies", bodies)
    assert count(world, Event) == events


def test_rejected_rows_block_until_they_are_left_out_on_purpose(run, world, bodies, tmp_path):
    bodies.write_text(BODIES + "PLANETA,Otra,planeta\n")
    errors = tmp_path / "errores.csv"
    blocked = run("import-bodies", bodies, "--errors", errors)
    assert blocked.exit_code == 1 and "--skip-rejected" in blocked.stdout and "planeta" in blocked.stdout and count(world, Body) == 0
    (row,) = csv.DictReader(io.StringIO(errors.read_text("utf-8-sig")))
    assert (row["renglon"], row["columna"], row["motivo"]) == ("4", "Orden", "not_a_choice")
    skipped = run("import-bodies", bodies, "--skip-rejected", "--json")
    assert skipped.exit_code == 1 and json.loads(skipped.stdout)["written"] is True and count(world, Body) == 2


def test_people_who_came_in_are_invited_once(run, world, tmp_path):
    world.tree()
    path, links, preview = tmp_path / "personas.csv", tmp_path / "enlaces.csv", tmp_path / "vista.csv"
    path.write_text("ID,Nombre,Correo,Cargo,Unidad\n1,Ana Ruiz,ana@example.org,promotora,U003\n2,Eva Gil,,promotora,U003\n")
    done = run("import-people", path, "--invitations", links, "--preview", preview)
    assert done.exit_code == 0 and "1 invitaciones" in done.stderr and "Ana" not in done.output + preview.read_text("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(links.read_text("utf-8-sig")))
    assert row["correo"] == "ana@example.org" and "/account/activate/" in row["enlace"] and links.stat().st_mode & 0o077 == 0
    assert [line.split(",")[2] for line in preview.read_text("utf-8-sig").splitlines()[1:]] == ["new", "new"]
    path.write_text(path.read_text() + "3,Pío Sol,pio@example.org,promotor,U003\n")
    run("import-people", path, "--invitations", links)
    assert "ana@" not in links.read_text() and "pio@" in links.read_text()


def test_columns_said_once_are_remembered(run, world, tmp_path):
    path = tmp_path / "raro.csv"
    path.write_text("C=1;N;X\nOBRAS;Obras;algo\n", "latin-1")
    assert run("import-bodies", path).exit_code == 2
    said = ("--map", "C=1=code", "--map", "N=name", "--constant", "level=alcaldía", "--source", "Padrón")
    assert run("import-bodies", path, *said).exit_code == 0
    path.write_text("C=1;N;X\nOBRAS;Obras;algo\nAGUA;Aguas;\n")
    assert json.loads(run("import-bodies", path, "--json").stdout)["new"] == ["AGUA"]


def test_a_template_filled_in_is_read_back(run, world, tmp_path):
    path = tmp_path / "plantilla.csv"
    path.write_bytes(run("import-bodies", "--template").stdout_bytes)
    assert run("import-bodies", path).exit_code == 0 and count(world, Body) == 1


def test_what_is_asked_wrong_is_one_sentence_and_exit_2(run, bodies, tmp_path):
    for arguments, words in (
        (["nada.csv"], "nada.csv"), ([], "archivo"), ([bodies, "--map", "Nombre"], "NOMBRE=VALOR"),
        ([bodies, "--map", "Otra=name"], "Otra"),
        ([bodies, "--constant", "color=rojo"], "color"), ([bodies, "--constant", "level=planeta"], "planeta"),
    ):
        wrong = run("import-bodies", *arguments)
        assert wrong.exit_code == 2 and words in wrong.stderr, wrong.stderr
    (tmp_path / "roto.xlsx").write_bytes(b"PK\x03\x04roto")
    broken = run("import-bodies", tmp_path / "roto.xlsx", "--json")
    assert broken.exit_code == 1 and json.loads(broken.stdout)["rejected"][0]["reason"] == "broken"


@pytest.mark.parametrize("kind", ["bodies", "people", "assemblies", "agreements"])
def test_help_names_every_field(run, kind):
    told = run(f"import-{kind}", "--help").stdout
    assert "external_id" in told and f"cuadra import-{kind} --template" in told


@pytest.fixture
def barcelona(world):
    """Its ten districts as territories, two bodies and a theme per category: what a borough would have made first."""
    with world.writing():
        root = world.unit("root", code="BCN", name="Barcelona")
        for number, name in enumerate(DISTRICTS, 1):
            world.unit("territory", parent=root, code=f"D{number:02d}", name=name)
        world.body("AJUNTAMENT", name="Ajuntament")
        for name in ("Bon viure", "Economia plural", "Justícia global", "Bon govern", "Transició ecològica"):
            world.theme(fold(name).replace(" ", "-")).name_es = name
        return [f"D{number:02d}" for number in range(1, 11)]


@pytest.mark.real_data
@pytest.mark.skipif(DATA is None, reason="the real exports are not beside this checkout")
def test_real_meetings_come_in_as_past_assemblies(run, world, barcelona):
    path = DATA / "exports/decidim-barcelona_meetings.csv"
    trial = json.loads(run("import-assemblies", path, "--source", "Decidim", "--dry-run", "--json").stdout)
    assert trial["counts"] | {"repaired": 0} == {
        "new": 284, "changed": 0, "unchanged": 0, "ambiguous": 0, "rejected": 126, "missing": 0, "repaired": 0, "skipped": 0,
    }  # fmt: skip
    assert {(row["reason"], row["field"]) for row in trial["rejected"]} == {("missing", "unit")}
    assert trial["unmapped"] == ["Categoria", "Subcategoria", "Propostes", "Intervencions", "URL"]
    done = run("import-assemblies", path, "--source", "Decidim", "--constant", "unit=D01", "--constant", "kind=territorio")
    assert done.exit_code == 0, done.stdout
    with world.writing() as session:
        found = session.scalars(select(Assembly)).all()
        assert len(found) == 410 and {row.state for row in found} == {AssemblyState.HELD}
        assert sum(1 for row in found if row.told_headcount is None) >= 22
        assert not any("\t" in row.title + row.place or "\n" in row.title for row in found)
        assert session.scalars(select(Assembly.place).where(Assembly.title == "Comerç viu")).first() == "La Rambla, 99, Barcelona, Espanya"
    again = json.loads(run("import-assemblies", path, "--json").stdout)
    assert again["counts"]["unchanged"] == 410 and not again["written"]


@pytest.mark.real_data
@pytest.mark.skipif(DATA is None, reason="the real exports are not beside this checkout")
def test_real_action_plans_come_in_as_proposed_agreements(run, world, barcelona):
    path = DATA / "exports/decidim-barcelona_action_plans.csv"
    said = ("--source", "Decidim", "--constant", "owner=AJUNTAMENT", "--constant", "due=2026-12-31")
    trial = json.loads(run("import-agreements", path, *said, "--dry-run", "--json").stdout)
    assert (trial["counts"]["new"], trial["counts"]["rejected"], len(trial["repaired"])) == (1106, 361, 871)
    assert {(row["reason"], row["field"]) for row in trial["rejected"]} == {("missing", "unit")}
    done = run("import-agreements", path, *said, "--constant", "unit=D01")
    assert done.exit_code == 0, done.stdout
    with world.writing() as session:
        found = session.scalars(select(Agreement)).all()
        assert len(found) == 1467 and {(row.state, row.origin) for row in found} == {(AgreementState.PROPOSED, Origin.IMPORT)}
        assert len({row.theme_id for row in found}) == 5
        assert not any("<div" in row.text or "<br" in row.text or "</" in row.text or "&nbsp" in row.text for row in found)
        chain = session.scalars(select(Event).order_by(Event.seq)).all()
        assert all(entry_hash(event.public()) == event.hash for event in chain)
    assert json.loads(run("import-agreements", path, "--json").stdout)["counts"]["unchanged"] == 1467


def test_values_by_name_are_settled_on_the_command_line(run, world, tmp_path):
    made = world.tree(territories=2)
    world.indicator("poblacion")
    path = tmp_path / "poblacion.csv"
    path.write_text(f"clave,colonia,pob_2020\n{made['territory'][0].code},,10\n,Las Peñas,20\n")
    refused = run("import-indicators", path, "--constant", "indicator=poblacion", "--json")
    assert refused.exit_code == 1 and json.loads(refused.stdout)["ambiguous"][0]["row"] == 3
    second = made["territory"][1].code
    done = run("import-indicators", path, "--constant", "indicator=poblacion", "--settle", f"Las Peñas={second}", "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["new"] == [f"poblacion:{one.code}:2020" for one in made["territory"]]
    unknown = run("import-indicators", path, "--constant", "indicator=poblacion", "--settle", "Las Peñas=NADA")
    assert unknown.exit_code == 2 and "NADA" in unknown.stderr
