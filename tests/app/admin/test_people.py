"""People, roles and terms: given, ended, replaced; nobody's name in the record; one lead a territory."""

from __future__ import annotations

import threading
from datetime import date

from sqlalchemy import select

from app.admin.people import services
from app.core.actors import load_actor
from app.core.errors import Misfit
from models import Event, Role, Term, User
from tests.factories import TODAY
from tests.pages import hidden_fields, text_of
from tests.queries import count_queries

ROLE = {"role": "official", "body_id": "", "starts_on": "2026-03-14"}


def terms(world, user_id: int) -> list[tuple]:
    with world.writing() as session:
        rows = session.scalars(select(Term).where(Term.user_id == user_id).order_by(Term.id))
        return [(str(one.role), one.starts_on, one.ends_on) for one in rows]


def test_somebody_is_invited_with_a_role_and_gets_a_link(app, client, office):
    territory, home = office.tree["territory"][0], office.world.body("CULTURA")
    sent = {"email": "Nueva.Persona@Example.org", "name": "Rosa Nueva", "language": "es", "home_body_id": home.id, **ROLE}
    lost = office.send(office.admin, "/admin/people/new", **sent, unit="no existe")
    assert lost.status_code == 422 and "No hay una sola unidad" in text_of(lost) and "Rosa Nueva" in lost.text
    made = office.send(office.admin, "/admin/people/new", **sent, unit=territory.name.upper())
    assert made.status_code == 303
    again = office.send(office.admin, "/admin/people/new", **sent, unit=territory.code)
    assert again.status_code == 422 and "Ya hay una cuenta" in text_of(again)

    page = office.admin.get(made.location)
    assert "Sin activar" in text_of(page) and territory.name in text_of(page) and home.name in text_of(page)
    given = office.admin.post(f"{made.location}/link", data=hidden_fields(page, "/link"))
    link = next(word for word in text_of(given).split() if "/account/activate/" in word)
    assert client.get(link.removeprefix("http://localhost")).status_code == 200
    event = office.events("role.granted")[-1]
    assert event.data["unit"] == territory.code and event.capacity["role"] == "admin"
    with office.world.writing() as session:
        assert "Rosa" not in str([one.data for one in session.scalars(select(Event))])


def test_a_role_ends_on_its_last_day_and_two_people_see_both_texts(office):
    user = office.world.user(Role.PROMOTER, unit=office.tree["section"][0])
    with office.world.writing() as session:
        term_id = session.scalars(select(Term.id).where(Term.user_id == user.id)).one()
    url = f"/admin/people/{user.id}/terms/{term_id}"
    stale = hidden_fields(office.admin.get(url))
    before = office.send(office.admin, url, starts_on="2026-02-12", ends_on="2026-02-01")
    assert before.status_code == 422 and "antes del primero" in text_of(before)
    assert office.send(office.admin, url, starts_on="2026-02-12", ends_on="2026-03-14").status_code == 303
    assert terms(office.world, user.id) == [("promoter", date(2026, 2, 12), TODAY)]
    assert office.events("role.ended")[-1].data["to"] == "2026-03-14"
    both = office.admin.post(url, data=stale | {"starts_on": "2026-02-12", "ends_on": "2026-04-30"})
    assert both.status_code == 409 and "14 mar 2026" in text_of(both) and "30 abr 2026" in text_of(both)
    assert office.send(office.admin, f"{url}/withdraw").status_code == 409


def test_what_was_given_by_mistake_today_is_taken_back(office):
    user = office.world.user()
    assert office.send(office.admin, f"/admin/people/{user.id}/grant", unit=office.tree["office"][0].code, **ROLE).status_code == 303
    with office.world.writing() as session:
        term_id = session.scalars(select(Term.id).where(Term.user_id == user.id)).one()
    assert office.send(office.admin, f"/admin/people/{user.id}/terms/{term_id}/withdraw").status_code == 303
    assert terms(office.world, user.id) == []
    assert office.events("role.ended")[-1].data["withdrawn"] is True


