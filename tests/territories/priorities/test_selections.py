"""Choosing where to begin: the list and its map by the address, saved once, read by anybody, used by a phase."""

import csv
import io
import json

import pytest

from models import PrioritySelection
from models.indicator import Aggregation, Direction, Frequency
from models.ledger import SYSTEM
from models.people import Role
from models.territory import LevelRole
from territories.indicators import services as indicators
from territories.indicators.periods import year
from tests.pages import hidden_fields, text_of
from tests.queries import count_queries

NEW = "/admin/priorities/new"
ASKED = f"{NEW}?level=territory&on=2026-03-01&wanted=2&weight-crime=3&weight-people=1&need-people=less"


def _indicator(world, code, name, direction, values, *, role=LevelRole.TERRITORY):
    with world.writing() as session:
        made = indicators.declare(
            session, capacity=SYSTEM, code=code,
            definition=indicators.Definition(
                names=(name, "", ""), definitions=(f"Cuánto hay de {name.lower()}", "", ""), measures=("casos", "", ""),
                source="Oficina de cuentas", role=role, frequency=Frequency.YEAR, direction=direction, aggregation=Aggregation.SUM,
            ),
        )
        indicators.keep_values(
            session,
            [
                {
                    "indicator_id": made.id, "unit_id": unit.id, "starts_on": year(2024).starts_on, "ends_on": year(2024).ends_on,
                    "value": value, "numerator": None, "denominator": None, "origin": "",
                }
                for unit, value in values.items() if value is not None
            ], {},
        )
        return made


@pytest.fixture
def borough(world):
    tree = world.tree(territories=5, blocks=1)
    one, two, three, four, five = tree["territory"]
    _indicator(world, "crime", "Delitos", Direction.LOWER, {one: 10, two: 40, three: 30, four: 90, five: None})
    _indicator(world, "people", "Habitantes", Direction.NEITHER, {one: 4000, two: 1000, three: 3000, four: 2000, five: 500})
    return tree


@pytest.fixture
def planner(world, borough):
    return world.sign_in(world.user(Role.PLANNING, unit=borough["root"][0]))


def save(planner, address=ASKED, **fields):
    said = {"name_es": "Los dos primeros", "slug": "los-dos", "reason": "Por donde más falta hace.", **fields}
    return planner.post(address, data=hidden_fields(planner.get(address), form="less") | said)


def test_the_list_follows_the_address(planner, borough):
    empty = text_of(planner.get(NEW))
    assert "Escriba el peso de al menos un indicador" in empty and "Delitos" in empty
    page = planner.get(ASKED)
    words = text_of(page)
    one, two, three, four, five = borough["territory"]
    assert f"1 {four.name} 91.7" in words and f"2 {two.name} 75" in words and f"3 {three.name} 33.3" in words
    assert "90 75 puntos" in words and f"Sin datos suficientes: 1 {five.name}." in words
    assert page.text.count('class="map-outline"') == 2 and "Delitos, 10 % menos: las mismas unidades." in words
    above = text_of(planner.get(ASKED + "&least-people=1500"))
    assert f"Fuera de las condiciones: 2 {two.name}, {five.name}." in above and "Habitantes: al menos 1,500" not in above


def test_what_cannot_be_read_gets_a_sentence(planner):
    page = planner.get(f"{NEW}?weight-crime=mucho&wanted=0&least-people=9&most-people=3")
    words = text_of(page)
    assert page.status_code == 400
    for said in ("Escriba un número, por ejemplo 2.5.", "un número desde 1", "El mínimo no puede ser mayor que el máximo."):
        assert said in words
    assert 'value="mucho"' in page.text


