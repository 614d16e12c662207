"""People brought in: accounts without a password, terms with dates, volunteers who are no accounts."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from app.admin.intake.people import PEOPLE
from app.core import crypto, tabular
from models import Event, ExternalKey, Liaison, LiaisonField, Role, Term, User
from models.ledger import EventKind
from models.liaison import Field
from models.people import AccountToken
from tests.tables import brought, codes, outcomes, planned

HEADER = "ID,Nombre,Correo,Cargo,Unidad,Instancia,Desde,Hasta,Departamento,Materias,Cuadras"


@pytest.fixture
def place(world):
    tree = world.tree(territories=2, blocks=2)
    return {
        "TER": tree["territory"][0].code, "OTR": tree["territory"][1].code, "B1": tree["block"][0].code, "B2": tree["block"][1].code,
        "territory": tree["territory"][0], "OBRAS": world.body("OBRAS").code,
    }


def rows(place, *lines: str) -> str:
    text = "\n".join((HEADER, *lines))
    for name in ("TER", "OTR", "B1", "B2"):
        text = text.replace(name, place[name])
    return text


def test_staff_get_an_account_without_a_password_and_a_term(world, place):
    text = rows(
        place, "1,Ana Ruiz,Ana@example.org,responsable,TER,,2026-01-01,,OBRAS,,", "1,Ana Ruiz,ana@example.org,promotora,OTR,,,,,,",
        "2,Luis Paz,,promotor,TER,,2025-01-01,2025-12-31,,,", "3,Eva Gil,eva@example.org,area,,OBRAS,,,,,",
    )
    done = brought(world, PEOPLE, text)
    assert (done["new"], done["accounts"], done["repaired"]) == (4, 3, 1)
    with world.writing() as session:
        ana = session.scalars(select(User).filter_by(email="ana@example.org")).one()
        assert ana.password is None and ana.active and ana.home_body_id and not session.scalars(select(AccountToken)).all()
        terms = session.scalars(select(Term).where(Term.user_id == ana.id).order_by(Term.id)).all()
        assert [(term.role, term.starts_on, term.ends_on) for term in terms] == [
            (Role.LEAD, date(2026, 1, 1), None), (Role.PROMOTER, date(2026, 3, 14), None),
        ]
        luis = session.scalars(select(User).filter_by(name="Luis Paz")).one()
        assert not luis.active and luis.email.endswith("@sin-correo.invalid")
        events = session.scalars(select(Event).where(Event.kind == EventKind.ROLE_GRANTED)).all()
        assert len(events) == 4 and not any(name in str([event.public() for event in events]) for name in ("Ana", "Luis", "ana@"))
        again = planned(session, PEOPLE, text)
        assert outcomes(again) == ["unchanged"] * 4
        assert "Ana" not in str(again.as_json(written=False)) + str([row.shown for row in again.rows])
    later = brought(world, PEOPLE, rows(place, "2,Luis Paz,luis@example.org,promotor,TER,,2025-01-01,2026-12-31,,,"))
    assert later["changed"] == 1 and later["accounts"] == 0
    with world.writing() as session:
        luis = session.scalars(select(User).filter_by(name="Luis Paz")).one()
        assert luis.active and luis.email == "luis@example.org"
        assert session.scalars(select(Term.ends_on).where(Term.user_id == luis.id)).one() == date(2026, 12, 31)
        assert session.scalars(select(Event.data).where(Event.kind == EventKind.ROLE_CHANGED)).one()["to"] == "2026-12-31"


def test_a_lead_is_replaced_with_dates(world, place):
    before = world.user(Role.LEAD, unit=place["territory"])
    text = rows(place, "8,Rita,rita@example.org,responsable,TER,,2026-06-01,,,,", "7,Hugo,hugo@example.org,responsable,TER,,2026-04-01,,,,")
    with world.writing() as session:
        plan = planned(session, PEOPLE, text)
        assert outcomes(plan) == ["new", "new"] and "2026-05-31" in plan.rows[1].repairs[0] and "2026-03-31" in plan.rows[1].repairs[1]
    brought(world, PEOPLE, text)
    with world.writing() as session:
        terms = session.scalars(select(Term).filter_by(role=Role.LEAD).order_by(Term.starts_on)).all()
        assert [term.ends_on for term in terms] == [date(2026, 3, 31), date(2026, 5, 31), None] and terms[0].user_id == before.id
        assert session.scalars(select(Event.data).where(Event.kind == EventKind.ROLE_ENDED)).one()["to"] == "2026-03-31"
        assert outcomes(planned(session, PEOPLE, text)) == ["unchanged"] * 2
        clash = planned(session, PEOPLE, rows(place, "9,Sol,sol@example.org,responsable,TER,,2026-06-01,,,,"))
        assert codes(clash.rows[0]) == ["lead_here"]


def test_liaisons_are_no_accounts_and_their_names_are_encrypted(world, place):
    text = rows(place, "L1,Carmen Luna,carmen@example.org,enlace,,,2025-05-01,,,salud; mujeres,B1; B2", "L2,Pío Sol,,enlace,B1,,,,,paz,")
    done = brought(world, PEOPLE, text)
    assert (done["new"], done["accounts"], done["liaisons"]) == (2, 0, 3)
    with world.writing() as session:
        assert not session.scalars(select(User)).all()
        first = session.scalars(select(Liaison).order_by(Liaison.id)).first()
        assert b"Carmen" not in first.name_encrypted and crypto.decrypt(first.name_encrypted) == b"Carmen Luna"
        assert set(session.scalars(select(LiaisonField.field).filter_by(liaison_id=first.id))) == {Field.HEALTH, Field.WOMEN}
        joined = session.scalars(select(Event).where(Event.kind == EventKind.LIAISON_JOINED)).one()
        assert joined.data == {"unit": place["TER"], "count": 3}
        assert "carmen" not in str(session.scalars(select(ExternalKey.external_id)).all()).lower()
        assert outcomes(planned(session, PEOPLE, text)) == ["unchanged"] * 2
    changed = brought(world, PEOPLE, text.replace("salud; mujeres", "salud; juventudes"))
    assert changed["changed"] == 1 and changed["liaisons"] == 0
    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(Liaison)) == 3
        assert {Field.HEALTH, Field.YOUTH} == set(session.scalars(select(LiaisonField.field).filter_by(liaison_id=first.id)))


@pytest.mark.parametrize(
    "lines, wanted",
    [
        (["1,Ana,,promotor,,,,,,,"], ["no_unit"]), (["1,Ana,,area,TER,,,,,,"], ["no_body"]),
        (["1,Ana,,colectivo,,OBRAS,,,,,"], ["not_community"]),
        (["1,Ana,,promotor,TER,OBRAS,,,,,"], ["two_places"]), ([",Ana,,promotor,TER,,,,,,"], ["nobody"]),
        (["1,Ana,no-es,promotor,TER,,,,,,"], ["not_an_email"]), (["1,Ana,,jefa,TER,,,,,,"], ["not_a_choice"]),
        (["1,Ana,,promotor,TER,,2026-02-01,2026-01-01,,,"], ["ends_first"]), (["1,Ana,,enlace,TER,,,,,salud,"], ["unknown_block"]),
        (["1,Ana,,enlace,B1,,,,,,"], ["no_fields"]), (["1,Ana,,enlace,B1,,,,,magia,"], ["not_a_choice"]),
        (["1,Ana,,promotor,TER,,,,,,", "1,Eva,,promotor,OTR,,,,,,"], [None, "person_differs"]),
        (["1,Ana,a@b.mx,promotor,TER,,,,,,", "2,Eva,a@b.mx,promotor,OTR,,,,,,"], [None, "email_shared"]),
        (["1,Ana,,promotor,TER,,,,,,", "1,Ana,,promotor,TER,,,,,,"], ["repeated_key"] * 2),
        (["1,A,,lead,TER,,2026-01-01,2026-06-01,,,", "2,B,,lead,TER,,2026-03-01,,,,"], [None, "two_leads"]),
    ],
)
def test_each_refusal_says_why(world, place, lines, wanted):
    with world.writing() as session:
        plan = planned(session, PEOPLE, rows(place, *lines))
        assert [(codes(row) or [None])[0] for row in plan.rows] == wanted
        assert "no-es" not in tabular.errors_csv(plan).decode()


def test_an_account_that_is_here_gains_the_role_and_keeps_its_address(world, place):
    user = world.user(password="x" * 60)
    text = rows(place, f"5,Otro Nombre,{user.email},promotor,TER,,2025-01-01,,,,")
    assert brought(world, PEOPLE, text)["accounts"] == 0
    with world.writing() as session:
        assert session.get(User, user.id).name == user.name
        assert session.scalars(select(Term.user_id)).one() == user.id
        other = planned(session, PEOPLE, text.replace(user.email, "otro@example.org"))
        assert codes(other.rows[0]) == ["email_differs"]


def test_a_term_given_by_hand_is_recognised(world, place):
    user = world.user(Role.PROMOTER, unit=place["territory"])
    with world.writing() as session:
        assert outcomes(planned(session, PEOPLE, rows(place, f"5,Ana,{user.email},promotor,TER,,,,,,"))) == ["unchanged"]
        ended = planned(session, PEOPLE, rows(place, f"5,Ana,{user.email},promotor,TER,,,2026-12-31,,,"))
        assert outcomes(ended) == ["changed"]
