"""Minutes: sealed once as they were reviewed, then only added to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from app.core import clock
from assemblies.meetings.minute.queries import digest_of
from models import Event, Minutes, Problem, Role
from models.assembly import AssemblyState
from tests.assemblies.meetings.hold.stage import forms_of
from tests.pages import text_of


@pytest.fixture
def held(stage) -> str:
    """Held with twenty people; the address of the review."""
    stage.open(20)
    stage.post(stage.at(), stage.at("/end"))
    return f"/work/assemblies/{stage.folio}/minutes"


def test_sealing_twice_or_editing_afterwards_is_refused(stage, held):
    form = forms_of(stage.browser.get(held))
    assert stage.browser.post(f"{held}/seal", data=form[f"{held}/seal"]).status_code == 303
    other = {**form[f"{held}/seal"], "client_id": "00000000-0000-4000-8000-000000000001"}
    twice = stage.browser.post(f"{held}/seal", data=other)
    assert twice.status_code == 409 and "ya está sellada" in text_of(twice)
    late = stage.browser.post(f"{held}/items/1/notes", data={**form[f"{held}/items/1/notes"], "notes": "Otra cosa"})
    assert late.status_code == 409
    with stage.world.writing() as session:
        minutes = session.scalars(select(Minutes)).one()
    assert digest_of(minutes.content) == minutes.digest


def test_the_database_refuses_to_change_sealed_minutes(stage, held):
    stage.post(held, f"{held}/seal")
    with pytest.raises(DBAPIError), stage.world.writing() as session:
        session.execute(update(Minutes).values(content={"title": "otro"}))


def test_what_changed_after_the_review_is_not_sealed_unseen(stage, held):
    form = forms_of(stage.browser.get(held))[f"{held}/seal"]
    stage.post(held, f"{held}/notes", notes="Faltaba esto")
    answer = stage.browser.post(f"{held}/seal", data=form)
    assert answer.status_code == 409
    assert "Algo cambió" in text_of(answer) and "Faltaba esto" in text_of(answer)


def test_an_addendum_stands_under_the_minutes_and_in_the_chain(stage, held, client):
    stage.post(held, f"{held}/seal")
    assert "adenda" not in text_of(client.get(f"/assemblies/{stage.folio}/minutes")).lower()
    lead = stage.world.sign_in(stage.world.user(Role.LEAD, unit=stage.territory))
    assert stage.post(held, f"{held}/addenda", browser=lead, text="Eran veintiuna personas.").status_code == 303
    words = text_of(client.get(f"/assemblies/{stage.folio}/minutes"))
    assert "Eran veintiuna personas." in words and "El PDF es el acta original" in words
    with stage.world.writing() as session:
        event = session.scalars(select(Event).filter_by(kind="minutes.addendum")).one()
        assert event.data["minutes"] == session.scalars(select(Minutes.digest)).one()


def test_a_promoter_does_not_add_to_sealed_minutes(stage, held):
    form = forms_of(stage.browser.get(held))[f"{held}/seal"]
    stage.browser.post(f"{held}/seal", data=form)
    assert f"{held}/addenda" not in forms_of(stage.browser.get(held))
    forced = stage.browser.post(f"{held}/addenda", data={**form, "client_id": "00000000-0000-4000-8000-000000000002", "text": "x"})
    assert forced.status_code == 403


def test_small_cells_are_hidden(stage, client):
    stage.open(20)
    for _n in range(6):
        stage.tap(gender="men", age_band="12_17")
    stage.post(stage.at(), stage.at("/end"))
    at = f"/work/assemblies/{stage.folio}/minutes"
    stage.post(at, f"{at}/seal")
    words = text_of(client.get(f"/assemblies/{stage.folio}/minutes"))
    assert "26 personas" in words and "oculto" in words
    with stage.world.writing() as session:
        content = session.scalars(select(Minutes.content)).one()
    assert dict(content["headcount"]["genders"]["cells"]) == {"women": 20, "men": None, "other": None}


def test_sensitive_problems_are_told_by_territory_once_their_months_closed(stage, client):
    for _n in range(3):
        made = stage.world.assembly(stage.block, state=AssemblyState.CLOSED)
        with stage.world.writing() as session:
            earlier = clock.now() - timedelta(days=40)
            session.add(Minutes(assembly_id=made.id, content={}, digest="0" * 64, head="1:x", sealed_at=earlier))
            said = {"unit_id": stage.territory.id, "theme_id": stage.sensitive.id, "text": "Secreto", "raised_at": earlier}
            session.add_all(Problem(assembly_id=made.id, **said) for _m in range(2))
    stage.open(20)
    at = stage.open_item(2)
    for n in range(5):
        said = {"text": f"Secreto {n}", "theme_id": stage.sensitive.id, "unit_id": stage.block.id}
        stage.post(at, f"{at}/problems", **said)
    stage.post(stage.at(), stage.at("/end"))
    review = f"/work/assemblies/{stage.folio}/minutes"
    stage.post(review, f"{review}/seal")
    words = text_of(client.get(f"/assemblies/{stage.folio}/minutes"))
    assert f"{stage.sensitive.name_es}: 6 en {stage.territory.name}" in words and "Secreto" not in words


def test_somebody_of_elsewhere_reviews_nothing(stage, held):
    other = stage.world.sign_in(stage.world.user(Role.PROMOTER, unit=stage.elsewhere))
    assert other.get(held).status_code == 403


@pytest.mark.parametrize("rewrite", [{"pdf_sha256": None}, {"pdf_sha256": "b" * 64}, {"assembly_id": 2}])
def test_the_database_refuses_to_change_the_paper_or_the_assembly_of_sealed_minutes(stage, held, rewrite):
    stage.post(held, f"{held}/seal")
    stage.world.assembly(stage.block)
    with stage.world.writing() as session:
        session.execute(update(Minutes).where(Minutes.pdf_sha256.is_(None)).values(pdf_sha256="a" * 64))
    with pytest.raises(DBAPIError, match="sealed"), stage.world.writing() as session:
        session.execute(update(Minutes).values(**rewrite))
