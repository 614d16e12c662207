"""The pages of indicators: what each means, the map, the ranking, how it went, files (001-43)."""

import csv
import io
import json
from datetime import date

import pytest

from app.portal.indicators.spark import spark
from models.indicator import Aggregation, Direction, Frequency
from tests.queries import count_queries


@pytest.fixture
def town(world):
    made = world.tree(territories=4)
    crimes = world.indicator(
        "delitos", name="Delitos", frequency=Frequency.QUARTER, direction=Direction.LOWER, sensitive=True, decimals=0
    )
    first, second, third, _fourth = made["territory"]
    world.measured(crimes, {first: 40, second: 12, third: 12}, "2025-T3")
    world.measured(crimes, {first: 30, second: 2, third: 1}, "2025-T4")
    return made


def test_the_list_tells_of_indicators_with_values_alone(app, client, world, town):
    world.indicator("vacio", name="Sin nada")
    with count_queries(app) as seen:
        page = client.get("/indicators")
    assert "Delitos" in page.text and "4.º trimestre de 2025" in page.text and "Sin nada" not in page.text
    assert "Fuente: Fuente de prueba" in page.text and len(seen) <= 4


def test_an_empty_site_says_so(client):
    assert "Todavía no hay indicadores" in client.get("/indicators").text


def test_the_page_ranks_with_ties_and_keeps_no_data_and_small_counts_apart(app, client, town):
    with count_queries(app) as seen:
        page = client.get("/indicators/delitos?on=2025-08-20")
    with count_queries(app) as inside:
        assert client.get(f"/indicators/delitos?unit={town['office'][0].code}").status_code == 200
    assert len(seen) <= 8 and len(inside) <= 8
    first, second, third, fourth = (one.name for one in town["territory"])
    assert "3.º trimestre de 2025" in page.text and "Con dato: 3 de 4" in page.text
    rows = csv.DictReader(io.StringIO(client.get("/indicators/delitos?on=2025-08-20&format=csv").text))
    assert [(row["Unidad"] if "Unidad" in row else row["Territorio"], row["Lugar"], row["Delitos"]) for row in rows] == [
        (first, "1", "40.0"), (second, "2", "12.0"), (third, "2", "12.0"), (fourth, "", ""),
    ]
    assert "2.º, empate" in page.text and "sin datos" in page.text
    now = client.get("/indicators/delitos")
    assert "reservado" in now.text and "40 → 30" in now.text and "12 → 2" not in now.text


def test_a_unit_above_is_told_with_how_many_have_data(client, town):
    page = client.get(f"/indicators/delitos?level=office&unit={town['office'][0].code}&on=2025-07-01")
    assert "64 personas" in page.text and "3 de 4" in page.text
    answer = json.loads(client.get("/indicators/delitos.json?level=root").text)
    whole = answer["items"][0]
    assert (answer["from"], whole["value"], whole["covered"], whole["of"]) == ("2025-10-01", 33, 3, 4)
    own = json.loads(client.get("/indicators/delitos.json").text)
    assert {one["value"] for one in own["items"]} == {30, None}


@pytest.mark.parametrize("asked", ["unit=NADA", "on=ayer", "on=1999-01-01", "level=block", "sort=outline"])
def test_what_is_not_there_is_refused_with_a_sentence(client, town, asked):
    assert client.get(f"/indicators/delitos?{asked}").status_code == 400
    assert client.get("/indicators/nada").status_code == 404


def test_an_indicator_without_values_has_its_page(client, world, town):
    world.indicator("vacio", name="Sin nada", aggregation=Aggregation.NONE)
    assert "todavía no tiene valores" in client.get("/indicators/vacio").text
    assert "No se calcula para unidades mayores" in client.get("/indicators/vacio").text


def test_a_line_keeps_its_gaps():
    days = [date(2025, month, 1) for month in (1, 4, 7, 10)]
    line = spark([(days[0], 1), (days[1], None), (days[2], 2), (days[3], 3)], days)
    assert len(line.lines) == 1 and len(line.dots) == 1 and line.last == (117, 3)
    assert spark([(days[0], 1)], days) is None
