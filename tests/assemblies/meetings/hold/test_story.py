"""A whole assembly, held by a promoter with the forms of the pages and no scripts, then read by anybody."""

from __future__ import annotations

import io
from datetime import timedelta

from pypdf import PdfReader
from sqlalchemy import select, update

from app.core import clock
from models import Assembly, Event, Minutes
from tests.factories import TODAY
from tests.pages import text_of


def test_from_the_first_tap_to_the_sealed_minutes(stage, client):
    browser, at, folio = stage.browser, stage.at, stage.folio
    for _n in range(3):
        assert stage.tap().status_code == 303
    for _n in range(6):
        assert stage.tap(gender="men", age_band="60_plus").status_code == 303
    assert stage.tap(what="first_timers").status_code == 303
    assert stage.post(at(), at("/open"), call="1").status_code == 303
    assert "En sesión" in text_of(browser.get(at()))

    # Problems, one of them sensitive.
    item = stage.open_item(2)
    said = {"text": "Se inunda la esquina de Nogal", "theme_id": stage.theme.id, "unit_id": stage.block.id}
    assert stage.post(item, f"{item}/problems", **said).status_code == 303
    hushed = {"text": "Asaltan en la esquina", "theme_id": stage.sensitive.id, "unit_id": stage.block.id}
    assert stage.post(item, f"{item}/problems", **hushed).status_code == 303
    shown = text_of(browser.get(item))
    assert "Se inunda" in shown and "Asaltan" in shown
    assert stage.post(item, f"{item}/notes", notes="Hablaron de la lluvia.").status_code == 303
    assert stage.post(item, f"{item}/close").status_code == 303

    # A decision by vote and an agreement born from it.
    item = stage.open_item(3)
    vote = {"text": "Pedir la luminaria", "present": "9", "in_favour": "7", "against": "1", "abstaining": "1", "outcome": "adopted"}
    assert stage.post(item, f"{item}/decision", **vote).status_code == 303
    due = (TODAY + timedelta(days=30)).isoformat()
    agreement = {
        "text": "Reponer la luminaria de Fresno 12", "owner_id": stage.owner.id, "theme_id": stage.theme.id, "due": due,
        "unit_id": stage.block.id,
    }
    assert stage.post(item, f"{item}/agreements", **agreement).status_code == 303
    assert "Reponer la luminaria" in text_of(browser.get(item))
    assert stage.post(item, f"{item}/close").status_code == 303

    # An item nobody had convened.
    added = stage.post(at(), at("/items"), title="Faena del domingo", type="decision", method="consensus")
    assert added.status_code == 303
    item = stage.open_item(6)
    agreed = {"text": "Se hace la faena", "present": "9", "outcome": "adopted", "objections": "Que no sea temprano"}
    assert stage.post(item, f"{item}/decision", **agreed).status_code == 303

    # Slips, the end, the minutes.
    slips = f"/work/assemblies/{folio}/slips"
    assert stage.post(slips, slips, count="9").status_code == 303
    ended = stage.post(at(), at("/end"))
    assert ended.status_code == 303 and "/minutes" in ended.location
    review = f"/work/assemblies/{folio}/minutes"
    assert client.get(f"/assemblies/{folio}/minutes").status_code == 404
    page = text_of(browser.get(review))
    assert "Hablaron de la lluvia." in page and "9 personas" in page
    assert stage.post(review, f"{review}/items/3/notes", notes="La luminaria lleva un mes fundida.").status_code == 303
    assert stage.post(review, f"{review}/notes", notes="Terminó a tiempo.").status_code == 303
    assert stage.post(review, f"{review}/seal").status_code == 303

    public = client.get(f"/assemblies/{folio}/minutes")
    words = text_of(public)
    for said in (
        "Se inunda la esquina", "7 a favor, 1 en contra y 1 abstenciones, de 9 presentes", "Reponer la luminaria de Fresno 12",
        "Alumbrado Público", "Faena del domingo", "Que no sea temprano", "La luminaria lleva un mes fundida.", "Terminó a tiempo.",
    ):
        assert said in words, said
    assert "Asaltan" not in words
    assert "Set-Cookie" not in public.headers
    assert stage.promoter.name not in words

    with stage.world.writing() as session:
        minutes = session.scalars(select(Minutes)).one()
        sealing = session.scalars(select(Event).filter_by(kind="minutes.sealed")).one()
    assert sealing.data["digest"] == minutes.digest
    assert minutes.head == f"{sealing.seq}:{sealing.hash}"
    paper = client.get(f"/assemblies/{folio}/minutes.pdf")
    assert paper.status_code == 200 and paper.mimetype == "application/pdf"
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.data)).pages).replace("\n", "")
    assert minutes.head in printed and minutes.digest in printed
    assert "Asaltan" not in printed
    again = client.get(f"/assemblies/{folio}/minutes.pdf", headers={"If-None-Match": paper.headers["ETag"]})
    assert again.status_code == 304
    for language in ("fr", "en"):
        assert client.get(f"/{language}/assemblies/{folio}/minutes").status_code == 200
    assert client.get(f"/assemblies/{folio.lower()}/minutes").status_code == 301


def test_nobody_begins_long_before_the_hour_that_was_announced(stage):
    stage.count(20)
    with clock.stopped_at(clock.now() - timedelta(minutes=31)):
        early = stage.post(stage.at(), stage.at("/open"), call="1")
    assert early.status_code == 422 and "se convocó para más tarde" in text_of(early)
    assert stage.assembly().state == "convened"
    assert stage.post(stage.at(), stage.at("/open"), call="1").status_code == 303


def test_the_second_call_waits_for_its_hour_however_many_came(stage):
    with stage.world.writing() as session:
        session.execute(update(Assembly).values(quorum=5))
    stage.count(20)
    early = stage.post(stage.at(), stage.at("/open"), call="2")
    assert early.status_code == 422 and "Todavía no es la hora" in text_of(early)
    assert stage.post(stage.at(), stage.at("/open"), call="1").status_code == 303
