"""Values of indicators from a table: by key or by name, whole or not at all, never guessed (001-43, invariant 12)."""

import json
import lzma
from datetime import date

import pytest
from sqlalchemy import func, select

from app.core import tabular
from models import IndicatorValue, NameDecision
from models.indicator import Direction, Frequency
from models.ledger import SYSTEM, Event, EventKind
from models.territory import LevelRole
from territories.indicators.intake.kind import INDICATORS, IndicatorValues
from territories.indicators.intake.settling import settled
from territories.indicators.queries import Value, values_of
from territories.indicators.services import settle_names
from tests.tables import brought, codes, csv_table, outcomes, planned
from tests.territories.imports.files import real_data

DATA = real_data()


@pytest.fixture
def town(world):
    """A borough with three territories, one of them split in two."""
    with world.writing():
        root = world.unit(LevelRole.ROOT, code="07", name="Iztapalapa")
        office = world.unit(LevelRole.OFFICE, code="07-D1", name="Dirección Centro", parent=root)
        for code, name in (
            ("07-001", "SAN PABLO (BARR)"), ("07-002", "EL SIFON"), ("07-003", "XALPA I"), ("07-004", "XALPA II"),
        ):
            world.unit(LevelRole.TERRITORY, code=code, name=name, parent=office)
    return world


def values(app) -> list[tuple]:
    with app.extensions["database"].read() as session:
        return [tuple(row) for row in session.execute(
            select(IndicatorValue.unit_id, IndicatorValue.starts_on, IndicatorValue.value).order_by(IndicatorValue.id)
        )]  # fmt: skip


def test_a_wide_table_by_key_gives_a_value_for_each_year_and_again_nothing(app, town):
    town.indicator("poblacion", name="Población")
    text = "alcaldia,cve_col,nombre_ref,pob_2010,pob_2020\nIZTAPALAPA,07-001,San Pablo,1200,1500\nIZTAPALAPA,07-002,El Sifón,N/D,900\n" \
        "COYOACAN,03-001,Otra,80,90"  # fmt: skip
    with app.app_context():
        done = brought(town, INDICATORS, text, indicator="Población")
        assert (done["new"], done["skipped"], done["indicator poblacion"]) == (3, 3, 3)
        assert [value for _unit, _day, value in values(app)] == [1200, 1500, 900]
        assert not brought(town, INDICATORS, text, indicator="poblacion")["written"]
        changed = brought(town, INDICATORS, text.replace("1500", "1501"), indicator="poblacion", source="otra fuente")
        assert (changed["changed"], changed["missing"]) == (1, 0) and 1501 in [value for *_rest, value in values(app)]


def test_rows_that_each_tell_of_a_crime_add_up_by_place_and_quarter(app, town):
    town.indicator("delitos", frequency=Frequency.QUARTER, sensitive=True)
    text = """
        alcaldia,colonia,anio,trimestre,delito,n
        IZTAPALAPA,El Sifon,2019,1,ROBO,4
        IZTAPALAPA,El Sifon,2019,1,FRAUDE,2
        IZTAPALAPA,El Sifón,2019,1,AMENAZAS,1
        IZTAPALAPA,El Sifon,2019,2,ROBO,3
        IZTACALCO,El Sifon,2019,2,ROBO,99
    """
    with app.app_context(), app.extensions["database"].read() as session:
        apart = planned(session, INDICATORS, text, indicator="delitos")
        assert {code for row in apart.rows for code in codes(row)} == {"repeated_key"}
        plan = planned(session, INDICATORS, text, indicator="delitos", together="sum")
    assert outcomes(plan) == ["new", "skipped", "new", "skipped"]
    assert [row.draft.value for row in plan.of(tabular.Outcome.NEW)] == [7, 3]
    assert "Suma de 2 renglones" in plan.rows[0].repairs[0]


def test_a_name_in_doubt_stops_the_table_until_a_person_settles_it_for_good(app, town):
    town.indicator("poblacion")
    text = "colonia,periodo,valor\nBarrio San Pablo,2020,10\nXalpa,2020,20\nNingún Lugar,2020,30"
    with app.app_context():
        with app.extensions["database"].read() as session:
            plan = planned(session, INDICATORS, text, indicator="poblacion")
            xalpa, nowhere = INDICATORS.questions(plan.rows)
        assert outcomes(plan) == ["new", "ambiguous", "ambiguous"]
        assert [one.place.code for one in xalpa.candidates] == ["07-003", "07-004"] and nowhere.name == "Ningún Lugar"
        with pytest.raises(tabular.RejectedRows):
            brought(town, INDICATORS, text, indicator="poblacion")
        with town.writing() as session:
            chosen = [settled(session, "Xalpa", "", "07-003"), settled(session, "Ningún Lugar", "", "")]
            settle_names(session, capacity=SYSTEM, source="lista", decisions=chosen)
            settle_names(session, capacity=SYSTEM, source="lista", decisions=chosen)
        done = brought(town, INDICATORS, text.replace("Xalpa", "XALPA"), indicator="poblacion")
        assert (done["new"], done["skipped"]) == (2, 1)
        with app.extensions["database"].read() as session:
            told = session.scalars(select(Event.data).where(Event.kind == EventKind.NAME_SETTLED)).all()
            assert [one["unit"] for one in told] == ["07-003", None]
            assert session.scalar(select(func.count(NameDecision.id))) == 2
            other = planned(session, INDICATORS, text, indicator="poblacion", source="otra lista")
            assert outcomes(other) == ["unchanged", "ambiguous", "ambiguous"], "what was settled of one source says nothing of another"


