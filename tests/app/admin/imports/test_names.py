"""Names of a table that nobody could tell: asked on a page, remembered, never guessed (001-43)."""

from sqlalchemy import select

from models import Event, IndicatorValue
from models.territory import LevelRole
from tests.pages import text_of

TABLE = "colonia,pob_2020\nBarrio San Pablo,100\nXalpa,200\nCentral de Abasto,300\nNo Existe,5\n"


def test_from_a_table_by_name_to_values(admin, world, tmp_path):
    with world.writing():
        root = world.unit(LevelRole.ROOT, code="07", name="Iztapalapa")
        for code, name in (("07-001", "SAN PABLO (BARR)"), ("07-003", "XALPA I"), ("07-004", "XALPA II"), ("07-009", "CEDA")):
            world.unit(LevelRole.TERRITORY, code=code, name=name, parent=root)
        world.indicator("poblacion", name="Población")
    (tmp_path / "poblacion.csv").write_text(TABLE, encoding="utf-8")
    run = admin.bring("indicators", tmp_path / "poblacion.csv").location
    admin.work()
    page = admin.browser.get(f"{run}/columns")
    assert '<option value="poblacion">Población</option>' in page.text and "Renglones que se sumaron" not in page.text
    assert "cada columna que nombra un periodo trae los valores de él: pob_2020" in text_of(page)
    said = {"column-name": "colonia", "constant-indicator": "poblacion", "source": "INEGI"}
    assert admin.post(f"{run}/columns", **said).status_code == 303
    admin.work()
    preview = admin.browser.get(f"{run}/preview")
    assert "3 nombres de la lista" in text_of(preview) and "Nuevos: 1" in text_of(preview)
    asked = text_of(admin.browser.get(f"{run}/names"))
    assert "XALPA I (07-003), parecido" in asked and "Central de Abasto" in asked
    assert admin.post(f"{run}/names").status_code == 422, "nothing was decided"
    chosen = {"choice-0": "07-003", "choice-1": "other", "choice-2": "none"}
    wrong = admin.post(f"{run}/names", **chosen, **{"code-1": "NADA"})
    assert wrong.status_code == 422 and "Ninguna unidad tiene la clave «NADA»" in text_of(wrong)
    assert admin.post(f"{run}/names", **chosen, **{"code-1": "07-009"}).status_code == 303
    admin.work()
    preview = text_of(admin.browser.get(f"{run}/preview"))
    assert "Nuevos: 3 · Se dejan fuera: 1" in preview and "nombres de la lista" not in preview
    assert admin.post(f"{run}/preview").status_code == 303
    admin.work()
    assert "Ir a la lista" in admin.browser.get(run).text
    with world.writing() as session:
        assert sorted(session.scalars(select(IndicatorValue.value))) == [100, 200, 300]
        told = session.scalars(select(Event).where(Event.kind == "name.settled").order_by(Event.seq)).all()
        assert [(one.data["name"], one.data["unit"]) for one in told] == [
            ("Xalpa", "07-003"), ("Central de Abasto", "07-009"), ("No Existe", None),
        ]
        assert told[0].capacity["role"] == "admin" and told[0].data["source"] == "INEGI"
