"""A liaison's voice, signed in: of the place, once, and never on what its own body owes."""

from __future__ import annotations

from sqlalchemy import func, select

from models import Role, Term, User, Voice
from models.body import BodyKind, GovernmentLevel
from tests.factories import TODAY
from tests.pages import hidden_fields, text_of


def browser(world, liaison):
    with world.writing() as session:
        user = session.get_one(User, liaison.user_id)
    return world.sign_in(user)


def say(client, agreement, act="confirm", **fields):
    page = client.get(f"/work/a/{agreement.folio}")
    return client.post(f"/work/a/{agreement.folio}/{act}", data={**hidden_fields(page, f"/{act}"), **fields})


def test_a_liaison_of_the_place_confirms_once(place, world):
    agreement = place.agreement("reported_done", unit=place.section)
    client = browser(world, world.liaison(place.block))
    first = say(client, agreement)
    assert first.status_code == 303
    assert "1 de 3" in text_of(client.get(first.headers["Location"]))
    again = say(client, agreement, "dispute", reason="Siempre no")
    assert "Ya contamos su voz" in text_of(client.get(again.headers["Location"]))
    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(Voice)) == 1


def test_a_liaison_objects_with_a_reason(place, world):
    agreement = place.agreement("reported_done")
    client = browser(world, world.liaison(place.block))
    assert say(client, agreement, "dispute", reason="").status_code == 422
    answer = say(client, agreement, "dispute", reason="No hay luz")
    assert "regresó" in text_of(client.get(answer.headers["Location"]))


def test_a_liaison_of_elsewhere_reads_why_not(place, world):
    agreement = place.agreement("reported_done")
    client = browser(world, world.liaison(place.far_block))
    page = client.get(f"/work/a/{agreement.folio}")
    assert "no puede responder aquí" in text_of(page)


def test_neither_staff_nor_owners_who_are_liaisons_too(place, world):
    collective = world.body("COL", level=GovernmentLevel.COMMUNITY, kind=BodyKind.COLLECTIVE, unit=place.territory)
    owed = place.agreement("reported_done", owner=collective)
    other = place.agreement("reported_done")
    member, staff = world.liaison(place.block), world.liaison(place.block)
    with world.writing() as session:
        session.add(Term(user_id=member.user_id, role=Role.COLLECTIVE, body_id=collective.id, starts_on=TODAY))
        session.add(Term(user_id=staff.user_id, role=Role.PROMOTER, unit_id=place.territory.id, starts_on=TODAY))
    forged = {"csrf_token": "", "client_id": "11111111-1111-4111-8111-111111111111"}
    for liaison, agreement in ((member, owed), (staff, other)):
        client = browser(world, liaison)
        assert "no puede responder aquí" in text_of(client.get(f"/work/a/{agreement.folio}"))
        moderation = client.get(f"/inbox/{agreement.folio}/accept")
        token = hidden_fields(moderation, "").get("csrf_token", "") if moderation.status_code == 200 else ""
        sent = client.post(f"/work/a/{agreement.folio}/confirm", data={**forged, "csrf_token": token})
        assert sent.status_code in (400, 403)
    assert say(browser(world, member), other).status_code == 303
    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(Voice)) == 1
