"""Boundaries through the browser: seen before they are written, written once, by a worker that may be somebody else."""

from __future__ import annotations

from shapely import MultiPolygon
from sqlalchemy import func, select

from app.core import jobs
from models import Event, ImportRow, ImportRun, Role, TerritorialUnit
from models.territory import LevelRole
from tests.factories import TODAY
from tests.pages import hidden_fields, text_of
from tests.territories.imports.files import geojson, square

COLUMNS = {"level": "territory", "key": "CVEUT", "name": "NOMUT", "source": "IECM 2022"}


def colonias(path, *more):
    return geojson(path / "colonias.geojson", [
        ({"CVEUT": "07-001", "NOMUT": "San Miguel"}, square(-99.10, 19.30)),
        ({"CVEUT": "07-002", "NOMUT": "Santa Cruz"}, square(-99.09, 19.30)), *more,
    ])  # fmt: skip


def brought(bringing, path, prefix: str = "") -> str:
    """The address of a run whose file was read."""
    answer = bringing.bring("units", path, prefix=prefix)
    assert answer.status_code == 303, text_of(answer)
    bringing.work()
    return answer.location


def matched(bringing, path, *, prefix: str = "", **fields) -> str:
    """The address of a run whose plan was made."""
    run = brought(bringing, path, prefix)
    assert bringing.post(f"{run}/columns", **{**COLUMNS, **fields}).status_code == 303
    bringing.work()
    return run


def codes(world) -> set[str]:
    with world.writing() as session:
        return set(session.scalars(select(TerritorialUnit.code)))


def test_from_the_file_to_the_tree(bringing, world, tmp_path):
    world.unit(LevelRole.ROOT, code="09007", name="Iztapalapa", shape=_shape())
    run = brought(bringing, colonias(tmp_path))
    columns = bringing.browser.get(f"{run}/columns")
    assert "WGS 84" in text_of(columns) and "San Miguel" in text_of(columns)
    assert 'value="CVEUT" selected' in columns.text and 'value="territory" selected' in columns.text, "guessed"
    assert codes(world) == {"09007"}
    assert bringing.post(f"{run}/columns", **COLUMNS).status_code == 303
    assert "En espera de turno" in bringing.says(run)
    bringing.work()
    preview = bringing.browser.get(f"{run}/preview")
    assert "Nuevos: 2" in text_of(preview) and "Se agrega en 09007." in text_of(preview)
    assert "<title>07-001 San Miguel</title>" in preview.text, "on the map"
    assert codes(world) == {"09007"}, "a preview writes nothing"
    assert bringing.post(f"{run}/preview").status_code == 303
    bringing.work()
    assert codes(world) == {"09007", "07-001", "07-002"}
    ended = bringing.says(run)
    assert "Nuevos: 2" in ended and "Dirección de planeación" in ended
    with world.writing() as session:
        event = session.scalars(select(Event).where(Event.kind == "import.applied")).one()
        assert event.data["new"] == 2 and event.data["source"] == "IECM 2022" and event.capacity == {"role": "planning", "body": "PLAN"}
    listed = bringing.says("/staff/import")
    assert "colonias.geojson" in listed and "Terminada" in listed

    again = brought(bringing, colonias(tmp_path))
    assert 'value="IECM 2022"' in bringing.browser.get(f"{again}/columns").text, "remembered for these columns"
    bringing.post(f"{again}/columns", **COLUMNS)
    bringing.work()
    assert "Sin cambios: 2" in bringing.says(f"{again}/preview") and "no hay nada que escribir" in bringing.says(f"{again}/preview")


def test_rejected_rows_block_until_left_out_on_purpose(bringing, world, tmp_path):
    world.unit(LevelRole.ROOT, code="09007", shape=_shape())
    run = matched(bringing, colonias(tmp_path, ({"CVEUT": "07-003", "NOMUT": "Lejos"}, square(-90, 10)), ({"NOMUT": "Nadie"}, square())))
    page = bringing.browser.get(f"{run}/preview")
    assert "2 renglones no se pueden escribir" in text_of(page)
    blocked = bringing.post(f"{run}/preview")
    assert blocked.status_code == 422 and "marque que se dejan fuera" in text_of(blocked) and codes(world) == {"09007"}
    errors = bringing.browser.get(f"{run}/preview?show=rejected&format=csv")
    lines = errors.text.splitlines()
    assert errors.mimetype == "text/csv" and len(lines) == 3 and "07-003" in lines[1] and "No toca ninguna" in lines[1]
    assert bringing.post(f"{run}/preview", skip_rejected="y").status_code == 303
    bringing.work()
    assert codes(world) == {"09007", "07-001", "07-002"}


