"""Slips: never one more than the people counted, unreadable once printed."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor

from pypdf import PdfReader
from sqlalchemy import func, inspect, select, text

from app.core import clock, crypto, jobs
from app.core.actors import load_actor
from app.core.errors import Refused
from app.core.transaction import transaction
from assemblies.meetings.queries import assembly_by_folio
from assemblies.meetings.slips import services
from assemblies.meetings.slips.queries import READABLE_FOR
from models import Event, Role, Slip, SlipBatch, User
from tests.assemblies.meetings.hold.stage import forms_of
from tests.conftest import NOW
from tests.pages import text_of


def address(stage, rest: str = "") -> str:
    return f"/work/assemblies/{stage.folio}/slips{rest}"


def issue(stage, count: int):
    return stage.post(address(stage), address(stage), count=str(count))


def batch_id(stage) -> int:
    with stage.world.writing() as session:
        return session.scalars(select(SlipBatch.id).order_by(SlipBatch.id.desc())).first()


def printed_words(stage) -> str:
    sheet = stage.browser.get(address(stage, f"/{batch_id(stage)}/sheet.pdf"))
    assert sheet.status_code == 200 and sheet.headers["Cache-Control"] == "no-store"
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(sheet.data)).pages)


def codes_on_screen(stage) -> list[str]:
    page = stage.browser.get(address(stage, f"/{batch_id(stage)}/sheet"))
    return [code.replace(" ", "") for code in re.findall(r'<code class="mono">([A-Z0-9 ]+)</code>', page.text)]


def test_as_many_as_people_and_no_more(stage):
    stage.open(5)
    too_many = issue(stage, 6)
    assert too_many.status_code == 422 and "Puede entregar 5 papeletas más" in text_of(too_many)
    assert forms_of(too_many)[address(stage)]["count"] == "6"
    assert issue(stage, 3).status_code == 303
    assert "3 entregadas de 5 personas contadas" in text_of(stage.browser.get(address(stage)))
    assert issue(stage, 2).status_code == 303
    assert address(stage) not in forms_of(stage.browser.get(address(stage)))
    refused = stage.tap(step="-1")
    assert refused.status_code == 422 and "papeleta por cada persona" in text_of(refused)


def test_the_sheet_prints_codes_and_the_head(stage):
    stage.open(4)
    issue(stage, 4)
    codes = codes_on_screen(stage)
    assert len(set(codes)) == 4
    words = printed_words(stage)
    for code in codes:
        assert f"{code[:5]} {code[5:]}" in words
    with stage.world.writing() as session:
        event = session.scalars(select(Event).filter_by(kind="slips.issued")).one()
    assert event.data["count"] == 4 and event.data["counted"] == 4 and event.data["unit"] == stage.block.code
    assert f"{event.seq}:{event.hash}" in words.replace("\n", "")


def test_codes_are_unreadable_after_printing_and_nowhere_in_the_database(stage, app):
    stage.open(3)
    issue(stage, 3)
    codes = codes_on_screen(stage)
    number = batch_id(stage)
    assert stage.post(address(stage), address(stage, f"/{number}/printed")).status_code == 303
    gone = stage.browser.get(address(stage, f"/{number}/sheet.pdf"))
    assert gone.status_code == 410 and "ya se borraron" in text_of(gone)
    with stage.world.writing() as session:
        dump = "\n".join(
            str(tuple(row))
            for table in inspect(app.extensions["database"].engine).get_table_names()
            if not table.startswith(("spatial", "geometry", "idx_", "views_", "virts_", "vector", "data_", "sql_", "Elementary", "Spatial"))
            for row in session.execute(text(f'SELECT * FROM "{table}"'))
        )
        hashes = set(session.scalars(select(Slip.code_hash)))
    assert not [code for code in codes if code in dump]
    with app.app_context():
        assert {crypto.slip_code_hash(code.lower()) for code in codes} == hashes


def test_codes_are_forgotten_after_a_day_even_if_nobody_says_printed(stage, app):
    stage.open(2)
    issue(stage, 2)
    with clock.stopped_at(NOW + READABLE_FOR):
        with app.app_context():
            while jobs.run_one():
                pass
        with stage.world.writing() as session:
            assert session.scalars(select(SlipBatch.codes_encrypted)).one() is None


def test_a_voided_batch_frees_its_people(stage):
    stage.open(3)
    issue(stage, 3)
    assert stage.post(address(stage), address(stage, f"/{batch_id(stage)}/void")).status_code == 303
    assert "Anulado" in text_of(stage.browser.get(address(stage)))
    assert issue(stage, 3).status_code == 303
    with stage.world.writing() as session:
        event = session.scalars(select(Event).filter_by(kind="slips.voided")).one()
    assert event.data["count"] == 3


def test_eight_phones_at_once_issue_no_more_than_were_counted(stage, app):
    stage.open(5)
    actor_id = stage.promoter.id

    def one(_n: int) -> bool:
        with app.app_context(), clock.stopped_at(NOW):
            try:
                with transaction() as session:
                    actor = load_actor(session, session.get_one(User, actor_id), NOW.date())
                    assembly = assembly_by_folio(session, stage.folio, lock=True)
                    services.issue(session, actor=actor, assembly=assembly, count=2, occurred_at=NOW)
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) == 2
    with stage.world.writing() as session:
        assert session.scalar(select(func.count()).select_from(Slip)) == 4


def test_a_promoter_of_elsewhere_sees_no_slip(stage):
    stage.open(2)
    issue(stage, 2)
    other = stage.world.sign_in(stage.world.user(Role.PROMOTER, unit=stage.elsewhere))
    for rest in ("", f"/{batch_id(stage)}/sheet", f"/{batch_id(stage)}/sheet.pdf"):
        assert other.get(address(stage, rest)).status_code == 403