@pytest.mark.parametrize(("row", "code"), [
    ("07-009,,2020,1", "unknown_key"),
    ("07-D1,,2020,1", "other_level"),
    (",,2020,1", "no_unit"),
    ("07-001,,2020-T1,1", "other_frequency"),
    ("07-001,,ayer,1", "bad_period"),
    ("07-001,,,1", "no_period"),
    ("07-001,,2027,1", "to_come"),
    ("07-001,COYOACAN,2020,1", "key_elsewhere"),
    ("07-001,,2020,mil", "not_a_figure"),
])  # fmt: skip
def test_a_row_that_cannot_be_says_why(app, town, row, code):
    town.indicator("poblacion")
    with app.app_context(), app.extensions["database"].read() as session:
        plan = planned(session, INDICATORS, f"clave,alcaldia,periodo,valor\n{row}", indicator="poblacion")
    assert codes(plan.rows[0]) == [code]


def test_the_form_and_the_template_ask_for_no_more_than_people_know(app):
    with app.app_context():
        assert b"parts" not in tabular.template_csv(INDICATORS)
        kept = csv_table("clave;valor;periodo\n07-001;1,5;2020")
        assert tabular.guess(INDICATORS, kept.columns) == {"clave": "unit", "valor": "value", "periodo": "period"}
    assert IndicatorValues.in_parts


@pytest.mark.real_data
@pytest.mark.skipif(DATA is None, reason="the real files are not beside the checkout")
def test_population_and_crime_of_iztapalapa_come_in_whole(app, world):
    """Population of 2010 by key, and crimes by name and quarter; what is asked is settled as none of ours."""
    features = json.loads((DATA / "gis/colonias_iztapalapa_293.geojson").read_text())["features"]
    with app.app_context(), world.writing():
        root = world.unit(LevelRole.ROOT, code="09007", name="Iztapalapa")
        for one in features:
            world.unit(code=one["properties"]["CVEUT"], name=one["properties"]["NOMUT"], parent=root)
        people = world.indicator("poblacion")
        crimes = world.indicator("delitos", frequency=Frequency.QUARTER, sensitive=True, direction=Direction.LOWER)
    with app.app_context():
        table = tabular.read_table((DATA / "attributes/poblacion_2010_por_colonia.csv").read_bytes(), "poblacion.csv")
        done = brought(world, INDICATORS, table, indicator="poblacion")
        assert (done["new"], done["rejected"], done["ambiguous"]) == (293, 0, 0) and done["skipped"] == len(table.rows) - 293
        text = lzma.decompress((DATA / "attributes/delitos_iztapalapa_por_colonia_trimestre.csv.xz").read_bytes())
        table = tabular.read_table(text, "delitos.csv")
        asked = INDICATORS.questions(_crimes(app, table).rows)
        assert 110 < len(asked) < 135, "of 247 names"
        with world.writing() as session:
            settle_names(
                session, capacity=SYSTEM, source="FGJ", decisions=[settled(session, one.name, one.context, "") for one in asked]
            )
        done = brought(world, INDICATORS, table, source="FGJ", indicator="delitos", together="sum")
        assert done["rejected"] == done["ambiguous"] == 0 and done["new"] > 2500
        with app.extensions["database"].read() as session:
            on = date(2010, 6, 1)
            assert values_of(session, people, LevelRole.ROOT, on)[root.id] == Value(1818006, 293, 293)
            whole = values_of(session, crimes, LevelRole.ROOT, date(2024, 12, 31))[root.id]
            assert whole.of == 293 and whole.covered > 100 and whole.value > 2000
            ranked = values_of(session, crimes, LevelRole.TERRITORY, date(2024, 12, 31))
            assert any(one.withheld for one in ranked.values()) and all(one.value is None for one in ranked.values() if one.withheld)


def _crimes(app, table):
    with app.extensions["database"].read() as session:
        return planned(session, INDICATORS, table, source="FGJ", indicator="delitos", together="sum")
