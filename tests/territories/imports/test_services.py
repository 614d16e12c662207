"""Importing: what is shown is what is written, whole or not at all, once (invariant 12)."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import pytest
import shapely
from shapely import MultiPolygon
from sqlalchemy import func, select

from app.core.transaction import transaction
from models import Ancestry, TerritorialUnit
from models.ledger import SYSTEM, Event
from models.territory import LevelRole, PastBoundary, UnitKind
from territories.imports.choosing import ImpossibleImport
from territories.imports.queries import load_tree
from territories.imports.reader import Problem, SourceFeature
from territories.imports.services import ImportRequest, RejectedRows, SourceFile, TreeChanged, apply_import, prepare
from territories.units import services as units

TODAY = date(2026, 3, 14)
LATER = date(2026, 6, 1)
ROOT = Path(__file__).resolve().parents[3]


def box(x: float, y: float = 19.3, width: float = 0.01, height: float = 0.01) -> MultiPolygon:
    return MultiPolygon([shapely.box(x, y, x + width, y + height)])


def file(*rows: tuple[str | None, str | None, MultiPolygon | None], name: str = "colonias.geojson") -> SourceFile:
    """(code, name, shape) rows; a row without a shape has a problem."""
    features = tuple(
        SourceFeature(
            number, {"CLAVE": code, "NOMBRE": words}, shape, (), None if shape else Problem("no_geometry", "No trae figura.")
        )
        for number, (code, words, shape) in enumerate(rows, 1)
    )
    return SourceFile(name, hashlib.sha256(repr(rows).encode()).hexdigest(), ("CLAVE", "NOMBRE"), (), features)


MUNICIPALITY = file(("ALC", "Alcaldía", box(-99.1, width=0.04)))
TERRITORIES = file(("t-1", "Uno", box(-99.1)), ("t-2", "Dos", box(-99.09)), ("t-3", "Tres", box(-99.08)))
BLOCKS = file(*((f"m{n}", None, box(-99.1 + n * 0.001, width=0.001)) for n in range(30)))


@pytest.fixture
def bring(app):
    """`bring(given, level, …)` prepares and applies in one go; returns (prepared, written)."""

    def import_it(given: SourceFile, level: str | None = None, *, skip: bool = False, **wishes):
        with app.app_context(), transaction() as session:
            wishes.setdefault("valid_from", None)
            prepared = prepare(
                given, load_tree(session), ImportRequest(level=LevelRole(level) if level else None, **wishes),
                today=TODAY, municipality="Alcaldía de prueba",
            )
            return prepared, apply_import(session, prepared, capacity=SYSTEM, skip_rejected=skip)

    return import_it


@pytest.fixture
def tree(bring):
    bring(MUNICIPALITY, "root")
    bring(TERRITORIES, "territory")
    bring(BLOCKS, "block")


def facts(session) -> dict[str, tuple]:
    unit = TerritorialUnit
    return {row.code: tuple(row) for row in session.execute(select(unit.code, unit.name, unit.parent_id, unit.version, unit.digest))}


class TestWriting:
    def test_three_levels_with_their_paths_and_one_event_a_file(self, world, tree):
        with world.writing() as session:
            assert session.scalar(select(func.count()).select_from(TerritorialUnit)) == 34
            assert session.scalar(select(func.count()).select_from(Ancestry)) == 1 + 3 * 2 + 30 * 3
            assert units.rebuild_ancestry(session) == 0
            events = session.scalars(select(Event).order_by(Event.seq)).all()
            assert [event.kind for event in events] == ["import.applied"] * 3
            told = events[2].data
            assert (told["level"], told["new"], told["sha256"]) == ("block", 30, BLOCKS.sha256)
            codes = "".join(f"{code}\n" for code in sorted(f"m{n}" for n in range(30)))
            assert told["codes_sha256"] == hashlib.sha256(codes.encode()).hexdigest()
            assert events[2].object == f"import:{BLOCKS.sha256}" and events[2].capacity == {"role": "system"}

    def test_areas_names_and_provenance(self, world, tree):
        with world.writing() as session:
            one = session.scalar(select(TerritorialUnit).where(TerritorialUnit.code == "t-1"))
            assert one.name == "Uno" and one.area_m2 == pytest.approx(1_162_500, rel=1e-3)
            assert (one.source, one.valid_from) == ("colonias.geojson", TODAY) and one.short_code
            assert session.scalar(select(TerritorialUnit.name).where(TerritorialUnit.code == "m0")) == "m0"

    def test_done_twice_changes_nothing(self, world, tree, bring):
        with world.writing() as session:
            before, events = facts(session), session.scalar(select(func.count()).select_from(Event))
        for source, level in ((MUNICIPALITY, "root"), (TERRITORIES, "territory"), (BLOCKS, "block")):
            prepared, written = bring(source, level, valid_from=LATER)
            assert not written and len(prepared.plan.unchanged) == len(source.rows)
        with world.writing() as session:
            assert facts(session) == before
            assert session.scalar(select(func.count()).select_from(Event)) == events

    def test_what_changes_keeps_its_history_and_what_is_left_out_stays(self, world, tree, bring):
        wider = file(("t-1", "Uno", box(-99.1, height=0.011)), ("T-2", "Dos bis", box(-99.09)))
        prepared, written = bring(wider, "territory", valid_from=LATER, source="Gaceta 12")
        assert written and prepared.plan.missing == ("t-3",)
        assert {unit.code: unit.differs for unit in prepared.plan.changed} == {"t-1": ("shape",), "t-2": ("name",)}
        with world.writing() as session:
            past = session.scalars(select(PastBoundary)).one()
            assert (past.source, past.valid_from, past.valid_to) == ("colonias.geojson", TODAY, LATER)
            units_now = {unit.code: unit for unit in session.scalars(select(TerritorialUnit))}
            assert (units_now["t-1"].version, units_now["t-1"].source, units_now["t-1"].valid_from) == (2, "Gaceta 12", LATER)
            assert (units_now["t-2"].name, units_now["t-2"].source) == ("Dos bis", "colonias.geojson")
            assert (units_now["t-3"].version, units_now["t-3"].valid_to) == (1, None)
            kinds = session.scalars(select(Event.kind).order_by(Event.seq.desc()).limit(3)).all()
            assert sorted(kinds) == ["import.applied", "unit.boundary_changed", "unit.changed"] and kinds[0] == "import.applied"
        assert not bring(wider, "territory", valid_from=LATER)[1]

    def test_a_level_put_in_between_takes_what_is_imported_again(self, world, tree, bring):
        prepared, _written = bring(file(("s-1", None, box(-99.1)), name="secciones.kml"), "section")
        assert any("no se mueve" in note for note in prepared.notes)
        prepared, _written = bring(BLOCKS, "block")
        assert len(prepared.plan.changed) == 10 and {unit.differs for unit in prepared.plan.changed} == {("parent",)}
        with world.writing() as session:
            assert units.rebuild_ancestry(session) == 0
            assert session.scalar(select(func.max(Ancestry.depth))) == 3


class TestRejected:
    BAD = file(("t-9", "Bien", box(-99.1)), (None, "Sin clave", box(-99.09)), ("t-8", "Sin figura", None))

    def test_one_bad_row_blocks_all(self, world, bring):
        bring(MUNICIPALITY, "root")
        with pytest.raises(RejectedRows):
            bring(self.BAD, "territory")
        with world.writing() as session:
            assert set(facts(session)) == {"ALC"}

    def test_unless_left_out_on_purpose(self, world, bring):
        bring(MUNICIPALITY, "root")
        prepared, written = bring(self.BAD, "territory", skip=True)
        assert written and [row.reason for row in prepared.plan.rejected] == ["no_key", "no_geometry"]
        with world.writing() as session:
            assert set(facts(session)) == {"ALC", "t-9"}
            assert session.scalars(select(Event.data).order_by(Event.seq.desc())).first()["rejected"] == 2

    def test_a_boundary_from_before_the_one_in_force(self, tree, bring):
        with pytest.raises(RejectedRows):
            bring(file(("t-1", "Uno", box(-99.1, height=0.02))), "territory", valid_from=date(2020, 1, 1))

    def test_a_second_root(self, tree, bring):
        with pytest.raises(RejectedRows):
            bring(file(("OTRA", "Otra", box(-99.1))), "root")

    def test_a_key_of_another_level(self, tree, bring):
        rows = ("T-1", None, box(-99.1, width=0.001)), ("m99", None, box(-99.099, width=0.001))
        prepared, _written = bring(file(*rows), "block", skip=True)
        assert [(row.code, row.reason) for row in prepared.plan.rejected] == [("T-1", "repeated_key")]


class TestRoot:
    def test_many_need_one_to_be_chosen_or_a_key_to_be_joined_under(self, world, bring):
        with pytest.raises(ImpossibleImport, match="3"):
            bring(TERRITORIES, "root")
        bring(TERRITORIES, "root", root="CDMX", root_name="Ciudad")
        assert not bring(TERRITORIES, "root", root="CDMX", root_name="Ciudad")[1]
        with world.writing() as session:
            assert [row[:2] for row in facts(session).values()] == [("CDMX", "Ciudad")]
        with pytest.raises(ImpossibleImport, match="CDMX"):
            bring(TERRITORIES, "root", root="OTRA")

    def test_one_row_of_a_file(self, world, bring):
        prepared, _written = bring(TERRITORIES, "root", only=("T-2",))
        assert prepared.plan.missing == ()
        with world.writing() as session:
            assert set(facts(session)) == {"t-2"}

    def test_an_empty_tree_gets_one_over_what_comes_first(self, world, bring):
        prepared, _written = bring(TERRITORIES, "territory", kind=UnitKind.COLONIA)
        assert [unit.code for unit in prepared.plan.new] == ["t-1", "t-2", "t-3"]
        assert any("MUN" in note for note in prepared.notes)
        assert not bring(TERRITORIES, "territory")[1]
        with world.writing() as session:
            assert units.rebuild_ancestry(session) == 0
            assert session.scalars(select(Event.kind).order_by(Event.seq)).all() == ["unit.added", "import.applied"]
            root = session.scalar(select(TerritorialUnit).where(TerritorialUnit.parent_id.is_(None)))
            assert (root.code, root.name) == ("MUN", "Alcaldía de prueba")

    def test_no_root_is_made_for_a_file_where_nothing_can_be_used(self, world, bring):
        bring(file(("a", "A", None)), "territory", skip=True)
        with world.writing() as session:
            assert not facts(session)

    def test_columns_that_are_not_there(self, bring):
        with pytest.raises(ImpossibleImport, match="NOMBRE"):
            bring(TERRITORIES, "territory", key_field="CVE")


class TestAtOnce:
    def test_a_plan_for_a_tree_that_changed_is_not_written(self, world, bring, app):
        bring(MUNICIPALITY, "root")
        with world.writing() as session:
            stale = prepare(TERRITORIES, load_tree(session), ImportRequest(LevelRole.TERRITORY), today=TODAY)
        bring(file(("x", "X", box(-99.1))), "territory")
        with pytest.raises(TreeChanged), app.app_context(), transaction() as session:
            apply_import(session, stale, capacity=SYSTEM)
        with world.writing() as session:
            assert set(facts(session)) == {"ALC", "x"}

    def test_killed_in_the_middle_leaves_nothing(self, world, database_url, tmp_path):
        script = tmp_path / "killed.py"
        script.write_text(
            textwrap.dedent("""
            import os, signal
            from app.config import Config
            from app.core.transaction import transaction
            from app.factory import create_app
            from models.ledger import SYSTEM
            from models.territory import LevelRole
            from territories.imports.queries import load_tree
            from territories.imports.services import ImportRequest, apply_import, prepare
            from tests.territories.imports.test_services import TODAY, box, file

            def until_half(step, done, total):
                if step == "writing" and done:
                    os.kill(os.getpid(), signal.SIGKILL)

            source = file(*((f"m{n}", None, box(-99.1 + n * 0.0001, width=0.0001)) for n in range(1200)))
            with create_app(Config.from_environ()).app_context(), transaction() as session:
                prepared = prepare(source, load_tree(session), ImportRequest(LevelRole.BLOCK), today=TODAY)
                apply_import(session, prepared, capacity=SYSTEM, on_progress=until_half)
            """)
        )
        environ = {key: value for key, value in os.environ.items() if not key.startswith("CUADRA_")}
        environ |= {
            "CUADRA_ENV": "test", "CUADRA_DATABASE_URL": database_url, "CUADRA_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run([sys.executable, str(script)], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == -signal.SIGKILL, done.stderr
        with world.writing() as session:
            assert not facts(session) and session.scalar(select(func.count()).select_from(Event)) == 0
            assert session.scalar(select(func.count()).select_from(Ancestry)) == 0