def test_a_focal_point_answers_for_an_area_and_a_role_fits_its_place(office):
    area, user = office.world.body("LUZ"), office.world.user()
    url = f"/admin/people/{user.id}/grant"
    wrong = office.send(office.admin, url, **(ROLE | {"role": "area"}), unit=office.tree["root"][0].code)
    assert wrong.status_code == 422 and "por una instancia" in text_of(wrong)
    wrong = office.send(office.admin, url, **(ROLE | {"role": "official", "focal_point": "y"}), unit=office.tree["root"][0].code)
    assert wrong.status_code == 422 and "área de gobierno" in text_of(wrong)
    right = ROLE | {"role": "area", "body_id": area.id, "focal_point": "y"}
    assert office.send(office.admin, url, **right, unit="").status_code == 303
    assert office.events("role.granted")[-1].data["focal_point"] is True
    assert "Punto focal" in text_of(office.admin.get(f"/admin/people/{user.id}"))


def test_closing_an_account_ends_what_it_holds(client, office):
    user = office.world.user(Role.OFFICIAL, unit=office.tree["territory"][0])
    theirs = office.world.sign_in(user)
    assert theirs.get("/work").status_code == 200
    assert office.send(office.admin, f"/admin/people/{user.id}/close").status_code == 303
    assert theirs.get("/work").status_code == 303
    assert terms(office.world, user.id)[0][2] == TODAY
    assert office.events("account.closed")[0].data == {"roles": 1}
    assert office.send(office.admin, f"/admin/people/{user.id}/close").status_code == 303
    with office.world.writing() as session:
        assert session.get_one(User, user.id).active
        admin = session.scalars(select(User).join(Term).where(Term.role == Role.ADMIN)).one()
        term_id = session.scalars(select(Term.id).where(Term.user_id == admin.id)).one()
    assert office.send(office.admin, f"/admin/people/{admin.id}/close").status_code == 409
    last = office.send(office.admin, f"/admin/people/{admin.id}/terms/{term_id}", starts_on="2026-02-12", ends_on="2026-03-14")
    assert last.status_code == 409 and "última cuenta" in text_of(last)


def test_a_lead_is_replaced_without_a_day_between(office):
    here, other = office.tree["territory"]
    page = text_of(office.planning.get("/admin/leads?lead=missing"))
    assert here.name in page and "2 territorios no tienen responsable hoy" in page
    assert "2 territorios no tienen responsable." in text_of(office.planning.get("/admin"))
    first = office.world.user(Role.LEAD, unit=here)
    url = f"/admin/leads/{here.code}"
    wrong = office.send(office.admin, url, email="nuevo@example.org", name="Nuevo", starts_on="2026-02-01")
    assert wrong.status_code == 422 and "elija otra fecha" in text_of(wrong)
    assert office.send(office.admin, url, email="nuevo@example.org", name="Nuevo", starts_on="2026-03-20").status_code == 303
    assert terms(office.world, first.id) == [("lead", date(2026, 2, 12), date(2026, 3, 19))]
    assert "Termina pronto" in text_of(office.planning.get("/admin/leads?lead=ending"))
    assert [event.data["to"] for event in office.events("role.ended")] == ["2026-03-19"]
    missing = text_of(office.planning.get("/admin/leads?lead=missing&format=csv"))
    assert other.name in missing and here.name not in missing
    assert office.planning.get(url).status_code == 403


def test_of_two_who_name_a_lead_at_once_one_stands(app, office):
    here, outcomes, together = office.tree["territory"][0], [], threading.Barrier(2)
    with office.world.writing() as session:
        admin = session.scalars(select(User).join(Term).where(Term.role == Role.ADMIN)).one()

    def name(email: str) -> None:
        together.wait(10)
        try:
            with app.app_context(), app.extensions["database"].write() as session, session.begin():
                actor = load_actor(session, session.get_one(User, admin.id), TODAY)
                services.name_lead(session, actor=actor, unit=session.merge(here, load=False), email=email, name="", starts_on=TODAY)
            outcomes.append("named")
        except Misfit as no:
            outcomes.append(no.field)

    threads = [threading.Thread(target=name, args=(f"{who}@example.org",)) for who in ("uno", "dos")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["named", "starts_on"]


def test_the_list_finds_and_stays_cheap(app, office):
    for _n in range(3):
        office.world.user(Role.PROMOTER, unit=office.tree["section"][0])
    counts = []
    for query in ("", "?role=promoter"):
        with count_queries(app) as seen:
            assert office.admin.get(f"/admin/people{query}").status_code == 200
        counts.append(len(seen))
    assert max(counts) <= 12
    assert "persona" in office.admin.get("/admin/people?q=PERSONA1&format=csv").text
    assert office.planning.get("/admin/people").status_code == 403