def test_saved_once_read_by_anybody_and_told_in_the_record(world, planner, borough, client):
    answer = save(planner)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/priorities/los-dos")
    words = text_of(client.get("/priorities/los-dos"))
    for said in (
        "Los dos primeros", "2 de 4 unidades con datos", "Por donde más falta hace.", "Delitos (casos)", "75 % del total",
        "2024; 4 de 5 unidades Oficina de cuentas", "Hay más necesidad donde es", borough["territory"][3].name,
    ):
        assert said in words, said
    rows = list(csv.DictReader(io.StringIO(client.get("/priorities/los-dos.csv").get_data().decode("utf-8-sig"))))
    assert [(row["rank"], row["place"], row["crime_value"]) for row in rows[:3]] == [
        ("1", "chosen", "90.0"), ("2", "chosen", "40.0"), ("3", "behind", "30.0"),
    ]
    told = json.loads(client.get("/priorities/los-dos.json").data)
    chain = [json.loads(line) for line in client.get("/ledger/chain.jsonl").text.splitlines()]
    event = next(one for one in chain if one["kind"] == "priority.saved")
    assert event["data"]["digest"] == told["digest"] and event["data"]["chosen"] == [row["code"] for row in rows[:2]]
    assert "Los dos primeros" in text_of(client.get("/priorities")) and client.get("/priorities/nada").status_code == 404
    assert "Esa clave ya es de otra selección." in text_of(save(planner))


def test_later_values_change_nothing_that_was_saved(world, planner, borough, client):
    seen = hidden_fields(planner.get(ASKED), form="less")
    save(planner)
    before = client.get("/priorities/los-dos.csv").data
    _indicator(world, "later", "Otra cosa", Direction.LOWER, {})
    with world.writing() as session:
        crime = session.get(PrioritySelection, 1).recipe["criteria"][0]["code"]
        found = indicators.keep_values(
            session,
            [
                {
                    "indicator_id": 1, "unit_id": borough["territory"][0].id, "starts_on": year(2025).starts_on,
                    "ends_on": year(2025).ends_on, "value": 500, "numerator": None, "denominator": None, "origin": "",
                }
            ], {},
        )
    assert crime == "crime" and len(found) == 1 and client.get("/priorities/los-dos.csv").data == before
    stale = planner.post(ASKED, data=seen | {"name_es": "Otra", "slug": "otra", "reason": "Con datos de antes."})
    assert stale.status_code == 422 and "Los datos cambiaron" in text_of(stale)


def test_retired_it_stays_to_be_read(planner, client):
    save(planner)
    page = planner.get("/admin/priorities/los-dos/retire")
    sent = hidden_fields(page, form="") | {"reason": "Ya hay otra."}
    assert planner.post("/admin/priorities/los-dos/retire", data=sent).status_code == 303
    assert "se retiró el" in text_of(client.get("/priorities/los-dos"))
    assert "retirada" in text_of(client.get("/priorities"))


def test_only_who_plans_may_choose_and_pages_cost_few_queries(world, planner, borough, client):
    assert world.sign_in(world.user(Role.DIRECTOR, unit=borough["office"][0])).get(NEW).status_code == 403
    save(planner)
    for who, address, most in ((planner, "/admin/priorities", 12), (client, "/priorities", 8), (client, "/priorities/los-dos", 8)):
        with count_queries(world.app) as found:
            assert who.get(address).status_code == 200
        assert len(found) <= most, address


def test_a_phase_is_made_of_a_selection_and_says_so(world, planner, borough, client):
    save(planner)
    new = "/admin/phases/new"
    page = planner.get(new)
    chosen = page.text.split('name="selection"')[1].split('<option value="')[2].split('"')[0]
    said = {"code": "fase-1", "name_es": "Fase primera", "starts_on": "2026-03-01", "selection": chosen}
    filled = planner.post(new, data=hidden_fields(page) | said | {"do": "fill"})
    boxes = [part.split(">")[0] for part in filled.text.split("<input")[1:]]
    ticked = [box.split('value="')[1].split('"')[0] for box in boxes if 'name="units"' in box and "checked" in box]
    first = borough["territory"][3]
    assert filled.status_code == 200 and len(ticked) == 2 and str(first.id) in ticked
    assert planner.post(new, data=hidden_fields(filled) | said | {"units": ticked}).status_code == 303
    for address in ("/admin/phases", "/admin/phases/fase-1", f"/admin/stages/{first.code}"):
        assert '/priorities/los-dos"' in planner.get(address).text, address
    assert "La usan estas fases del programa: Fase primera" in text_of(client.get("/priorities/los-dos"))
    event = json.loads(client.get("/ledger/chain.jsonl").text.splitlines()[-1])
    assert event["kind"] == "phase.added" and event["data"]["selection"] == "los-dos"
