"""Bodies brought in: by code, once, and never turned into another kind of body."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.admin.intake.bodies import BODIES
from models import Body, Event
from models.body import BodyKind, GovernmentLevel
from models.ledger import EventKind
from tests.tables import brought, codes, outcomes, planned

HEADER = "Clave,Nombre,Nivel,Tipo,Unidad\n"


def test_bodies_come_in_once_and_their_names_may_change(world):
    territory = world.tree()["territory"][0]
    text = HEADER + "OBRAS,Dirección de Obras,Alcaldía,,\nSACMEX,Aguas,ciudad,área,\n"
    text += f"COL-1,Colectivo uno,comunidad,colectivo,{territory.name}"
    assert brought(world, BODIES, text)["new"] == 3
    assert not brought(world, BODIES, text)["written"]
    with world.writing() as session:
        found = {body.code: body for body in session.scalars(select(Body))}
        assert (found["COL-1"].unit_id, found["COL-1"].kind) == (territory.id, BodyKind.COLLECTIVE)
        assert found["SACMEX"].level is GovernmentLevel.CITY
    assert brought(world, BODIES, text.replace("Aguas", "Sistema de Aguas"))["changed"] == 1
    with world.writing() as session:
        events = session.scalars(select(Event).where(Event.object.like("body:%")).order_by(Event.seq))
        told = [(event.kind, event.object) for event in events]
        assert told[-1] == (EventKind.BODY_CHANGED, "body:SACMEX") and len(told) == 4


def test_a_body_made_here_is_recognised_by_its_code(world):
    body = world.body("OBRAS", name="Obras")
    with world.writing() as session:
        assert outcomes(planned(session, BODIES, HEADER + "obras,Obras,borough,area,")) == ["rejected"]
        assert outcomes(planned(session, BODIES, HEADER + "OBRAS,Obras,borough,area,")) == ["unchanged"]
        renamed = planned(session, BODIES, HEADER + "OBRAS,Obras Públicas,borough,area,")
        assert outcomes(renamed) == ["changed"] and renamed.rows[0].object_id == body.id


@pytest.mark.parametrize(
    "line, code",
    [
        ("Ñ 1,Obras,borough,,", "code"), ("A1,Vecinas,comunidad,área,", "sides"), ("A1,Mesa,borough,mesa,", "sides"),
        ("A1,Colectivo,comunidad,,", "no_unit"), ("A1,Obras,borough,,Nada", "unknown_unit"), ("A1,Obras,planeta,,", "not_a_choice"),
        ("OBRAS,Obras,ciudad,,", "kind_changed"),
    ],
)
def test_each_refusal_says_why(world, line, code):
    world.body("OBRAS")
    with world.writing() as session:
        (row,) = planned(session, BODIES, HEADER + line).rows
        assert codes(row) == [code]


def test_a_code_never_changes(world):
    text = "ID,Clave,Nombre,Nivel\n1,OBRAS,Obras,alcaldía\n2,AGUA,Aguas,ciudad"
    brought(world, BODIES, text)
    with world.writing() as session:
        swapped = planned(session, BODIES, text.replace("1,OBRAS", "1,OP").replace("2,AGUA", "2,OBRAS"))
        assert [codes(row) for row in swapped.rows] == [["code_changed"], ["taken"]]
