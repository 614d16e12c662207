"""Indicators declared and changed by those who plan, each change an entry of the record."""

import pytest
from sqlalchemy import select

from models import Event, Indicator, Role
from tests.pages import hidden_fields, text_of

SAID = {
    "name_es": "Población", "code": "poblacion", "definition_es": "Personas que residen aquí.", "measure_es": "personas",
    "source": "INEGI, Censo 2020", "role": "territory", "frequency": "year", "direction": "neither", "aggregation": "sum",
    "weights_id": "", "decimals": "0", "sensitive": "False",
}  # fmt: skip


@pytest.fixture
def planner(world):
    made = world.tree(territories=2)
    return made, world.sign_in(world.user(Role.PLANNING, unit=made["root"][0]))


def send(browser, address: str, said: dict):
    return browser.post(address, data=hidden_fields(browser.get(address)) | said)


def kept(world) -> Indicator:
    with world.writing() as session:
        return session.scalars(select(Indicator)).one()


def test_an_indicator_is_declared_and_what_its_values_hang_on_stays(world, planner):
    made, browser = planner
    assert "Todavía no hay indicadores" in browser.get("/admin/indicators").text
    refused = send(browser, "/admin/indicators/new", {**SAID, "source": "", "role": "block", "sensitive": "True"})
    assert refused.status_code == 422 and "sin fuente no se puede comprobar" in text_of(refused)
    refused = send(browser, "/admin/indicators/new", {**SAID, "role": "block", "sensitive": "True"})
    assert refused.status_code == 422 and "nunca más abajo" in text_of(refused)
    assert send(browser, "/admin/indicators/new", SAID).status_code == 303
    assert "Esa clave ya es de otro indicador" in text_of(send(browser, "/admin/indicators/new", SAID))
    world.measured(kept(world), {made["territory"][0]: 5})
    page = browser.get("/admin/indicators/poblacion")
    assert 'value="sum" selected' in page.text and "31 dic 2025" in browser.get("/admin/indicators").text
    refused = send(browser, "/admin/indicators/poblacion", {**SAID, "role": "section"})
    assert refused.status_code == 422 and "el nivel en que se mide no cambia" in text_of(refused)
    changed = {**SAID, "definition_es": "Personas que viven aquí."}
    assert send(browser, "/admin/indicators/poblacion", changed).status_code == 303
    stale = {**changed, "version": "1"}
    assert send(browser, "/admin/indicators/poblacion", stale).status_code == 409, "the second is shown both texts"
    with world.writing() as session:
        told = session.scalars(select(Event).where(Event.object == "indicator:poblacion").order_by(Event.seq)).all()
    assert [one.kind for one in told] == ["indicator.added", "indicator.changed"]
    assert told[1].data["definition"] == "Personas que viven aquí." and told[1].capacity["role"] == "planning"


def test_others_may_not(world, planner):
    made, _browser = planner
    lead = world.sign_in(world.user(Role.LEAD, unit=made["territory"][0]))
    assert lead.get("/admin/indicators").status_code == 403
