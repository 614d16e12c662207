"""An assembly takes an agreement for done, and two neighbours present countersign."""

from __future__ import annotations

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.core import clock, crypto
from models import Agreement, Assembly, Countersignature, Event, Slip, SlipBatch, User
from models.agreement import AgreementState, Move
from models.assembly import AssemblyState
from models.ledger import Capacity
from tests.assemblies.meetings.hold.stage import forms_of
from tests.conftest import NOW
from tests.factories import TODAY
from tests.pages import text_of


@pytest.fixture
def reported(stage, app) -> tuple[str, str]:
    """(the follow-up item's address, the folio of an agreement its owner reports done)."""
    stage.open(20)
    at = stage.open_item(3)
    stage.post(at, f"{at}/decision", text="Sí", outcome="adopted", present="20", in_favour="15")
    said = {"text": "Reponer la luminaria", "theme_id": stage.theme.id, "due": TODAY.isoformat(), "owner_id": stage.owner.id}
    assert stage.post(at, f"{at}/agreements", **said).status_code == 303
    stage.post(at, f"{at}/close")
    with stage.world.writing() as session:
        agreement = session.scalars(select(Agreement)).one()
        for move in (Move.ACCEPT, Move.REPORT_DONE):
            agreement.advance(
                session, move, capacity=Capacity("area"), occurred_at=NOW, recorded_at=NOW, on=TODAY, reason="Ya quedó"
            )
    return stage.open_item(5), agreement.folio


def slips(stage, app, count: int) -> list[str]:
    codes = [crypto.new_slip_code() for _n in range(count)]
    with stage.world.writing() as session:
        assembly = session.scalars(select(Assembly).filter_by(folio=stage.folio)).one()
        batch = SlipBatch(assembly_id=assembly.id, count=count, issued_at=NOW)
        session.add(batch)
        session.flush()
        session.add_all(
            Slip(
                batch_id=batch.id, serial=n, code_hash=crypto.slip_code_hash(code), unit_id=stage.block.id,
                valid_until=TODAY + timedelta(days=90),
            )
            for n, code in enumerate(codes)
        )
    return codes


def state(stage) -> AgreementState:
    with stage.world.writing() as session:
        return session.scalars(select(Agreement.state)).one()


def test_two_slips_countersign(stage, app, reported):
    item, folio = reported
    sign = f"{item}/agreements/{folio}/countersign"
    assert stage.post(item, f"{item}/agreements/{folio}/done").status_code == 303
    assert "0 de 2 firmas" in text_of(stage.browser.get(item))
    one, two = slips(stage, app, 2)
    assert stage.post(item, sign, code=one.lower()).status_code == 303
    assert "1 de 2 firmas" in text_of(stage.browser.get(item))
    again = stage.post(item, sign, code=one)
    assert again.status_code == 422 and "Ya contamos su firma" in text_of(again)
    wrong = stage.post(item, sign, code="AAAAA22222")
    assert wrong.status_code == 422 and "No reconocemos" in text_of(wrong)
    assert state(stage) is AgreementState.REPORTED_DONE
    assert stage.post(item, sign, code=f"{two[:5]} {two[5:]}").status_code == 303
    assert state(stage) is AgreementState.VERIFIED
    assert "2 de 2 firmas" in text_of(stage.browser.get(item))


def test_a_liaison_present_signs_from_their_own_phone(stage, app, reported):
    item, folio = reported
    stage.post(item, f"{item}/agreements/{folio}/done")
    liaison = stage.world.liaison(stage.block)
    with stage.world.writing() as session:


        phone = session.get_one(User, liaison.user_id)
    browser = stage.world.sign_in(phone)
    page = f"/work/assemblies/{stage.folio}/countersign"
    assert stage.post(page, f"{page}/{folio}", browser=browser).status_code == 303
    with stage.world.writing() as session:
        assert len(session.scalars(select(Countersignature)).all()) == 1
    assert stage.browser.get(page).status_code == 403, "staff never countersign"


def test_not_done_is_written_down_and_changes_no_state(stage, app, reported):
    item, folio = reported
    empty = stage.post(item, f"{item}/agreements/{folio}/not-done", reason="")
    assert empty.status_code == 422 and "Escriba qué falta" in text_of(empty)
    assert stage.post(item, f"{item}/agreements/{folio}/not-done", reason="Sigue apagada").status_code == 303
    assert state(stage) is AgreementState.REPORTED_DONE
    assert f"{folio}: la asamblea no lo da por cumplido. Sigue apagada" in text_of(stage.browser.get(item))
    with stage.world.writing() as session:
        event = session.scalars(select(Event).filter_by(kind="decision.taken").order_by(Event.seq.desc())).first()
    assert event.data["agreement"] == folio and event.data["outcome"] == "rejected"


