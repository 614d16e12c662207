"""Invitations and resets: one use, a short life, nothing in the database that opens, the second factor untouched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import passwords, services
from app.core import clock
from models import AccountToken, Event, Role, Term, TerritorialUnit, User
from models.body import BodyKind, GovernmentLevel
from models.ledger import SYSTEM
from models.territory import LevelRole
from tests.app.accounts.conftest import fill, sign_in
from tests.app.cli.test_operations import cuadra
from tests.app.cli.test_operations import home as home  # noqa: PLC0414
from tests.conftest import NOW
from tests.pages import PageClient, hidden_fields, text_of

NEW = "otra frase bien distinta"


@pytest.fixture
def invited(world):
    """The path of a fresh invitation of ana.lopez@example.org to be an official."""
    with world.writing() as session:
        unit = world.unit()
        token = services.invite(session, email=" Ana.Lopez@Example.org ", name="Ana López", role=Role.OFFICIAL, unit=unit, capacity=SYSTEM)
    return f"/account/activate/{token}"


def test_an_invited_person_chooses_a_password_and_comes_in(client, invited, world):
    page = client.get(invited)
    assert "ana.lopez@example.org" in page.text and page.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    done = fill(client, invited, name="Ana López", new_password=NEW, repeated=NEW)
    assert done.status_code == 303 and done.location == "/signin?said=active"
    assert "activa" in text_of(client.get(done.location))
    assert fill(client, "/signin", email="ANA.LOPEZ@example.org", password=NEW).location == "/work"


def test_an_invitation_opens_once_and_its_token_is_nowhere(client, invited, world):
    fill(client, invited, name="Ana", new_password=NEW, repeated=NEW)
    for answer in (client.get(invited), client.post(invited, data=hidden_fields(client.get("/signin")) | {"new_password": NEW})):
        assert answer.status_code == 410 and "ya no sirve" in text_of(answer)
    with world.writing() as session:
        assert invited.rpartition("/")[2] not in [row.token_hash for row in session.scalars(select(AccountToken))]


def test_an_invitation_lasts_a_week(client, invited):
    with clock.stopped_at(NOW + timedelta(days=7)):
        assert client.get(invited).status_code == 410
    with clock.stopped_at(NOW + timedelta(days=6)):
        assert client.get(invited).status_code == 200


def test_a_link_of_one_kind_does_not_open_the_other_door(client, invited):
    assert client.get(invited.replace("/account/activate/", "/reset/")).status_code == 410


def test_a_newer_invitation_shuts_the_older(client, invited, world):
    with world.writing() as session:
        unit = session.scalars(select(TerritorialUnit)).first()
        services.invite(session, email="ana.lopez@example.org", role=Role.OFFICIAL, unit=unit, capacity=SYSTEM)
        assert len(session.scalars(select(Term)).all()) == 1, "the same role is not granted twice"
    assert client.get(invited).status_code == 410


def test_the_chain_says_the_role_and_its_place_and_no_name(invited, world):
    with world.writing() as session:
        event = session.scalars(select(Event).where(Event.kind == "role.granted")).one()
        line = str(event.public())
        assert event.data["role"] == "official" and event.data["unit"] in event.object
        assert "ana" not in line.lower().replace("manage", "") and "example.org" not in line


@pytest.mark.parametrize(
    "password, says",
    [
        ("corta", "al menos 12"), ("contraseña2026", "primeras"), ("password1234", "primeras"), ("aaaaaaaaaaaaaa", "primeras"),
        ("qwertyuiop1234", "primeras"), ("ana.lopez.2026!", "su nombre"), ("AnaLopez-1234", "su nombre"), ("x y" * 50, "a lo más 128"),
    ],
)
def test_passwords_anybody_would_try_are_refused_with_a_reason(client, invited, password, says):
    page = fill(client, invited, name="Ana López", new_password=password, repeated=password)
    assert page.status_code == 422 and says in text_of(page)


@pytest.mark.parametrize("password", ["tres tigres tristes", "ñandú sin mayúsculas ni cifras", "zKq8$vTm2pLw", "palabras " * 8 + "sueltas"])
def test_any_other_of_twelve_or_more_is_accepted(app, password):
    with app.app_context():
        assert passwords.faults(password, ("Ana López", "ana@example.org")) == []


def test_the_two_passwords_must_be_equal(client, invited):
    page = fill(client, invited, name="Ana", new_password=NEW, repeated=NEW + "x")
    assert page.status_code == 422 and "no son iguales" in text_of(page)


def test_nobody_gives_themselves_a_role(client, invited, world):
    extra = {"role": "admin", "unit_id": "1", "active": "1", "email": "otra@example.org", "tf_primary_method": "x"}
    fill(client, invited, name="Ana", new_password=NEW, repeated=NEW, **extra)
    fill(client, "/signin", **extra | {"email": "ana.lopez@example.org", "password": NEW})
    fill(client, "/account", "/account", name="Ana", language="fr", **extra)
    with world.writing() as session:
        user = session.scalars(select(User)).one()
        assert (user.email, user.language, user.tf_primary_method) == ("ana.lopez@example.org", "fr", None)
        assert [term.role for term in session.scalars(select(Term))] == [Role.OFFICIAL]


def reset_path(world, user) -> str:
    with world.writing() as session:
        return "/reset/" + services.reset_link(session, session.get(User, user.id))


def test_a_reset_ends_every_session_and_opens_once(client, person, world):
    user = person()
    sign_in(client, user)
    path = reset_path(world, user)
    other = PageClient(client.application)
    assert fill(other, path, new_password=NEW, repeated=NEW).location == "/signin?said=password"
    assert client.get("/account").status_code == 303
    assert other.get(path).status_code == 410
    assert sign_in(other, user).status_code == 422
    assert sign_in(other, user, NEW).status_code == 303


def test_a_reset_lasts_an_hour(client, person, world):
    path = reset_path(world, person())
    with clock.stopped_at(NOW + timedelta(minutes=61)):
        assert client.get(path).status_code == 410


def test_a_reset_does_not_go_around_the_second_factor(client, person, world):
    user = person(second=True)
    fill(client, reset_path(world, user), new_password=NEW, repeated=NEW)
    assert sign_in(client, user, NEW).location == "/signin/second-factor"
    assert client.get("/account").status_code == 303


def test_asking_for_a_reset_answers_the_same_to_all_and_is_seen_by_who_administers(client, person, home):
    user = person()
    answers = set()
    for email in (user.email, "nadie@example.org"):
        asked = fill(client, "/reset", email=email)
        assert asked.status_code == 303
        answers.add(text_of(client.get(asked.location)))
    assert len(answers) == 1
    assert cuadra("user", "requests", **home).stdout.split("\t")[-1].strip() == user.email
    link = cuadra("user", "reset", user.email, **home)
    assert link.returncode == 0 and "/reset/" in link.stdout
    assert cuadra("user", "requests", **home).stdout == ""
    assert cuadra("user", "reset", "nadie@example.org", **home).returncode == 1


def test_a_link_from_the_command_line_activates(client, home, world):
    unit = world.unit(code="Centro")
    made = cuadra("user", "invite", "jefa@example.org", "--role", "admin", "--unit", "CENTRO", **home)
    assert made.returncode == 0 and len(made.stdout.splitlines()) == 1
    path = "/account/activate/" + made.stdout.strip().rpartition("/")[2]
    assert fill(client, path, name="Jefa", new_password=NEW, repeated=NEW).status_code == 303
    again = cuadra("user", "invite", "jefa@example.org", "--role", "planning", "--unit", unit.code, **home)
    assert again.returncode == 0 and again.stdout.strip().endswith("/signin")


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["--role", "official"], "--unit CLAVE o --body CLAVE"),
        (["--role", "official", "--unit", "U", "--body", "B"], "una de las dos"),
        (["--role", "official", "--body", "AREA"], "use --unit"),
        (["--role", "area", "--unit", "CENTRO"], "use --body"),
        (["--role", "area", "--body", "COL"], "área de gobierno"),
        (["--role", "collective", "--body", "AREA"], "colectivo"),
        (["--role", "liaison", "--unit", "CENTRO"], "cuadra"),
        (["--role", "official", "--unit", "NADA"], "ninguna unidad"),
        (["--role", "king", "--unit", "CENTRO"], "king"),
    ],
)
def test_a_role_in_the_wrong_place_is_usage(home, world, arguments, says):
    world.unit(LevelRole.TERRITORY, code="CENTRO")
    world.body("AREA")
    world.body("COL", level=GovernmentLevel.COMMUNITY, kind=BodyKind.COLLECTIVE)
    done = cuadra("user", "invite", "x@example.org", *arguments, **home)
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""
    with world.writing() as session:
        assert session.scalars(select(User)).all() == []
