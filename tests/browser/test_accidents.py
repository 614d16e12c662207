"""What thumbs and time do to forms: pressed twice, sent too late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from app.accounts import passwords, sessions
from app.core import clock
from models import User
from tests.browser.conftest import PHONE
from tests.browser.people import PASSWORD, Album, Area, Neighbour, photo_with_place
from tests.factories.agreements import Neighbourhood

WORDS = "Se cambiaron las tres luminarias y se probó de noche."


def soon() -> date:
    return clock.today("America/Mexico_City") + timedelta(days=10)


@pytest.fixture
def place(site) -> Neighbourhood:
    return Neighbourhood(site.world)


def test_a_double_click_is_one_voice(place, reader):
    agreement, code = place.agreement("reported_done", due=soon(), reported_on=clock.today("America/Mexico_City")), place.slip(until=soon())
    phone = Neighbour(reader(PHONE), Album(360))
    phone.go(f"/a/{agreement.folio}")
    phone.follow("Sí, está hecho")
    phone.fill("Clave de su papeleta", code)
    phone.page.get_by_role("button", name="Confirmar que está hecho").dblclick()
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Gracias: contamos su voz", timeout=30_000)
    phone.go(f"/a/{agreement.folio}")
    phone.reads("1 de 3 dicen que sí")
    assert phone.main.inner_text().count("Dijo que sí está hecho") == 1


def test_words_and_photo_sent_after_the_session_ended_come_back(place, reader, site, tmp_path):
    agreement = place.agreement("accepted", due=soon())
    with site.world.writing() as session:
        owner = session.get_one(User, place.owner_user.id)
        owner.password = passwords.hashed(PASSWORD)
        email = owner.email
    area = Area(reader(PHONE), Album(360), email)
    area.signs_in()
    area.takes_up(agreement.folio)
    area.follow("Reportar que está hecho")
    area.fill("¿Qué se hizo?", WORDS)
    area.main.get_by_label("Foto o documento PDF", exact=True).set_input_files(photo_with_place(tmp_path / "done.jpg", "orange"))
    with site.world.writing() as session:
        assert sessions.end(session, owner.id) == 1
    area.press("Reportar que está hecho")
    area.reads("Su sesión había terminado")
    area.fill("Correo electrónico", email)
    area.fill("Contraseña", PASSWORD)
    area.press("Entrar")
    area.reads("Recuperamos lo que escribió", "Guardamos done.jpg")
    expect(area.main.get_by_label("¿Qué se hizo?", exact=True)).to_have_value(WORDS)
    area.press("Reportar que está hecho")
    area.reads("Reportado como hecho", WORDS)
    area.go(f"/a/{agreement.folio}")
    assert area.main.locator(".photos img").count() == 1