def test_a_slip_that_signed_is_not_given_out_again(stage, app, reported, client):
    item, folio = reported
    stage.post(item, f"{item}/agreements/{folio}/done")
    page, sign = f"/work/assemblies/{stage.folio}/slips", f"{item}/agreements/{folio}/countersign"

    def issue(count: int):
        return stage.post(page, page, count=str(count))

    def last_batch() -> tuple[int, list[str]]:
        with stage.world.writing() as session:
            number = session.scalars(select(SlipBatch.id).order_by(SlipBatch.id.desc())).first()
        sheet = stage.browser.get(f"{page}/{number}/sheet")
        return number, [code.replace(" ", "") for code in re.findall(r'<code class="mono">([A-Z0-9 ]+)</code>', sheet.text)]

    issue(20)
    number, (one, other, *_rest) = last_batch()
    assert stage.post(item, sign, code=one).status_code == 303
    voice = client.post(f"/a/{folio}/dispute", data={"client_id": str(uuid.uuid4()), "code": other, "reason": "Sigue apagada"})
    assert voice.status_code == 303
    assert stage.post(page, f"{page}/{number}/void").status_code == 303
    assert "2 entregadas de 20 personas contadas" in text_of(stage.browser.get(page))
    too_many = issue(19)
    assert too_many.status_code == 422 and "Puede entregar 18 papeletas más" in text_of(too_many)
    assert issue(18).status_code == 303
    with stage.world.writing() as session:
        event = session.scalars(select(Event).filter_by(kind="slips.voided")).one()
    assert (event.data["count"], event.data["spent"]) == (20, 2)


def test_a_draft_is_nobodys_business_not_even_a_liaisons(stage):
    draft = stage.world.assembly(stage.elsewhere, state=AssemblyState.DRAFT, title="Todavía secreta")
    liaison = stage.world.liaison(stage.block)
    with stage.world.writing() as session:
        phone = session.get_one(User, liaison.user_id)
    answer = stage.world.sign_in(phone).get(f"/work/assemblies/{draft.folio}/countersign")
    assert answer.status_code == 404 and "secreta" not in answer.text


def test_nobody_signs_while_the_minutes_are_being_sealed(stage, app, reported):
    item, folio = reported
    stage.post(item, f"{item}/agreements/{folio}/done")
    liaison = stage.world.liaison(stage.block)
    with stage.world.writing() as session:
        phone = session.get_one(User, liaison.user_id)
    browser, page = stage.world.sign_in(phone), f"/work/assemblies/{stage.folio}/countersign"
    form = forms_of(browser.get(page))[f"{page}/{folio}"]

    def sign():
        with clock.stopped_at(NOW):
            return browser.post(f"{page}/{folio}", data=form).status_code

    with ThreadPoolExecutor(1) as pool:
        with stage.world.writing() as session:
            session.execute(update(Assembly).where(Assembly.folio == stage.folio).values(state=AssemblyState.CLOSED))
            signing = pool.submit(sign)
            time.sleep(0.5)
        assert signing.result() == 409


def test_only_an_assembly_reopens_what_was_verified(stage, reported):
    item, folio = reported
    typed = folio.lower().replace("-", " ")
    early = stage.post(item, f"{item}/reopen", folio=typed, reason="Volvió a apagarse")
    assert early.status_code == 422 and "Solo se reabre un acuerdo que ya estaba verificado." in text_of(early)
    assert "Volvió a apagarse" in early.text
    with stage.world.writing() as session:
        agreement = session.scalars(select(Agreement)).one()
        agreement.advance(session, Move.VERIFY, capacity=Capacity("voice"), occurred_at=NOW, recorded_at=NOW)
    assert stage.post(item, f"{item}/reopen", folio=typed, reason="Volvió a apagarse").status_code == 303
    assert state(stage) is AgreementState.IN_PROGRESS
    with stage.world.writing() as session:
        event = session.scalars(select(Event).filter_by(kind="agreement.reopened")).one()
    assert event.data["assembly"] == stage.folio
