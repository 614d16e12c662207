"""One taxonomy: merged without loss and taken apart again, reserved for good, old codes still leading somewhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core import clock
from models import Agreement, EventText, Problem, Role, Theme, ledger
from models.ledger import SYSTEM, EventKind
from tests.app.portal import scenes
from tests.pages import hidden_fields, text_of


@pytest.fixture
def scene(office):
    world, territory, block = office.world, office.tree["territory"][0], office.tree["block"][0]
    office.owner = world.body("OBRAS")
    office.old, office.new = world.theme("luz"), world.theme("alumbrado")
    office.agreement = scenes.agreement(world, block, office.owner, office.old, place="Nogal 12")
    assembly = world.assembly(territory, blocks=[block])
    with world.writing() as session:
        problem = Problem(assembly_id=assembly.id, unit_id=block.id, theme_id=office.old.id, text="Oscuro", raised_at=clock.now())
        session.add(problem)
        ledger.append(
            session, EventKind.PROBLEM_RAISED, object=assembly.object_name, capacity=SYSTEM, occurred_at=clock.now(),
            recorded_at=clock.now(), data={"theme": "luz", "unit": block.code}, texts={"text": "Oscuro"},
        )
        session.flush()
        office.problem = problem
    return office


def themes_of(world, *things) -> list[str]:
    with world.writing() as session:
        return [session.get_one(Theme, session.get_one(type(one), one.id).theme_id).code for one in things]


def test_a_theme_is_added_renamed_and_placed(scene):
    assert scene.send(scene.planning, "/admin/themes/new", code="Noche", name_es="Vida nocturna", parent_id=scene.new.id).status_code == 303
    twice = scene.send(scene.planning, "/admin/themes/new", code="noche", name_es="Otra", parent_id="")
    assert twice.status_code == 422 and "ya es de otro tema" in text_of(twice)
    stale = hidden_fields(scene.planning.get("/admin/themes/noche"))
    sent = {"name_es": "De noche", "name_fr": "La nuit", "parent_id": ""}
    assert scene.send(scene.planning, "/admin/themes/noche", **sent).status_code == 303
    both = scene.planning.post("/admin/themes/noche", data=stale | sent | {"name_es": "Nocturno"})
    assert both.status_code == 409 and "De noche" in text_of(both) and "Nocturno" in text_of(both)
    listed = scene.planning.get("/en/admin/themes/noche")
    assert "De noche" in text_of(listed)
    assert [event.data["to"] for event in scene.events("theme.changed")] == ["De noche"]


def test_a_merge_takes_everything_along_and_gives_it_back(client, scene):
    assert scene.send(scene.planning, "/admin/themes/luz/merge", target_id=scene.new.id).status_code == 303
    assert themes_of(scene.world, scene.agreement, scene.problem) == ["alumbrado", "alumbrado"]
    assert scene.events("theme.merged")[0].data == {"into": "alumbrado", "agreements": 1, "problems": 1}

    moved = client.get("/api/v1/agreements?theme=luz&late=false")
    assert (moved.status_code, moved.location) == (302, "/api/v1/agreements?theme=alumbrado&late=false")
    assert [one["folio"] for one in client.get(moved.location).json["items"]] == [scene.agreement.folio]
    territory = scene.tree["territory"][0].code
    assert client.get(f"/en/t/{territory}?theme=luz").location == f"/en/t/{territory}?theme=alumbrado"
    assert client.get("/api/v1/agreements?theme=nada").status_code == 400

    assert scene.old.name_es not in text_of(client.get("/search?q=tema"))
    later = scenes.agreement(scene.world, scene.tree["territory"][0], scene.owner, scene.new)
    assert scene.send(scene.planning, "/admin/themes/luz/separate").status_code == 303
    assert themes_of(scene.world, scene.agreement, scene.problem, later) == ["luz", "luz", "alumbrado"]
    assert client.get("/api/v1/agreements?theme=luz").json["items"][0]["folio"] == scene.agreement.folio
    assert scene.events("theme.separated")[0].data["agreements"] == 1


def test_merges_come_apart_in_the_order_they_were_made(scene):
    third = scene.world.theme("electricidad")
    scene.send(scene.planning, "/admin/themes/luz/merge", target_id=scene.new.id)
    scene.send(scene.planning, "/admin/themes/alumbrado/merge", target_id=third.id)
    refused = scene.send(scene.planning, "/admin/themes/luz/separate")
    assert refused.status_code == 409 and "sepárelo primero" in text_of(refused)
    scene.send(scene.planning, "/admin/themes/alumbrado/separate")
    scene.send(scene.planning, "/admin/themes/luz/separate")
    assert themes_of(scene.world, scene.agreement, scene.problem) == ["luz", "luz"]


def test_a_reserved_theme_keeps_no_place_and_does_not_come_back(scene):
    territory = scene.tree["territory"][0]
    page = scene.planning.get("/admin/themes/luz/reserve")
    assert "1 acuerdo pierde su lugar" in text_of(page)
    assert scene.send(scene.planning, "/admin/themes/luz/reserve").status_code == 303
    with scene.world.writing() as session:
        agreement, problem = session.get_one(Agreement, scene.agreement.id), session.get_one(Problem, scene.problem.id)
        assert (agreement.unit_id, agreement.place, problem.unit_id) == (territory.id, "", territory.id)
        assert "nogal" in agreement.search_text  # of its text, which is its own
        assert session.scalars(select(EventText.text).where(EventText.field == "text")).all() == [None]
    assert scene.send(scene.planning, "/admin/themes/luz/reserve").status_code == 409
    scene.world.theme("otro")
    refused = scene.send(scene.planning, "/admin/themes/alumbrado/merge", target_id=scene.old.id)
    assert refused.status_code == 422


def test_the_taxonomy_belongs_to_planning(scene):
    director = scene.world.sign_in(scene.world.user(Role.DIRECTOR, unit=scene.tree["office"][0]))
    assert director.get("/admin/themes").status_code == 403
    assert "Tema" in text_of(scene.planning.get("/admin/themes"))
    assert scene.planning.get("/admin/themes/nada").status_code == 404
