"""What whoever owes an agreement sees and does."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import event as engine_event

from models import Agreement, Role
from models.agreement import AgreementState as S
from tests.factories import TODAY
from tests.pages import hidden_fields, text_of

DAY = timedelta(days=1)


def now(world, agreement) -> Agreement:
    with world.writing() as session:
        return session.get_one(Agreement, agreement.id)


def post(client, agreement, move, **fields):
    address = f"/inbox/{agreement.folio}/{move}"
    return client.post(address, data={**hidden_fields(client.get(address), ""), **fields})


def test_late_first_then_by_date_and_nobody_elses(place, world):
    place.agreement("accepted", due=TODAY + 9 * DAY, text="Después")
    place.agreement("accepted", due=TODAY + 2 * DAY, text="Pronto")
    place.agreement("on_hold", due=TODAY - 1 * DAY, text="Tarde en pausa")
    place.agreement("accepted", due=TODAY - 5 * DAY, text="Muy tarde")
    place.agreement("reported_done", due=TODAY - 8 * DAY, reported_on=TODAY - 9 * DAY, text="Reportado a tiempo")
    place.agreement("accepted", owner=place.other, text="De otra instancia")
    place.agreement("verified", text="Ya cumplido")
    words = text_of(world.sign_in(place.owner_user).get("/inbox"))
    order = [words.index(text) for text in ("Muy tarde", "Tarde en pausa", "Reportado a tiempo", "Pronto", "Después")]
    assert order == sorted(order)
    assert "De otra instancia" not in words and "Ya cumplido" not in words
    assert "de 5 pendientes" in words


def test_filters_live_in_the_address(place, world):
    place.agreement("accepted", text="Aceptado aquí")
    place.agreement("accepted", due=TODAY - DAY, text="Tarde aquí")
    place.agreement("verified", text="Cumplido aquí")
    client = world.sign_in(place.owner_user)
    assert "Cumplido aquí" in text_of(client.get("/inbox?state=verified"))
    late = text_of(client.get("/inbox?late=1"))
    assert "Tarde aquí" in late and "Aceptado aquí" not in late
    assert "Aceptado aquí" in text_of(client.get("/inbox?theme=alumbrado"))
    assert "Ningún acuerdo" in text_of(client.get("/inbox?theme=alumbrado&state=declined"))
    for wrong in ("theme=otro", "state=nada", "late=quizá", "cursor=zzz"):
        assert client.get(f"/inbox?{wrong}").status_code == 400


def test_pages_follow_each_other_without_gaps(place, world):
    for number in range(30):
        place.agreement("accepted", due=TODAY + (number % 4 - 2) * DAY, text=f"Acuerdo número {number:02d}.")
    client = world.sign_in(place.owner_user)
    first = client.get("/inbox")
    cursor = first.text.split("cursor=")[1].split('"')[0]
    second = client.get(f"/inbox?cursor={cursor}")
    both = text_of(first) + text_of(second)
    assert all(both.count(f"número {number:02d}.") == 1 for number in range(30))


def test_its_queries_do_not_grow_with_the_list(place, world, app):
    client = world.sign_in(place.owner_user)
    counted = []
    engine_event.listen(app.extensions["database"].engine, "before_cursor_execute", lambda *given: counted.append(given[2]))

    def cost() -> int:
        counted.clear()
        client.get("/inbox")
        return len(counted)

    place.agreement("accepted")
    one = cost()
    for _n in range(10):
        place.agreement("accepted")
    assert cost() == one


def test_neighbours_and_strangers_do_not_enter(place, world, client):
    agreement = place.agreement()
    assert client.get("/inbox").status_code == 303
    stranger = world.sign_in(world.user(Role.AREA, body=place.other))
    assert stranger.get(f"/inbox/{agreement.folio}").status_code == 403
    promoter = world.sign_in(place.promoter_user)
    assert promoter.get("/inbox").status_code == 403


def test_only_what_the_state_allows_is_offered(place, world):
    client = world.sign_in(place.owner_user)
    words = text_of(client.get(f"/inbox/{place.agreement().folio}"))
    assert "Aceptar el acuerdo" in words and "No aceptar el acuerdo" in words
    assert "Reportar que está hecho" not in words and "Cancelar el acuerdo" not in words
    words = text_of(client.get(f"/inbox/{place.agreement('in_progress').folio}"))
    assert "Reportar que está hecho" in words and "Aceptar el acuerdo" not in words
    words = text_of(client.get(f"/inbox/{place.agreement('reported_done').folio}"))
    assert "0 de 3 voces" in words
    director = world.sign_in(place.director_user)
    assert "Cancelar el acuerdo" in text_of(director.get(f"/inbox/{place.agreement().folio}"))


def test_the_whole_life_through_the_pages(place, world):
    agreement, client = place.agreement(due=TODAY + 5 * DAY), world.sign_in(place.owner_user)
    steps = (
        ("accept", {}, S.ACCEPTED),
        ("plan", {"due": str(TODAY + 20 * DAY), "reason": "Falta el material"}, S.ACCEPTED),
        ("progress", {"reason": "Se compró"}, S.IN_PROGRESS),
        ("hold", {"reason": "Lluvias", "review_on": str(TODAY + 3 * DAY)}, S.ON_HOLD),
        ("resume", {"reason": "Escampó"}, S.IN_PROGRESS),
        ("report-done", {"reason": "Ya alumbra"}, S.REPORTED_DONE),
    )
    for move, fields, state in steps:
        answer = post(client, agreement, move, **fields)
        assert answer.status_code == 303, text_of(answer)
        assert now(world, agreement).state is state
    words = text_of(client.get(f"/a/{agreement.folio}"))
    for said in ("Primera fecha", "Falta el material", "Lluvias", "Ya alumbra", "Dirección de Obras"):
        assert said in words


def test_handing_over_moves_it_to_the_other_inbox(place, world):
    agreement, client = place.agreement("accepted"), world.sign_in(place.owner_user)
    assert post(client, agreement, "hand-over", owner=place.other.id, reason="Es una fuga").status_code == 303
    assert agreement.folio not in text_of(client.get("/inbox"))
    receiver = world.sign_in(world.user(Role.AREA, body=place.other))
    assert agreement.folio in text_of(receiver.get("/inbox"))
    assert "Ahora lo debe Sistema de Aguas" in text_of(client.get(f"/a/{agreement.folio}"))


def test_what_is_missing_is_said_and_what_was_typed_stays(place, world):
    agreement, client = place.agreement("accepted"), world.sign_in(place.owner_user)
    page = post(client, agreement, "plan", due="", reason="Porque falta todo")
    assert page.status_code == 422
    assert "Escriba la fecha nueva" in text_of(page) and "Porque falta todo" in page.text
    page = post(client, agreement, "plan", due=str(TODAY - DAY), reason="Porque falta todo")
    assert page.status_code == 422 and "Porque falta todo" in page.text


def test_the_second_of_two_people_sees_both_texts(place, world):
    agreement = place.agreement("accepted")
    one, two = world.sign_in(place.owner_user), world.sign_in(world.user(Role.AREA, body=place.owner))
    address = f"/inbox/{agreement.folio}/progress"
    seen_by_two = hidden_fields(two.get(address), "")
    assert post(one, agreement, "progress", reason="Se compró la lámpara").status_code == 303
    page = two.post(address, data={**seen_by_two, "reason": "Se pidió la lámpara"})
    assert page.status_code == 409
    assert "Se compró la lámpara" in text_of(page) and "Se pidió la lámpara" in text_of(page)


def test_a_double_click_acts_once(place, world):
    agreement, client = place.agreement("accepted"), world.sign_in(place.owner_user)
    address = f"/inbox/{agreement.folio}/progress"
    fields = {**hidden_fields(client.get(address), ""), "reason": "Avance"}
    assert [client.post(address, data=fields).status_code for _n in range(2)] == [303, 303]
    assert now(world, agreement).version == agreement.version + 1
    other = client.post(address, data={**fields, "reason": "Otra cosa"})
    assert other.status_code == 422


def test_a_form_of_another_moment_says_how_it_stands(place, world):
    agreement, client = place.agreement("reported_done"), world.sign_in(place.owner_user)
    assert "no se puede hacer ahora" in text_of(client.get(f"/inbox/{agreement.folio}/plan"))
    fields = {"client_id": str(uuid.uuid4()), "due": str(TODAY + DAY), "reason": "Así"}
    fields["csrf_token"] = hidden_fields(client.get(f"/inbox/{place.agreement('accepted').folio}/plan"), "")["csrf_token"]
    page = client.post(f"/inbox/{agreement.folio}/plan", data=fields)
    assert page.status_code == 409 and "Reportado como hecho" in text_of(page)


def test_several_are_accepted_at_once_after_being_shown(place, world):
    first, second = place.agreement(text="Podar el fresno."), place.agreement(text="Pintar la barda.")
    moved, foreign = place.agreement("declined"), place.agreement(owner=place.other)
    client = world.sign_in(place.owner_user)
    listed = client.get("/inbox?state=proposed")
    assert listed.text.count('name="chosen"') == 2 and 'action="/inbox/accept"' in listed.text
    address = "/inbox/accept?" + "&".join(f"chosen={one.folio}" for one in (first, second, moved, foreign))
    asked = client.get(address)
    words = text_of(asked)
    assert "Podar el fresno." in words and "Aceptar no se deshace" in words and "Aceptar 2 acuerdos" in words
    assert moved.folio in words and foreign.folio not in words
    assert now(world, first).state is S.PROPOSED, "looking changes nothing"
    fields = {**hidden_fields(asked), "chosen": [first.folio, second.folio, foreign.folio]}
    answers = [client.post("/inbox/accept", data=fields) for _twice in range(2)]
    assert [one.status_code for one in answers] == [303, 303] and answers[0].location == answers[1].location
    assert {now(world, one).state for one in (first, second)} == {S.ACCEPTED} and now(world, first).version == first.version + 1
    assert now(world, foreign).state is S.PROPOSED and now(world, moved).state is S.DECLINED
    assert "Así quedaron" in text_of(client.get(answers[0].location))


def test_accepting_several_without_choosing_says_so_and_does_nothing(place, world):
    client = world.sign_in(place.owner_user)
    assert "No eligió ningún acuerdo" in text_of(client.get("/inbox/accept"))
    assert client.get("/inbox/accept?" + "&".join(f"chosen=ZZZ-{n}" for n in range(101))).status_code == 400
    assert world.sign_in(place.promoter_user).get("/inbox/accept").status_code == 403
