"""Stages and phases: entered on a page, shown on the territory's, guarded by version and by reach."""

from __future__ import annotations

from models import Role
from tests.pages import hidden_fields, text_of
from tests.queries import count_queries


def test_a_stage_is_entered_corrected_and_withdrawn(app, client, office):
    here = office.tree["territory"][0]
    url = f"/admin/stages/{here.code}"
    assert office.send(office.planning, url, stage="proposals", reached_on="2020-02-01").location == url
    public = text_of(client.get(f"/t/{here.code}"))
    assert "Propuestas Desde el 1 feb 2020" in public and "Primer contacto" not in public
    late = office.send(office.planning, url, stage="evaluation", reached_on="2019-01-01")
    assert late.status_code == 422 and "no va en orden" in text_of(late) and 'value="2019-01-01"' in late.text

    stale = hidden_fields(office.planning.get(f"{url}/proposals"))
    assert office.send(office.planning, f"{url}/proposals", reached_on="2020-03-01").status_code == 303
    both = office.planning.post(f"{url}/proposals", data=stale | {"reached_on": "2020-04-01"})
    assert both.status_code == 409
    assert "1 de marzo de 2020" in text_of(both) and "1 de abril de 2020" in text_of(both)

    assert office.send(office.planning, f"{url}/proposals/withdraw").status_code == 303
    assert "Propuestas" not in text_of(client.get(f"/t/{here.code}"))
    told = [office.events(f"process.stage_{kind}")[0] for kind in ("reached", "corrected", "withdrawn")]
    assert {event.capacity["role"] for event in told} == {"planning"}


def test_the_board_filters_and_leaves_as_a_file(app, office):
    here, other = office.tree["territory"]
    office.send(office.planning, f"/admin/stages/{here.code}", stage="approved", reached_on="2024-02-01")
    page = office.planning.get("/admin/stages?stage=approved")
    assert here.name in text_of(page) and other.name not in text_of(page)
    assert other.name in text_of(office.planning.get("/admin/stages?stage=none"))
    assert office.planning.get("/admin/stages?stage=nonsense").status_code == 400
    assert "Agenda aprobada" in office.planning.get("/admin/stages?format=csv").text
    with count_queries(app) as seen:
        office.planning.get("/admin/stages")
    assert len(seen) <= 12


def test_a_phase_says_its_territories(office):
    here, other = office.tree["territory"]
    sent = {"name_es": "Primera fase", "starts_on": "2018-12-01", "criteria": "Alta incidencia", "units": [here.id]}
    assert office.send(office.planning, "/admin/phases/new", code="fase-1", **sent).status_code == 303
    again = office.send(office.planning, "/admin/phases/new", code="Fase-1", **sent)
    assert again.status_code == 422 and "ya es de otra fase" in text_of(again)
    listed = text_of(office.planning.get("/admin/stages?phase=fase-1"))
    assert here.name in listed and other.name not in listed
    stale = hidden_fields(office.planning.get("/admin/phases/fase-1"))
    assert office.send(office.planning, "/admin/phases/fase-1", **(sent | {"name_es": "Los veintidós"})).status_code == 303
    both = text_of(office.planning.post("/admin/phases/fase-1", data=stale | sent | {"name_es": "La primera"}))
    assert "Los veintidós" in both and "La primera" in both
    assert office.events("phase.added")[0].data["added"] == [here.code]


def test_only_those_above_record_and_only_planning_has_phases(office):
    world, (here, other) = office.world, office.tree["territory"]
    director = world.sign_in(world.user(Role.DIRECTOR, unit=here))
    assert office.send(director, f"/admin/stages/{here.code}", stage="proposals", reached_on="2020-02-01").status_code == 303
    page = director.get(f"/admin/stages/{other.code}")
    assert "Anotar la etapa" not in text_of(page)
    refused = director.post(
        f"/admin/stages/{other.code}",
        data=hidden_fields(director.get(f"/admin/stages/{here.code}")) | {"stage": "proposals", "reached_on": "2020-02-01"},
    )
    assert refused.status_code == 403
    assert director.get("/admin/phases").status_code == 403
    lead = world.sign_in(world.user(Role.LEAD, unit=here))
    assert lead.get("/admin/stages").status_code == 403
    assert office.planning.get(f"/admin/stages/{office.tree['block'][0].code}").status_code == 404
