"""People with passwords, browsers that sign in, and staff pages to try."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pyotp
import pytest
from flask import Blueprint, redirect, render_template_string
from wtforms import FileField, StringField

from app.accounts import passwords, second_factor
from app.core import clock
from app.core.access import requires, signed_in
from app.core.forms import Form
from app.core.permissions import Permission
from app.core.transaction import Database
from app.factory import Cuadra
from models import Role, User
from tests.factories import World
from tests.pages import PageClient, hidden_fields

PASSWORD = "tamal de elote en la esquina"

PAGE = """{% extends "layout/staff.html" %}{% from "macros/fields.html" import errors, hidden, text, file %}
{% block title %}x{% endblock %}{% block main %}{{ errors(form) }}<h1>x</h1>
<form method="post" enctype="multipart/form-data">{{ hidden(form, staff=true) }}{{ text(form.words) }}{{ file(form.photo) }}</form>
{% endblock %}"""


class Note(Form):
    words = StringField("Palabras")
    photo = FileField("Foto")


def staff_pages() -> tuple[Blueprint, list]:
    """A staff form as any section has one, and what it received."""
    pages, received = Blueprint("trial", __name__), []

    @pages.get("/work/trial")
    @requires(Permission.WORK_SEE)
    def note():
        return render_template_string(PAGE, form=Note.read())

    @pages.post("/work/trial")
    @requires(Permission.WORK_SEE)
    def send():
        form = Note.read()
        photo = form.photo.data
        received.append((form.words.data, photo.read() if photo else None, form.client_id.data))
        return redirect("/work/trial", 303)

    @pages.get("/work/any")
    @signed_in
    def anybody():
        return "ok"

    return pages, received


@pytest.fixture
def staff(monkeypatch, altered, app: Cuadra) -> SimpleNamespace:
    """The application with the staff form of ``staff_pages``."""
    return with_staff(app)


def with_staff(app: Cuadra) -> SimpleNamespace:
    pages, received = staff_pages()
    app._got_first_request = False
    app.register_blueprint(pages)
    for endpoint in ("note", "send", "anybody"):
        app.extensions["access"][f"trial.{endpoint}"] = app.view_functions[f"trial.{endpoint}"].access
    return SimpleNamespace(app=app, received=received, client=lambda: PageClient(app))


@pytest.fixture
def production(app: Cuadra):
    """The application asks staff for a second factor, as in production."""
    app.extensions["config"] = dataclasses.replace(app.extensions["config"], environment="production")
    return app


@pytest.fixture
def person(world: World):
    """``person(role, …)``: an account with PASSWORD; ``second=True`` gives ``user.authenticator`` and ``user.codes`` too."""

    def make(role: Role | None = Role.OFFICIAL, *, second: bool = False, **facts) -> User:
        unit = facts.pop("unit", None) or (world.unit() if role else None)
        user = world.user(role, unit=unit, **facts)
        with world.writing() as session:
            user = session.get(User, user.id)
            user.password = passwords.hashed(PASSWORD)
            if second:
                secret = second_factor.new_secret()
                authenticator = pyotp.TOTP(second_factor.spelled(secret).replace("-", ""))
                user.codes = second_factor.set_up(user, secret, code_now(authenticator))
                user.tf_last_counter = None
                user.authenticator = authenticator
            session.flush()
        return user

    return make


def code_now(authenticator: pyotp.TOTP, later: int = 0) -> str:
    """What the telephone shows at the test's stopped moment (``later`` seconds after)."""
    return authenticator.at(int(clock.now().timestamp()) + later)


def fill(client: PageClient, path: str, form: str | None = None, **fields):
    """Open the page, fill its form and send it where it says."""
    page = client.get(path)
    assert page.status_code == 200, page.status_code
    return client.post(path, data={**hidden_fields(page, form), **fields})


def sign_in(client: PageClient, user: User, password: str = PASSWORD, path: str = "/signin"):
    return fill(client, path, email=user.email, password=password)


def database_of(app: Cuadra) -> Database:
    return app.extensions["database"]
