"""My account: my sessions, my password, my second factor."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from app.core import clock
from models import Role, User
from tests.app.accounts.conftest import PASSWORD, code_now, fill, sign_in
from tests.conftest import NOW
from tests.pages import PageClient, hidden_fields, text_of

NEW = "otra frase bien distinta"
TELEPHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"}


@pytest.fixture
def two(client, person):
    """(this browser, a telephone, the account): both signed in."""
    user = person()
    sign_in(client, user)
    telephone = PageClient(client.application)
    page = telephone.get("/signin", headers=TELEPHONE)
    telephone.post("/signin", data={**hidden_fields(page), "email": user.email, "password": PASSWORD}, headers=TELEPHONE)
    return client, telephone, user


def test_the_page_says_who_i_am_and_what_i_hold(client, person, world):
    unit = world.unit(name="Barrio del Nogal")
    user = person(Role.PROMOTER, unit=unit)
    sign_in(client, user)
    words = text_of(client.get("/account"))
    for said in (user.email, "Promotor", "Barrio del Nogal", "Desde el", "es este equipo"):
        assert said in words


def test_sessions_are_listed_and_ended_one_by_one(two):
    here, telephone, _user = two
    page = here.get("/account")
    assert "Chrome · Android" in text_of(page)
    ended = here.post(form_action(page.text, "/end"), data=hidden_fields(page, "/end"))
    assert ended.status_code == 303
    assert telephone.get("/account").status_code == 303
    assert here.get("/account").status_code == 200 and "Android" not in text_of(here.get("/account"))


def form_action(text: str, ending: str) -> str:
    return next(part.split('"')[0] for part in text.split('action="')[1:] if part.split('"')[0].endswith(ending))


def test_all_the_others_are_ended_at_once(two):
    here, telephone, _user = two
    page = here.get("/account")
    here.post("/account/sessions/end-others", data=hidden_fields(page, "/end-others"))
    assert telephone.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_nobody_ends_a_session_of_another(two, person):
    here, telephone, _user = two
    stranger = PageClient(here.application)
    sign_in(stranger, person())
    target = form_action(here.get("/account").text, "/end")
    assert stranger.post(target, data=hidden_fields(stranger.get("/account"), "/signout")).status_code == 404
    assert telephone.get("/account").status_code == 200


def test_a_post_without_the_token_of_its_form_is_refused(two):
    here, _telephone, _user = two
    for path in ("/signout", "/account", "/account/password", "/account/second-factor", "/account/sessions/end-others"):
        assert here.post(path, data={"name": "x"}).status_code == 400, path
        assert here.post(path, data={"csrf_token": "x"}).status_code == 400, path


def test_a_new_password_asks_for_the_old_and_ends_the_other_sessions(two):
    here, telephone, user = two
    wrong = fill(here, "/account/password", current_password="no es", new_password=NEW, repeated=NEW)
    assert wrong.status_code == 422 and "no es su contraseña actual" in text_of(wrong)
    before = here.get_cookie("cuadra").value
    assert fill(here, "/account/password", current_password=PASSWORD, new_password=NEW, repeated=NEW).status_code == 303
    assert here.get("/account").status_code == 200
    assert telephone.get("/account").status_code == 303
    copied = PageClient(here.application)
    copied.set_cookie("cuadra", before)
    assert copied.get("/account").status_code == 303, "the token changes with the password"
    assert sign_in(PageClient(here.application), user, NEW).status_code == 303


def test_guessing_the_present_password_is_limited(two):
    here, _telephone, _user = two
    for _n in range(10):
        fill(here, "/account/password", current_password="no es", new_password=NEW, repeated=NEW)
    assert fill(here, "/account/password", current_password=PASSWORD, new_password=NEW, repeated=NEW).status_code == 429


def set_up(client: PageClient, **changes):
    page = client.get("/account/second-factor")
    spelled = page.text.split("<code>")[1].split("</code>")[0]
    authenticator = pyotp.TOTP(spelled.replace("-", ""))
    fields = {**hidden_fields(page, "second-factor"), "code": code_now(authenticator), "current_password": PASSWORD}
    return authenticator, client.post("/account/second-factor", data=fields | changes)


def test_setting_up_the_second_factor(two, world):
    here, telephone, user = two
    _authenticator, wrong = set_up(here, code="123456")
    assert wrong.status_code == 422 and "no coincide" in text_of(wrong)
    _authenticator, wrong = set_up(here, current_password="no es")
    assert wrong.status_code == 422
    authenticator, done = set_up(here)
    assert done.status_code == 200 and done.headers["Cache-Control"] == "no-store"
    codes = [part.split("<")[0] for part in done.text.split('<code class="mono">')[1:]]
    assert len(codes) == 10
    assert codes[0] not in here.get("/account/second-factor").text, "shown once"
    assert telephone.get("/account").status_code == 303, "the other sessions end"
    other = PageClient(here.application)
    assert sign_in(other, user).location == "/signin/second-factor"
    with clock.stopped_at(NOW + timedelta(seconds=30)):
        assert fill(other, "/signin/second-factor", code=code_now(authenticator)).status_code == 303


def test_the_code_that_set_it_up_does_not_open(two):
    here, _telephone, user = two
    authenticator, _done = set_up(here)
    other = PageClient(here.application)
    sign_in(other, user)
    assert fill(other, "/signin/second-factor", code=code_now(authenticator)).status_code == 422


def test_new_recovery_codes_replace_the_old(two, world):
    here, _telephone, user = two
    set_up(here)
    with world.writing() as session:
        before = list(session.get(User, user.id).mf_recovery_codes)
    page = here.get("/account/second-factor")
    done = here.post("/account/second-factor/codes", data=hidden_fields(page, "/codes") | {"renew-current_password": PASSWORD})
    assert done.status_code == 200
    with world.writing() as session:
        assert not set(before) & set(session.get(User, user.id).mf_recovery_codes)


def test_staff_in_production_set_it_up_on_the_way_and_go_on(staff, production, person):
    client, user = staff.client(), person(Role.OFFICIAL)
    sign_in(client, user)
    path = client.get("/work/trial").location
    page = client.get(path)
    authenticator = pyotp.TOTP(page.text.split("<code>")[1].split("</code>")[0].replace("-", ""))
    done = client.post(
        form_action(page.text, path).replace("&amp;", "&"),
        data=hidden_fields(page) | {"code": code_now(authenticator), "current_password": PASSWORD},
    )
    assert 'href="/work/trial"' in done.text
    assert client.get("/work/trial").status_code == 200
