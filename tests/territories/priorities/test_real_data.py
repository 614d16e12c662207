"""The 22 of the 293 real units of Iztapalapa, by the crimes and the people that were published: see shared/data/INDEX.md."""

import json
import lzma
from datetime import date

import pytest

from app.core import tabular
from models.indicator import Direction, Frequency
from models.ledger import SYSTEM
from models.priority import Place, WhenMissing
from models.territory import LevelRole
from territories.indicators.intake.kind import INDICATORS
from territories.indicators.intake.settling import settled
from territories.indicators.services import settle_names
from territories.priorities import services
from territories.priorities.queries import data_of, members_of
from territories.priorities.ranking import Condition, Criterion, Recipe, chosen, moves, ranked
from tests.pages import text_of
from tests.tables import brought, planned
from tests.territories.imports.files import real_data

DATA = real_data()
pytestmark = [pytest.mark.real_data, pytest.mark.skipif(DATA is None, reason="the real files are not beside the checkout")]
ON = date(2023, 12, 31)


@pytest.fixture
def iztapalapa(app, world):
    """Units by name and key, people of 2010, crimes of the last quarter of 2023; names in doubt are settled as none of ours."""
    features = json.loads((DATA / "gis/colonias_iztapalapa_293.geojson").read_text())["features"]
    with app.app_context(), world.writing():
        root = world.unit(LevelRole.ROOT, code="09007", name="Iztapalapa")
        for one in features:
            world.unit(code=one["properties"]["CVEUT"], name=one["properties"]["NOMUT"], parent=root)
        people = world.indicator("poblacion", name="Población", direction=Direction.NEITHER)
        crimes = world.indicator("delitos", name="Delitos", frequency=Frequency.QUARTER, sensitive=True, direction=Direction.LOWER)
    with app.app_context():
        table = tabular.read_table((DATA / "attributes/poblacion_2010_por_colonia.csv").read_bytes(), "poblacion.csv")
        brought(world, INDICATORS, table, indicator="poblacion")
        head, *lines = lzma.decompress((DATA / "attributes/delitos_iztapalapa_por_colonia_trimestre.csv.xz").read_bytes()).splitlines()
        # One quarter of twenty-four: reading them all is tested where they are brought in.
        table = tabular.read_table(b"\n".join([head, *(line for line in lines if b",2023,4," in line)]), "delitos.csv")
        with app.extensions["database"].read() as session:
            asked = INDICATORS.questions(planned(session, INDICATORS, table, source="FGJ", indicator="delitos", together="sum").rows)
        with world.writing() as session:
            decisions = [settled(session, one.name, one.context, "") for one in asked]
            settle_names(session, capacity=SYSTEM, source="FGJ", decisions=decisions)
        brought(world, INDICATORS, table, source="FGJ", indicator="delitos", together="sum")
    return people, crimes


def test_the_twenty_two_of_two_hundred_and_ninety_three(app, world, iztapalapa, client):
    recipe = Recipe((Criterion("delitos", 70), Criterion("poblacion", 30)), 22, conditions=(Condition("poblacion", at_least=2000),))
    with app.app_context(), world.writing() as session:
        data = data_of(session, LevelRole.TERRITORY, ON, iztapalapa)
        found = ranked(data.units, recipe)
        first = chosen(found)
        assert len(data.units) == 293 and len(first) == 22
        assert all(one.unit.values["poblacion"] >= 2000 and one.unit.values["delitos"] is not None for one in first)
        # Half of the names of the prosecutor are settled: the rest is told of, and nobody is ranked by a zero.
        places = {place: [one for one in found if one.place is place] for place in Place}
        assert len(places[Place.NO_DATA]) > 50 and len(places[Place.OUTSIDE]) > 20
        assert all(one.rank is None and one.score is None for one in places[Place.NO_DATA])
        assert len(moves(data.units, recipe)) == 4
        services.keep(
            session, capacity=SYSTEM, slug="izta-22", names=("Las 22 de Iztapalapa", "", ""), reason="Más delitos, más gente.",
            data=data, recipe=recipe, role=LevelRole.TERRITORY, on=ON,
        )
    words = text_of(client.get("/priorities/izta-22"))
    assert "Las 22 de Iztapalapa" in words and "4.º trimestre de 2023" in words and "2010; 293 de 293 unidades" in words
    with app.extensions["database"].read() as session:
        assert len(members_of(session, 1)) == 293
    everyone = Recipe(recipe.criteria, 22, missing=WhenMissing.SHARE_OUT)
    assert sum(one.rank is not None for one in ranked(data.units, everyone)) == 293
