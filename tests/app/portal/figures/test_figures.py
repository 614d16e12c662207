"""The page of figures: the same numbers as everywhere else, each said how (001-07, DOMAIN 4, 11)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.portal.figures.trend import trend
from models.agreement import AgreementState
from models.assembly import AssemblyState
from tests.app.portal import scenes
from tests.factories import TODAY
from tests.pages import text_of
from tests.queries import count_queries


def rows(answer) -> list[dict[str, str]]:
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.fixture
def town(world):
    made = world.tree(territories=2, blocks=2)
    owner, theme = world.body(), world.theme()
    here, there = made["territory"]
    scenes.assembly(world, here, made["block"][0])
    scenes.assembly(world, here, state=AssemblyState.CANCELLED)
    scenes.assembly(world, there, state=AssemblyState.DRAFT)
    kept = {"state": AgreementState.VERIFIED, "reported_on": TODAY - timedelta(days=20), "verified_at": clock.now()}
    scenes.agreement(world, here, owner, theme, due=TODAY - timedelta(days=10), **kept)
    scenes.agreement(world, here, owner, theme, due=TODAY - timedelta(days=3))
    scenes.agreement(world, there, owner, theme)
    scenes.agreement(world, there, owner, theme, state=AgreementState.CANCELLED)
    return made


def test_the_figures_are_those_of_the_pages_and_of_the_api(client, town):
    [whole, office] = rows(client.get("/figures.csv"))
    for line, unit in ((whole, town["root"][0]), (office, town["office"][0])):
        told = client.get(f"/api/v1/units/{unit.code}").json
        assert line["unit"] == unit.code and line["date"] == TODAY.isoformat()
        assert {"met": int(line["blocks_met"]), "of": int(line["blocks"])} == told["coverage"]
        share = {"kept": line["kept_first"], "of": line["of_first"], **{name: line[name] for name in ("on_hold", "cancelled", "declined")}}
        assert {name: int(value) for name, value in share.items()} == told["share"]
        assert {state: int(line[state]) for state in told["agreements"]} == told["agreements"]
        assert (line["assemblies_held"], line["assemblies_cancelled"], line["liaisons"]) == ("1", "1", "")
    page = text_of(client.get("/figures"))
    told = ("1 de 4 cuadras", "1 de 2 · 50 %", "1 de 2 verificados o vencidos", "1 de 2 convocadas", "Reservado", "14 de marzo de 2026")
    for words in told:
        assert words in page, words
    home = text_of(client.get("/"))
    assert "1 de 4 cuadras" in home and "1 de 2 verificados o vencidos" in home and "Cómo se calculan" in home


def test_a_month_begins_at_midnight_here_and_not_in_greenwich(client, world, town):
    scenes.assembly(world, town["territory"][0], starts_at=datetime(2026, 2, 1, 5, 30, tzinfo=UTC))
    scenes.assembly(world, town["territory"][0], starts_at=datetime(2026, 2, 1, 6, 30, tzinfo=UTC))
    scenes.assembly(world, town["territory"][0], starts_at=datetime(2024, 6, 3, tzinfo=UTC))
    scenes.assembly(world, town["territory"][0], starts_at=datetime(2020, 2, 1, 6, 30, tzinfo=UTC))
    months = {row["month"]: row for row in rows(client.get("/figures/months.csv"))}
    assert (list(months)[0], len(months), list(months)[-1]) == ("2024-06", 22, "2026-03")
    assert (months["2026-01"]["assemblies_held"], months["2026-02"]["assemblies_held"]) == ("1", "2")
    assert (months["2026-03"]["agreements_made"], months["2026-03"]["agreements_verified"]) == ("4", "1")
    assert "enero de 2026" in text_of(client.get("/figures"))


@pytest.mark.parametrize("address", ["/figures", "/en/figures", "/figures.csv"])
def test_it_asks_the_database_as_little_as_any_page(app, client, town, address):
    with count_queries(app) as seen:
        assert client.get(address).status_code == 200
    assert len([one for one in seen if not one.startswith("PRAGMA")]) <= 8, seen


def test_without_a_territory_there_is_nothing_to_count(client):
    assert "nada que contar" in text_of(client.get("/figures"))
    assert rows(client.get("/figures.csv")) == []


def test_columns_are_as_high_as_what_they_stand_for():
    drawn = trend([0, 5, 10, 20])
    assert drawn.top == 20 and trend([43]).top == 50
    heights = [column.height for column in drawn.columns]
    assert heights[0] == 0 and heights[3] == pytest.approx(2 * heights[2], abs=0.2) and heights[2] == pytest.approx(2 * heights[1], abs=0.2)
    assert all(column.y + column.height == pytest.approx(drawn.bottom, abs=0.1) for column in drawn.columns)
    assert trend([0, 0]).top == 1
