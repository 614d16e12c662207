"""A table through the browser: encrypted while it waits, its columns remembered, its rows told one by one."""

from __future__ import annotations

from sqlalchemy import select

from models import Body, Event, ImportRow, ImportRun, Role
from models.body import GovernmentLevel
from tests.pages import text_of

BODIES = "CVE;Nombre de la instancia;Observaciones\nOBRAS;Obras y Servicios;calle\nAGUA;Sistema de Aguas;\nOBRAS;Otra vez;\n"


def bodies(world) -> set[str]:
    with world.writing() as session:
        return set(session.scalars(select(Body.code)))


def written(bringing, tmp_path, text: str, **said) -> str:
    (tmp_path / "areas.csv").write_text(text, encoding="utf-8")
    run = bringing.bring("bodies", tmp_path / "areas.csv").location
    bringing.work()
    answer = bringing.post(f"{run}/columns", **said)
    assert answer.status_code == 303, text_of(answer)
    bringing.work()
    return run


def test_from_the_list_to_the_bodies(admin, world, tmp_path, config):
    (tmp_path / "areas.csv").write_text(BODIES, encoding="utf-8")
    run = admin.bring("bodies", tmp_path / "areas.csv").location
    stored = [path for path in (config.data_dir / "files").rglob("*") if path.is_file()]
    assert len(stored) == 1 and b"Aguas" not in stored[0].read_bytes(), "lists may hold names: encrypted while they wait"
    admin.work()
    page = admin.browser.get(f"{run}/columns")
    assert 'value="CVE" selected' in page.text and 'value="Nombre de la instancia" selected' in page.text, "guessed"
    said = {"column-code": "CVE", "column-name": "Nombre de la instancia", "source": "Organigrama"}
    refused = admin.post(f"{run}/columns", **said)
    assert refused.status_code == 422 and "Diga de qué columna sale «Nivel»" in text_of(refused)
    assert admin.post(f"{run}/columns", **said, **{"column-level": "CVE"}).status_code == 422, "one column, one datum"
    assert admin.post(f"{run}/columns", **said, **{"constant-level": "alcaldía"}).status_code == 303
    admin.work()
    preview = admin.browser.get(f"{run}/preview")
    assert "Nuevos: 1 · Rechazados: 2" in text_of(preview) and "Dice lo mismo que los renglones 2, 4" in text_of(preview)
    assert "No se usaron estas columnas: Observaciones" in text_of(preview)
    assert admin.post(f"{run}/preview").status_code == 422 and "AGUA" not in bodies(world)
    assert admin.post(f"{run}/preview", skip_rejected="y").status_code == 303
    admin.work()
    assert "AGUA" in bodies(world) and "OBRAS" not in bodies(world)
    assert admin.browser.get("/admin/bodies").status_code == 200 and 'href="/admin/bodies"' in admin.browser.get(run).text
    assert "Nuevos: 1" in admin.says(run) and not stored[0].exists(), "the file is erased once it is written"
    with world.writing() as session:
        event = session.scalars(select(Event).where(Event.kind == "import.applied")).one()
        assert event.data["table"] == "bodies" and event.capacity["role"] == "admin"
        assert all(b"Aguas" not in told for told in session.scalars(select(ImportRow.told)))

    again = written(admin, tmp_path, BODIES.replace("OBRAS;Otra vez;\n", ""))
    with world.writing() as session:
        options = session.scalars(select(ImportRun.options).order_by(ImportRun.id.desc())).first()
    assert options["source"] == "Organigrama" and options["constants"] == {"level": "alcaldía"}, "remembered"
    assert "Nuevos: 1 · Sin cambios: 1" in admin.says(again)


def test_what_changed_since_the_preview_is_shown_again(admin, world, tmp_path):
    run = written(admin, tmp_path, "clave,nombre,nivel\nAGUA,Sistema de Aguas,ciudad\n")
    world.body("AGUA", name="Aguas", level=GovernmentLevel.CITY)
    admin.post(f"{run}/preview")
    admin.work()
    said = admin.says(run)
    assert "otra persona cambió" in said and "Cambian: 1" in said


def test_a_kind_is_for_whoever_may_bring_it(world, bringing, tmp_path):
    """Planning brings boundaries and history; who holds which role is for administration alone."""
    page = bringing.says("/staff/import")
    assert "Asambleas anteriores" in page and "Personas y cargos" not in page
    assert bringing.browser.get("/staff/import/new/people").status_code == 403
    assert bringing.browser.get("/staff/import/new/assemblies/template").text.startswith("\ufeff")
    assert world.sign_in(world.user(Role.AREA, body=world.body())).get("/staff/import").status_code == 403
