"""The session ends while somebody writes: nothing is lost, nothing is sent twice, nobody else sees it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from app.core import clock, crypto
from models import Stash
from tests.app.accounts.conftest import code_now, fill, sign_in
from tests.conftest import NOW
from tests.pages import hidden_fields, text_of

LATER = NOW + timedelta(hours=3)
PHOTO = b"\xff\xd8 a photo"


@pytest.fixture
def interrupted(staff, person):
    """(browser, account, sign-in address): a note with a photo was sent after the session had ended."""

    def make(**facts):
        client, user = staff.client(), person(**facts)
        if facts.get("second"):
            sign_in(client, user)
            fill(client, "/signin/second-factor", code=code_now(user.authenticator))
        else:
            sign_in(client, user)
        page = client.get("/work/trial")
        fields = hidden_fields(page) | {"words": "La luminaria de Nogal 12", "photo": (BytesIO(PHOTO), "luz.jpg")}
        with clock.stopped_at(LATER):
            sent = client.post("/work/trial", data=fields, content_type="multipart/form-data")
        assert sent.status_code == 303 and sent.location.startswith("/signin?next=/work/trial&stash=")
        assert staff.received == []
        return client, user, sent.location, fields["client_id"]

    return make


def test_what_was_written_comes_back_after_signing_in(staff, interrupted):
    client, user, signin, client_id = interrupted()
    with clock.stopped_at(LATER):
        assert "está guardado" in text_of(client.get(signin))
        back = sign_in(client, user, path=signin)
        page = client.get(back.location)
        assert "Recuperamos lo que escribió; revise y envíe." in text_of(page)
        assert "La luminaria de Nogal 12" in page.text and "Guardamos luz.jpg" in text_of(page)
        sent = client.post(
            "/work/trial", data=hidden_fields(page) | {"words": "La luminaria de Nogal 12", "photo": (BytesIO(b""), "")},
            content_type="multipart/form-data",
        )
    assert sent.status_code == 303
    assert staff.received == [("La luminaria de Nogal 12", PHOTO, client_id)], "once, with its photo, under its first key"


def test_another_photo_takes_the_place_of_the_first(staff, interrupted):
    client, user, signin, _client_id = interrupted()
    with clock.stopped_at(LATER):
        page = client.get(sign_in(client, user, path=signin).location)
        client.post(
            "/work/trial", data=hidden_fields(page) | {"words": "x", "photo": (BytesIO(b"other"), "b.jpg")},
            content_type="multipart/form-data",
        )
    assert staff.received[0][1] == b"other"


def test_it_comes_back_across_the_second_step_and_a_mistyped_password(staff, interrupted):
    client, user, signin, _client_id = interrupted(second=True)
    with clock.stopped_at(LATER):
        assert sign_in(client, user, "equivocada pero larga", path=signin).status_code == 422
        step = sign_in(client, user, path=signin)
        assert step.location.startswith("/signin/second-factor?next=/work/trial&stash=")
        assert fill(client, step.location, code="000000").status_code == 422
        back = fill(client, step.location, code=code_now(user.authenticator))
        assert "La luminaria de Nogal 12" in client.get(back.location).text


def test_another_person_signing_in_there_sees_nothing_of_it(staff, interrupted, person):
    client, _user, signin, _client_id = interrupted()
    with clock.stopped_at(LATER):
        back = sign_in(client, person(), path=signin)
        page = client.get(back.location)
        assert page.status_code == 200 and "luminaria" not in page.text and "Recuperamos" not in text_of(page)
        token = signin.split("stash=")[1]
        client.post("/work/trial", data=hidden_fields(page) | {"words": "y", "stash": token})
    assert staff.received == [("y", None, staff.received[0][2])], "nor takes its photo"


def test_the_same_person_finds_it_from_another_browser(staff, interrupted):
    client, user, signin, _client_id = interrupted()
    other = staff.client()
    with clock.stopped_at(LATER):
        back = sign_in(other, user, path=signin)
        assert "luminaria" in other.get(back.location).text


def test_a_browser_that_names_nobody_keeps_it_for_itself(staff, person, world):
    client, user = staff.client(), person()
    sent = client.post("/work/trial", data={"words": "sin sesión"})
    token_page = sign_in(client, user, path=sent.location).location
    assert "sin sesión" in client.get(token_page).text
    other = staff.client()
    sign_in(other, user)
    assert "sin sesión" not in other.get(token_page).text
    with world.writing() as session:
        kept = session.scalars(select(Stash)).one()
        assert b"sin sesi" not in kept.data_encrypted


def test_files_of_a_browser_that_names_nobody_are_not_kept(staff, world):
    client = staff.client()
    sent = client.post(
        "/work/trial", data={"words": "x", "photo": (BytesIO(b"0" * 500_000), "luz.jpg")}, content_type="multipart/form-data"
    )
    assert sent.status_code == 303
    with world.writing() as session:
        assert len(session.scalars(select(Stash)).one().data_encrypted) < 2000


def test_the_token_opens_on_no_other_page_and_not_after_a_day(staff, interrupted):
    client, user, signin, _client_id = interrupted()
    with clock.stopped_at(LATER + timedelta(hours=25)):
        back = sign_in(client, user, path=signin)
        assert "luminaria" not in client.get(back.location).text


def test_passwords_are_never_set_aside(staff, world):
    client = staff.client()
    client.post("/account/password", data={"current_password": "secreta-1", "new_password": "secreta-2", "words": "x"})
    with staff.app.test_request_context("/"), world.writing() as session:
        plain = crypto.decrypt(session.scalars(select(Stash)).one().data_encrypted)
        assert b"secreta" not in plain and b"words" in plain


def test_a_form_from_another_site_is_not_set_aside(staff, world):
    client = staff.client()
    sent = client.post("/work/trial", data={"words": "planted"}, headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 403
    with world.writing() as session:
        assert session.scalars(select(Stash)).all() == []


def test_a_telephone_that_asks_for_json_is_told_to_keep_what_it_has(staff):
    client = staff.client()
    sent = client.post("/work/trial", json={"words": "x"}, headers={"Accept": "application/json"})
    assert sent.status_code == 401 and sent.mimetype == "application/problem+json"