def test_a_plan_that_is_another_by_now_is_shown_again(bringing, world, tmp_path):
    root = world.unit(LevelRole.ROOT, code="09007", shape=_shape())
    run = matched(bringing, colonias(tmp_path))
    form = hidden_fields(bringing.browser.get(f"{run}/preview"), "/preview")
    world.unit(LevelRole.TERRITORY, parent=root, code="07-001", name="San Miguel", shape=_shape(0.01))
    assert bringing.browser.post(f"{run}/preview", data=form).status_code == 303
    bringing.work()
    said = bringing.says(run)
    assert "otra persona cambió" in said and "Nuevos: 1 · Sin cambios: 1" in said and codes(world) == {"09007", "07-001"}
    old = bringing.browser.post(f"{run}/preview", data={**form, "client_id": "3f2b8c1e-0000-4000-8000-000000000001"})
    assert old.status_code == 409, "nobody confirms what they were not shown"
    bringing.post(f"{run}/preview")
    bringing.work()
    assert codes(world) == {"09007", "07-001", "07-002"}


def test_a_job_cut_off_runs_again_and_one_of_an_earlier_step_ends_without_a_word(bringing, world, tmp_path):
    world.unit(LevelRole.ROOT, code="09007", shape=_shape())
    run = matched(bringing, colonias(tmp_path))
    bringing.post(f"{run}/preview")
    with world.writing() as session:
        kept = session.scalars(select(ImportRun)).one()
        jobs.enqueue(session, "import.write", {"run": kept.id, "version": kept.version})
        jobs.enqueue(session, "import.plan", {"run": kept.id, "version": kept.version - 1})
    bringing.work()
    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(Event).where(Event.kind == "import.applied")) == 1
    assert "Escrito" in bringing.says(run)


def test_columns_that_make_no_plan_come_back_with_the_reason(bringing, world, tmp_path):
    run = matched(bringing, colonias(tmp_path), level="root")
    said = bringing.says(run)
    assert "Arriba de todo va una sola unidad y el archivo trae 2" in said and "Qué es cada columna" in said
    assert bringing.post(f"{run}/columns", **{**COLUMNS, "level": ""}).status_code == 422


def test_left_files_and_rows_are_forgotten(bringing, world, tmp_path, config):
    run = matched(bringing, colonias(tmp_path))
    stored = [path for path in (config.data_dir / "files").rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert bringing.post(f"{run}/preview", f"{run}/discard").status_code == 303
    assert "Descartada" in bringing.says(run) and not stored[0].exists()
    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 0


def test_only_who_may_import_gets_in(world, bringing):
    assert bringing.browser.get("/staff/import").status_code == 200
    official = world.sign_in(world.user(Role.OFFICIAL, unit=world.unit(LevelRole.ROOT)))
    assert official.get("/staff/import").status_code == official.get("/staff/import/new/units").status_code == 403
    assert bringing.browser.get("/staff/import/99").status_code == bringing.browser.get("/staff/import/new/nada").status_code == 404


def _shape(wide: float = 0.05):
    return MultiPolygon([square(-99.10, 19.30, wide)])




def test_the_map_of_the_preview_tells_what_becomes_of_each(bringing, world, tmp_path):
    world.unit(LevelRole.ROOT, code="09007", name="Iztapalapa", shape=_shape())
    first = matched(bringing, colonias(tmp_path, ({"CVEUT": "07-003", "NOMUT": "Aztahuacan"}, square(-99.08, 19.30))))
    bringing.post(f"{first}/preview")
    bringing.work()
    moved = geojson(tmp_path / "colonias.geojson", [
        ({"CVEUT": "07-001", "NOMUT": "San Miguel"}, square(-99.10, 19.30)),
        ({"CVEUT": "07-002", "NOMUT": "Santa Cruz"}, square(-99.09, 19.301)),
        ({"CVEUT": "07-009", "NOMUT": "Nueva"}, square(-99.10, 19.31)),
        ({"CVEUT": "", "NOMUT": "Sin clave"}, square(-99.09, 19.32)),
    ])  # fmt: skip
    run = brought(bringing, moved)
    bringing.post(f"{run}/columns", **COLUMNS)
    bringing.work()
    page = bringing.browser.get(f"{run}/preview")
    legend = text_of(page)
    for words in ("1 nuevas", "1 cambian", "1 sin cambios", "1 no vienen en el archivo", "1 rechazadas", "límite de antes"):
        assert words in legend, words
    assert page.text.count('class="change-map__before"') == 2, "the border that would move, and its legend"


def test_a_unit_that_was_retired_is_not_brought_back(bringing, world, tmp_path):
    root = world.unit(LevelRole.ROOT, code="09007", name="Iztapalapa", shape=_shape())
    gone = world.unit(LevelRole.TERRITORY, parent=root, code="07-002", shape=_shape())
    with world.writing() as session:
        session.get(TerritorialUnit, gone.id).valid_to = TODAY
    says = bringing.says(f"{matched(bringing, colonias(tmp_path))}/preview")
    assert "Rechazados: 1" in says and "se retiró el 14 mar 2026 y las claves no se reúsan" in says
