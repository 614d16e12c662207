"""What a neighbour sees and says from a phone (DOMAIN.md 3)."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import event as engine_event
from sqlalchemy import func, select

from app.core import clock
from models import Agreement, Event, EventText, Setting, Voice
from models.agreement import AgreementState as S
from models.agreement import Move
from models.ledger import EventKind
from models.operations import IdempotencyKey
from tests.conftest import NOW
from tests.factories import TODAY
from tests.pages import PageClient, hidden_fields, text_of

DAY = timedelta(days=1)


def send(client, agreement, act, **fields):
    return client.post(f"/a/{agreement.folio}/{act}", data={"client_id": str(uuid.uuid4()), **fields})


def now(world, agreement) -> Agreement:
    with world.writing() as session:
        return session.get_one(Agreement, agreement.id)


def follow(client, response):
    assert response.status_code == 303, text_of(response)
    return client.get(response.headers["Location"])


def test_the_page_answers_the_five_questions(place, client):
    agreement = place.agreement("reported_done", due=TODAY - 3 * DAY, reported_on=TODAY - DAY, counterpart=place.other)
    page = client.get(f"/a/{agreement.folio}")
    words = text_of(page)
    for said in (
        agreement.text, "Dirección de Obras", "11 de marzo de 2026", "Reportado como hecho", "2 días tarde", "0 de 3",
        "Sí, está hecho", "No está hecho", "Asamblea de prueba", "Sistema de Aguas", "Promotor comunitario", "asiento",
    ):
        assert said in words, said
    assert "Set-Cookie" not in page.headers


def test_the_first_date_is_never_lost(place, world, client):
    agreement = place.agreement("accepted", due=TODAY + 5 * DAY)
    with world.writing() as session:
        mine = session.get_one(Agreement, agreement.id)
        for due in (TODAY + 20 * DAY, TODAY + 40 * DAY):
            place.advance(session, mine, Move.PLAN, reason="Falta presupuesto", due=due)
    words = text_of(client.get(f"/a/{agreement.folio}"))
    assert "23 de abril de 2026" in words
    assert "Primera fecha: 19 de marzo de 2026" in words
    assert "Cambió 2 veces" in words
    assert "Falta presupuesto" in words


@pytest.mark.parametrize("typed", ["{}", "{lower}", "{bare}", "{spaced}"])
def test_a_folio_is_found_however_it_is_typed(place, client, typed):
    agreement = place.agreement()
    folio = agreement.folio
    written = typed.format(folio, lower=folio.lower(), bare=folio.replace("-", ""), spaced=folio.replace("-", " "))
    page = client.get(f"/a/{written}")
    if written != folio:
        assert page.status_code == 301
        assert page.headers["Location"] == f"/a/{folio}"
    else:
        assert page.status_code == 200


def test_what_is_not_there_is_404(place, client):
    assert client.get("/a/NADA-2026-0001").status_code == 404
    assert client.get("/a/" + "x" * 80).status_code == 404


def test_only_a_report_waits_for_voices(place, client):
    for state in ("proposed", "in_progress", "verified", "on_hold"):
        agreement = place.agreement(state)
        words = text_of(client.get(f"/a/{agreement.folio}"))
        assert "Sí, está hecho" not in words
        assert "Tengo una duda" in words
        assert "no espera voces" in text_of(client.get(f"/a/{agreement.folio}/confirm"))
        assert send(client, agreement, "confirm", code=place.slip()).status_code == 409


def test_three_voices_close_it(place, world, client):
    agreement = place.agreement("reported_done")
    said = [
        text_of(follow(client, send(client, agreement, "confirm", code=place.slip(unit))))
        for unit in (place.block, place.section, place.territory)
    ]
    assert "1 de 3" in said[0] and "Faltan 2 voces" in said[0]
    assert "2 de 3" in said[1] and "Falta 1 voz" in said[1]
    assert "verificado con 3 voces" in said[2]
    assert now(world, agreement).state is S.VERIFIED
    assert "Verificado por vecinos" in text_of(client.get(f"/a/{agreement.folio}"))
    with world.writing() as session:
        last = session.scalars(select(Event).where(Event.object == agreement.object_name).order_by(Event.seq.desc())).first()
    assert last.kind == EventKind.AGREEMENT_VERIFIED
    assert last.capacity == {"role": "voice", "unit": place.territory.code}


def test_a_slip_typed_any_way_counts_once(place, world, client):
    agreement, code = place.agreement("reported_done"), place.slip()
    follow(client, send(client, agreement, "confirm", code=code))
    again = follow(client, send(client, agreement, "confirm", code=f" {code[:5].lower()}-{code[5:].lower()} "))
    assert "Ya contamos su voz" in text_of(again)
    no = follow(client, send(client, agreement, "dispute", code=code, reason="Cambié de opinión"))
    assert "Ya contamos su voz" in text_of(no)
    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(Voice)) == 1


def test_a_used_slip_speaks_again_in_the_next_report(place, world, client):
    agreement, code = place.agreement("reported_done"), place.slip()
    follow(client, send(client, agreement, "dispute", code=code, reason="Sigue apagada"))
    with world.writing() as session:
        place.advance(session, session.get_one(Agreement, agreement.id), Move.REPORT_DONE, reason="Ahora sí", on=TODAY)
    assert "1 de 3" in text_of(follow(client, send(client, agreement, "confirm", code=code)))


def test_a_double_click_and_a_replay_days_later_count_once(place, world, client):
    agreement, code, key = place.agreement("reported_done"), place.slip(), str(uuid.uuid4())
    fields = {"client_id": key, "code": code}
    first = client.post(f"/a/{agreement.folio}/confirm", data=fields)
    second = client.post(f"/a/{agreement.folio}/confirm", data=fields)
    assert first.headers["Location"] == second.headers["Location"]
    with clock.stopped_at(NOW + 5 * DAY):
        third = client.post(f"/a/{agreement.folio}/confirm", data=fields)
    assert third.headers["Location"] == first.headers["Location"]
    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(Voice)) == 1


def test_slips_of_elsewhere_expired_voided_or_unknown_do_not_speak(place, world, client):
    agreement = place.agreement("reported_done", unit=place.section)
    cases = {
        place.slip(place.far_block): "de otro lugar",
        place.slip(place.other_territory): "de otro lugar",
        place.slip(until=TODAY - DAY): "venció",
        place.slip(voided=True): "anulada",
        "ZZZZZZZZZZ": "No reconocemos",
        "": "Escriba la clave",
    }
    for code, said in cases.items():
        page = send(client, agreement, "confirm", code=code)
        assert page.status_code == 422
        assert said in text_of(page), code
        assert f'value="{code}"' in page.text or not code
    assert now(world, agreement).state is S.REPORTED_DONE


def test_a_slip_on_its_last_day_still_speaks(place, client):
    agreement = place.agreement("reported_done")
    assert send(client, agreement, "confirm", code=place.slip(until=TODAY)).status_code == 303


def test_a_slip_of_the_office_does_not_reach_up_beyond_the_territory(place, client):
    agreement = place.agreement("reported_done", unit=place.territory)
    assert send(client, agreement, "confirm", code=place.slip(place.block)).status_code == 303


def test_guessing_codes_is_stopped(place, client):
    agreement = place.agreement("reported_done")
    codes = [f"AAAAAAAA{first}{second}" for first in "BCDEFGH" for second in "BCDEFG"][:41]
    answers = [send(client, agreement, "confirm", code=code).status_code for code in codes]
    assert answers[:40] == [422] * 40
    assert answers[40] == 429


def test_an_objection_returns_it_to_work_and_its_words_wait_for_a_look(place, world, client):
    agreement = place.agreement("reported_done", due=TODAY - 10 * DAY, reported_on=TODAY - 8 * DAY)
    page = follow(client, send(client, agreement, "dispute", code=place.slip(), reason="Sigue apagada, la vi anoche"))
    assert "regresó a «En proceso»" in text_of(page)
    words = text_of(client.get(f"/a/{agreement.folio}"))
    assert "10 días tarde" in words
    assert "Sigue apagada" not in words
    assert "en revisión" in words
    assert now(world, agreement).state is S.IN_PROGRESS


def test_an_objection_needs_a_reason(place, client):
    agreement, code = place.agreement("reported_done"), place.slip()
    page = send(client, agreement, "dispute", code=code, reason="   ")
    assert page.status_code == 422
    assert "Diga qué falta" in text_of(page)
    assert code in page.text


def test_below_the_threshold_an_objection_keeps_voices_from_closing(place, world, client):
    with world.writing() as session:
        session.add(Setting(key="objections_to_dispute", value=2, updated_at=clock.now()))
    agreement = place.agreement("reported_done")
    follow(client, send(client, agreement, "dispute", code=place.slip(), reason="Falta una lámpara"))
    for _n in range(4):
        last = follow(client, send(client, agreement, "confirm", code=place.slip()))
    assert now(world, agreement).state is S.REPORTED_DONE
    assert "decide una asamblea" in text_of(last)
    follow(client, send(client, agreement, "dispute", code=place.slip(), reason="Yo tampoco la veo"))
    assert now(world, agreement).state is S.IN_PROGRESS


def test_a_doubt_is_a_count_and_nothing_else(place, world, client):
    agreement = place.agreement("in_progress")
    for number in (1, 2):
        page = follow(client, send(client, agreement, "doubt"))
        assert f"Hay {number} duda" in text_of(page)
    assert now(world, agreement).state is S.IN_PROGRESS
    assert now(world, agreement).version == agreement.version
    assert "2 dudas" in text_of(client.get(f"/a/{agreement.folio}"))


def test_another_site_cannot_make_visitors_speak(place, client):
    agreement = place.agreement("reported_done")
    page = client.post(
        f"/a/{agreement.folio}/doubt", data={"client_id": str(uuid.uuid4())}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert page.status_code == 403


def test_the_form_carries_its_key(place, client):
    agreement = place.agreement("reported_done")
    fields = hidden_fields(client.get(f"/a/{agreement.folio}/confirm"))
    assert uuid.UUID(fields["client_id"])


def test_sixteen_neighbours_at_once_are_counted_and_close_it_once(place, world, app):
    agreement = place.agreement("reported_done")
    codes = [place.slip() for _n in range(16)]
    answers = []

    def say(code):
        with clock.stopped_at(NOW):
            response = send(PageClient(app), agreement, "confirm", code=code)
        answers.append(response.status_code)

    threads = [threading.Thread(target=say, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(303) == 3
    assert answers.count(409) == 13
    with world.writing() as session:
        verified = session.scalars(
            select(Event).where(Event.object == agreement.object_name, Event.kind == EventKind.AGREEMENT_VERIFIED)
        ).all()
        assert len(verified) == 1
        assert session.scalar(select(func.count()).select_from(Voice)) == 3


def test_a_text_taken_away_is_said_to_be_withheld(place, world, client):
    agreement = place.agreement("in_progress")
    with world.writing() as session:
        for row in session.scalars(select(EventText).where(EventText.field == "reason")):
            row.text = row.salt = None
    assert "El texto se retiró" in text_of(client.get(f"/a/{agreement.folio}"))


def test_the_page_costs_eight_queries_however_long_its_life(place, app, client):
    agreement = place.agreement("reported_done")
    for _n in range(3):
        send(client, agreement, "doubt")
    counted = []
    engine = app.extensions["database"].engine
    engine_event.listen(engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    client.get(f"/a/{agreement.folio}")
    assert len([one for one in counted if one.lstrip().upper().startswith("SELECT")]) <= 8, "\n".join(counted)


def test_the_address_keeps_any_query_when_the_folio_is_typed_another_way(place, client):
    agreement = place.agreement("reported_done")
    for query in ("folio=x", "_method=POST", "_scheme=javascript", "_external=1&_language=en", "heard=counted"):
        answer = client.get(f"/a/{agreement.folio.lower()}/confirm?{query}")
        assert (answer.status_code, answer.location) == (301, f"/a/{agreement.folio}/confirm?{query}")


def test_a_reason_with_a_null_character_is_refused_not_broken(place, client):
    agreement = place.agreement("reported_done")
    answer = send(client, agreement, "dispute", code=place.slip(), reason="Sigue\0apagada")
    assert answer.status_code == 400


def test_what_is_kept_of_a_send_does_not_give_the_slip_away(place, world, client):
    agreement, code, client_id = place.agreement("reported_done"), place.slip(), str(uuid.uuid4())
    assert client.post(f"/a/{agreement.folio}/confirm", data={"client_id": client_id, "code": code}).status_code == 303
    body = {"code": code, "folio": agreement.folio, "act": "confirm"}
    plain = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    with world.writing() as session:
        kept = session.scalars(select(IdempotencyKey)).one()
    assert kept.body_digest != plain, "ten letters are few enough to try them all"
