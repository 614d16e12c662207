"""Bodies are added, renamed, retired and brought back; levels are called as the municipality calls them."""

from __future__ import annotations

from models import Role
from tests.app.portal import scenes
from tests.pages import hidden_fields, text_of
from tests.queries import count_queries


def test_a_body_is_added_with_a_kind_that_fits(office):
    sent = {"name": "Dirección de Obras", "code": "obras", "kind": "area", "level": "borough", "unit": ""}
    wrong = office.send(office.admin, "/admin/bodies/new", **(sent | {"level": "community"}))
    assert wrong.status_code == 422 and "no es de la comunidad" in text_of(wrong)
    collective = sent | {"kind": "collective", "level": "community", "code": "col-1"}
    wrong = office.send(office.admin, "/admin/bodies/new", **collective)
    assert wrong.status_code == 422 and "de qué territorio" in text_of(wrong)
    assert office.send(office.admin, "/admin/bodies/new", **sent).location == "/admin/bodies/obras"
    again = office.send(office.admin, "/admin/bodies/new", **sent)
    assert again.status_code == 422 and "ya es de otra instancia" in text_of(again)
    territory = office.tree["territory"][0]
    assert office.send(office.admin, "/admin/bodies/new", **(collective | {"unit": territory.name})).status_code == 303
    assert [event.data["unit"] for event in office.events("body.added")] == [None, territory.code]


def test_two_who_rename_a_body_see_both_names(office):
    office.world.body("OBRAS", name="Obras")
    stale = hidden_fields(office.admin.get("/admin/bodies/OBRAS"))
    assert office.send(office.admin, "/admin/bodies/OBRAS", name="Obras y Banquetas").status_code == 303
    both = office.admin.post("/admin/bodies/OBRAS", data=stale | {"name": "Obras Públicas"})
    assert both.status_code == 409 and "Obras y Banquetas" in text_of(both) and "Obras Públicas" in text_of(both)
    assert office.events("body.changed")[0].data == {"from": "Obras", "to": "Obras y Banquetas"}


def test_a_body_that_owes_something_is_not_retired(app, office):
    world, body = office.world, office.world.body("OBRAS")
    scenes.agreement(world, office.tree["territory"][0], body, world.theme())
    assert "nadie responde por ella" in text_of(office.admin.get("/admin"))
    assert "Nadie responde" in text_of(office.admin.get("/admin/bodies?state=unanswered"))
    refused = office.send(office.admin, "/admin/bodies/OBRAS/retire")
    assert refused.status_code == 409 and "Todavía debe 1 acuerdo" in text_of(refused)
    idle = world.body("AGUA")
    assert office.send(office.admin, f"/admin/bodies/{idle.code}/retire").status_code == 303
    assert "Retirada" in text_of(office.admin.get("/admin/bodies?state=retired"))
    assert office.send(office.admin, f"/admin/bodies/{idle.code}/retire").status_code == 303
    assert [len(office.events(kind)) for kind in ("body.retired", "body.restored")] == [1, 1]
    with count_queries(app) as seen:
        office.admin.get("/admin/bodies")
    assert len(seen) <= 12


def test_who_answers_is_shown_and_others_stay_out(office):
    body = office.world.body("OBRAS")
    user = office.world.user(Role.AREA, body=body)
    assert user.name in text_of(office.admin.get("/admin/bodies/OBRAS"))
    for path in ("/admin/bodies", "/admin/bodies/OBRAS", "/admin/levels", "/admin/levels/block"):
        assert office.planning.get(path).status_code == 403
    assert office.world.sign_in(user).get("/admin").status_code == 403


def test_a_level_is_called_as_here(client, office):
    url = "/admin/levels/territory"
    stale = hidden_fields(office.admin.get(url))
    names = {"name_es": "Barrio", "name_fr": "", "name_en": "Neighbourhood"}
    assert office.send(office.admin, url, **names).status_code == 303
    territory = office.tree["territory"][0]
    assert "Barrio ·" in text_of(client.get(f"/t/{territory.code}")) and "Barrio ·" in text_of(client.get(f"/fr/t/{territory.code}"))
    both = office.admin.post(url, data=stale | names | {"name_es": "Colonia"})
    assert both.status_code == 409 and "Barrio" in text_of(both) and "Colonia" in text_of(both)
    empty = office.send(office.admin, url, **(names | {"name_es": " "}))
    assert empty.status_code == 422 and "Escriba el nombre" in text_of(empty)
    assert office.events("level.renamed")[0].data["to"] == "Barrio"
    assert office.admin.get("/admin/levels/nada").status_code == 404


def test_the_door_of_the_administration_stays_cheap(app, office):
    with count_queries(app) as seen:
        assert office.admin.get("/admin").status_code == 200
    assert len(seen) <= 6
    assert "Instancias" not in text_of(office.planning.get("/admin"))
