"""Coming in and going out, as the person and as the one who should not."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import passwords, services
from app.accounts.engine import _argon2
from app.config import Config
from app.core import clock
from app.factory import create_app
from models import AccountSession, Role, User
from tests.app.accounts.conftest import PASSWORD, code_now, fill, sign_in
from tests.conftest import NOW
from tests.pages import PageClient, hidden_fields, text_of


def test_a_person_comes_in_and_goes_out(client, person):
    user = person(Role.OFFICIAL)
    answer = sign_in(client, user)
    assert answer.status_code == 303 and answer.location == "/work"
    assert user.name in client.get("/account").text
    page = client.get("/account")
    out = client.post("/signout", data=hidden_fields(page, "/signout"))
    assert out.status_code == 303 and "storage" in out.headers["Clear-Site-Data"]
    assert client.get("/account").status_code == 303


def test_the_password_is_kept_as_argon2id(world, person):
    user = person()
    with world.writing() as session:
        assert session.get(User, user.id).password.startswith("$argon2id$")


def test_a_wrong_password_and_an_unknown_account_read_the_same(client, person):
    user = person()
    off = person(active=False)
    bodies = set()
    for email, password in ((user.email, "equivocada pero larga"), ("nadie@example.org", PASSWORD), (off.email, PASSWORD)):
        page = fill(client, "/signin", email=email, password=password)
        assert page.status_code == 422 and "Error:" in page.text
        bodies.add(text_of(page))
    assert len(bodies) == 1


def test_a_password_is_never_printed_back(client, person):
    assert "equivocada pero larga" not in sign_in(client, person(), "equivocada pero larga").text


def test_an_unknown_account_takes_the_time_of_a_known_one(app, client, person, monkeypatch):
    user = person()
    hashes = []
    real = passwords.verify_password
    monkeypatch.setattr(passwords, "verify_password", lambda *given: hashes.append(1) or real(*given))
    for email in (user.email, "nadie@example.org"):
        fill(client, "/signin", email=email, password="equivocada pero larga")
    assert len(hashes) == 2, "one hash is computed whether the account exists or not"


def test_ten_bad_tries_close_the_door_in_every_worker(app, config, client, person, caplog):
    user = person()
    other_worker = create_app(config)
    other_worker.config["PROPAGATE_EXCEPTIONS"] = True
    clients = [client, PageClient(other_worker)]
    for n in range(10):
        assert sign_in(clients[n % 2], user, "equivocada pero larga").status_code == 422
    for one in clients:
        refused = sign_in(one, user)
        assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    assert any(getattr(line, "event", "") == "refused" and line.status == 429 for line in caplog.records)
    assert not any(PASSWORD in line.getMessage() or user.email in line.getMessage() for line in caplog.records)
    with clock.stopped_at(NOW + timedelta(minutes=16)):
        assert sign_in(client, user).status_code == 303
    other_worker.extensions["database"].dispose()


def test_an_address_is_counted_too_and_a_good_sign_in_forgives_its_own_typos(client, person):
    user = person()
    for _n in range(6):
        sign_in(client, user, "equivocada pero larga")
    assert sign_in(client, user).status_code == 303
    stranger = PageClient(client.application)
    for n in range(10):
        assert fill(stranger, "/signin", email=f"x{n}@example.org", password="x").status_code == 422
    assert fill(stranger, "/signin", email="y@example.org", password="x").status_code == 429


def test_the_session_begins_with_a_new_token(client, person, world):
    user = person()
    sign_in(client, user)
    first = token_of(client)
    with client.session_transaction("/account") as cookie:
        cookie.pop("seen")
    sign_in(client, user)
    assert token_of(client) != first
    with world.writing() as session:
        kept = session.scalars(select(AccountSession).order_by(AccountSession.id)).all()
        assert first not in {row.token_hash for row in kept}, "only the hash of a token is kept"
        assert [row.ended_at is None for row in kept] == [False, True], "the session it replaced is over"


def token_of(client: PageClient) -> str:
    with client.session_transaction("/account") as cookie:
        return cookie["_user_id"]


def test_a_cookie_copied_before_signing_out_opens_nothing_after(client, person):
    user = person()
    sign_in(client, user)
    copied = client.get_cookie("cuadra").value
    client.post("/signout", data=hidden_fields(client.get("/account"), "/signout"))
    thief = PageClient(client.application)
    thief.set_cookie("cuadra", copied)
    assert thief.get("/account").status_code == 303


@pytest.mark.parametrize("minutes, open_", [(119, True), (121, False)])
def test_an_idle_browser_is_signed_out(client, person, minutes, open_):
    sign_in(client, person())
    with clock.stopped_at(NOW + timedelta(minutes=minutes)):
        assert (client.get("/account").status_code == 200) is open_


def test_half_a_day_is_the_longest(client, person):
    sign_in(client, person())
    for hours in range(1, 12):
        with clock.stopped_at(NOW + timedelta(hours=hours)):
            assert client.get("/account").status_code == 200
    with clock.stopped_at(NOW + timedelta(hours=12, minutes=1)):
        assert client.get("/account").status_code == 303


def test_a_disabled_account_is_out_at_once(client, person, world):
    user = person()
    sign_in(client, user)
    with world.writing() as session:
        services.disable(session, user=session.get(User, user.id))
    assert client.get("/account").status_code == 303
    assert sign_in(client, user).status_code == 422


def test_public_pages_set_no_cookie_even_when_signed_in(client, person):
    sign_in(client, person())
    with clock.stopped_at(NOW + timedelta(minutes=30)):
        for path in ("/", "/search?q=a", "/nada", "/healthz"):
            page = client.get(path)
            assert "Set-Cookie" not in page.headers and "Cookie" not in page.headers.get("Vary", ""), path


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(client, person):
    cookie = sign_in(client, person()).headers["Set-Cookie"]
    assert cookie.startswith("cuadra=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_behind_https_the_cookie_belongs_to_the_host(config):
    app = create_app(dataclasses.replace(config, base_url="https://cuadra.example"))
    cookie = PageClient(app).get("/signin", base_url="https://cuadra.example").headers["Set-Cookie"]
    assert cookie.startswith("__Host-cuadra=") and "Secure" in cookie and "Domain" not in cookie and "Path=/" in cookie
    app.extensions["database"].dispose()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x", "work"]
)
def test_signing_in_leads_nowhere_else(client, person, elsewhere):
    user = person()
    page = client.get("/signin", query_string={"next": elsewhere})
    answer = client.post(
        "/signin", query_string={"next": elsewhere}, data={**hidden_fields(page), "email": user.email, "password": PASSWORD}
    )
    assert answer.status_code == 303 and answer.location == "/work"


def test_signing_in_goes_on_to_where_one_was_going(staff, person):
    client, user = staff.client(), person()
    asked = client.get("/en/work/trial?q=1")
    assert asked.status_code == 303 and asked.location.startswith("/en/signin?next=")
    assert sign_in(client, user, path=asked.location).location == "/en/work/trial?q=1"


def test_the_form_of_another_site_signs_nobody_in(client, person):
    user = person()
    assert client.post("/signin", data={"email": user.email, "password": PASSWORD}).status_code == 400
    page = client.get("/signin")
    forged = client.post(
        "/signin", data={**hidden_fields(page), "email": user.email, "password": PASSWORD},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert forged.status_code == 403


def test_account_pages_are_never_stored(client, person):
    assert client.get("/signin").headers["Cache-Control"] == "no-store"
    sign_in(client, person())
    assert client.get("/account").headers["Cache-Control"] == "no-store"


def test_the_second_step_stands_between_password_and_session(client, person):
    user = person(second=True)
    answer = sign_in(client, user)
    assert answer.location == "/signin/second-factor"
    assert client.get("/account").status_code == 303, "a password alone opens nothing"
    wrong = fill(client, "/signin/second-factor", code="000000")
    assert wrong.status_code == 422
    answer = fill(client, "/signin/second-factor", code=code_now(user.authenticator))
    assert answer.status_code == 303 and answer.location == "/work"
    assert client.get("/account").status_code == 200


def test_a_code_opens_once(client, person):
    user = person(second=True)
    code = code_now(user.authenticator)
    sign_in(client, user)
    assert fill(client, "/signin/second-factor", code=code).status_code == 303
    again = PageClient(client.application)
    sign_in(again, user)
    assert fill(again, "/signin/second-factor", code=code).status_code == 422
    with clock.stopped_at(NOW + timedelta(seconds=30)):
        assert fill(again, "/signin/second-factor", code=code_now(user.authenticator)).status_code == 303


def test_an_old_code_does_not_open(client, person):
    user = person(second=True)
    sign_in(client, user)
    assert fill(client, "/signin/second-factor", code=code_now(user.authenticator, -90)).status_code == 422


def test_a_recovery_code_opens_once(client, person, world):
    user = person(second=True)
    for attempt, status in ((user.codes[0].upper(), 303), (user.codes[0], 422), (user.codes[1], 303)):
        one = PageClient(client.application)
        sign_in(one, user)
        assert fill(one, "/signin/second-factor", code=attempt).status_code == status
    with world.writing() as session:
        kept = session.get(User, user.id)
        assert len(kept.mf_recovery_codes) == 8
        assert user.codes[2] not in str(kept.mf_recovery_codes), "codes are encrypted at rest"
        assert user.authenticator.secret not in kept.tf_totp_secret


def test_guessing_codes_is_limited(client, person):
    user = person(second=True)
    sign_in(client, user)
    answers = [fill(client, "/signin/second-factor", code=f"00000{n % 10}").status_code for n in range(10)]
    assert set(answers) == {422}
    page = client.get("/signin/second-factor")
    right = client.post("/signin/second-factor", data={**hidden_fields(page), "code": code_now(user.authenticator)})
    assert right.status_code == 429


def test_the_first_step_does_not_wait_for_ever(client, person):
    user = person(second=True)
    sign_in(client, user)
    with clock.stopped_at(NOW + timedelta(minutes=11)):
        assert client.get("/signin/second-factor").location == "/signin"


def test_staff_in_production_act_only_with_a_second_factor(staff, production, person):
    client, user = staff.client(), person(Role.OFFICIAL)
    sign_in(client, user)
    for path in ("/work/trial", "/work/any"):
        assert client.get(path).location == f"/account/second-factor?next={path}"
    page = client.get("/account")
    sent = client.post("/work/trial", data={**hidden_fields(page, "/signout"), "words": "hola"})
    assert sent.status_code == 303 and sent.location.startswith("/account/second-factor?")
    assert staff.received == []


def test_neighbours_need_no_second_factor(staff, production, person, world):
    block = world.tree()["block"][0]
    client, user = staff.client(), person(Role.LIAISON, unit=block)
    sign_in(client, user)
    assert client.get("/work/trial").status_code == 200


def test_production_hashes_with_the_settings_of_rfc_9106():
    """The suite hashes with weak settings; production's are argon2's second recommended ones."""
    settings = _argon2(Config("production", "", None, "", "", ""))
    assert settings["argon2__memory_cost"] == 64 * 1024 and settings["argon2__type"] == "ID"
