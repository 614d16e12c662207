"""Items: the method first, then the discussion, then the decision."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from models import AccountSession, Agreement, Decision, Event, Item, Problem
from models.ledger import EventText
from tests.assemblies.meetings.hold.stage import forms_of
from tests.conftest import NOW
from tests.factories import TODAY
from tests.pages import text_of


def events(stage, kind: str) -> list[Event]:
    with stage.world.writing() as session:
        return list(session.scalars(select(Event).filter_by(kind=kind).order_by(Event.seq)))


def test_an_item_without_a_method_does_not_open(stage):
    stage.open()
    at = stage.at("/items/4")
    page = stage.browser.get(at)
    assert f"{at}/open" not in forms_of(page)
    forced = stage.browser.post(f"{at}/open", data=forms_of(page)[f"{at}/method"])
    assert forced.status_code == 422 and "antes de abrir" in text_of(forced)
    assert stage.post(at, f"{at}/method", method="consent").status_code == 303
    stage.open_item(4)
    opened = events(stage, "item.opened")
    assert opened[-1].data == {"item": 4, "type": "decision", "method": "consent", "added_live": False}


def test_the_method_does_not_change_once_open(stage):
    stage.open()
    at = stage.at("/items/3")
    form = forms_of(stage.browser.get(at))[f"{at}/method"]
    stage.open_item(3)
    answer = stage.browser.post(f"{at}/method", data={**form, "method": "consensus"})
    assert answer.status_code == 422
    assert "ya no cambia" in text_of(answer)
    with stage.world.writing() as session:
        assert session.scalars(select(Item.method).filter_by(position=3)).one() == "vote"


def test_one_item_at_a_time(stage):
    stage.open()
    stage.open_item(1)
    at = stage.at("/items/2")
    second = stage.browser.post(f"{at}/open", data=forms_of(stage.browser.get(at))[f"{at}/open"])
    assert second.status_code == 422 and "Cierre primero el punto 1" in text_of(second)


def test_an_item_added_live_says_how_it_is_decided(stage):
    stage.open()
    refused = stage.post(stage.at(), stage.at("/items"), title="Elegir representante", type="election")
    assert refused.status_code == 422
    page = text_of(refused)
    assert "Elija cómo se va a decidir" in page
    assert 'value="Elegir representante"' in refused.text
    assert stage.post(stage.at(), stage.at("/items"), title="Elegir representante", type="election", method="vote").status_code == 303
    added = events(stage, "item.added")
    assert added[-1].data["added_live"] is True and added[-1].data["method"] == "vote"


@pytest.mark.parametrize(
    "said, sentence",
    [
        ({"present": "9", "in_favour": "8", "against": "3"}, "Los votos suman 11 y hay 9 personas presentes"),
        ({"present": "21", "in_favour": "8"}, "Hay 20 personas contadas"),
        ({"present": "9", "in_favour": "4", "against": "4"}, "No puede aprobarse"),
        ({"present": ""}, "Escriba un número"),
    ],
)
def test_a_tally_that_does_not_add_up_comes_back_as_typed(stage, said, sentence):
    stage.open(20)
    at = stage.open_item(3)
    answer = stage.post(at, f"{at}/decision", text="Pedir la luminaria", outcome="adopted", **said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert answer.text.count("Error: ") >= 1
    kept = forms_of(answer)[f"{at}/decision"]
    assert kept["text"] == "Pedir la luminaria" and kept["outcome"] == "adopted"
    assert {name: kept[name] for name in said} == said
    with stage.world.writing() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == 0


def test_without_quorum_nothing_is_adopted_and_a_second_call_needs_none(stage):
    with stage.world.writing() as session:
        session.merge(stage.assembly()).quorum = 15
    stage.count(10)
    refused = stage.post(stage.at(), stage.at("/open"), call="1")
    assert refused.status_code == 422 and "Hacen falta 15 personas y hay 10" in text_of(refused)
    early = stage.post(stage.at(), stage.at("/open"), call="2")
    assert early.status_code == 422 and "Todavía no es la hora" in text_of(early)
    stage.count(15)
    assert stage.post(stage.at(), stage.at("/open"), call="1").status_code == 303
    at = stage.open_item(3)
    low = stage.post(at, f"{at}/decision", text="Sí", outcome="adopted", present="10", in_favour="9")
    assert low.status_code == 422 and "No hay quórum" in text_of(low)
    assert stage.post(at, f"{at}/decision", text="Sí", outcome="postponed", present="10", in_favour="9").status_code == 303


def test_a_decision_is_taken_once_with_its_tally_in_the_chain(stage):
    stage.open()
    at = stage.open_item(3)
    form = {**forms_of(stage.browser.get(at))[f"{at}/decision"], "text": "Sí", "outcome": "adopted", "present": "20", "in_favour": "15"}
    first, again = stage.browser.post(f"{at}/decision", data=form), stage.browser.post(f"{at}/decision", data=form)
    assert first.status_code == again.status_code == 303
    (event,) = events(stage, "decision.taken")
    assert event.data["tally"] == {"in_favour": 15, "against": 0, "abstaining": 0}
    assert event.data["quorum"] == 0 and "texts" in event.data
    other = {**form, "client_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12}
    assert stage.browser.post(f"{at}/decision", data=other).status_code == 422
    assert len(events(stage, "decision.taken")) == 1


def test_a_sensitive_problem_keeps_its_territory_and_leaves_no_entry(stage):
    stage.open()
    at = stage.open_item(2)
    said = {"text": "Asaltan en la esquina", "theme_id": stage.sensitive.id, "unit_id": stage.block.id}
    assert stage.post(at, f"{at}/problems", **said).status_code == 303
    with stage.world.writing() as session:
        problem = session.scalars(select(Problem)).one()
        assert problem.unit_id == stage.territory.id
        assert not session.scalars(select(EventText).where(EventText.text.contains("Asaltan"))).all()
    assert events(stage, "problem.raised") == []
    plain = {"text": "Se inunda", "theme_id": stage.theme.id, "unit_id": stage.block.id}
    assert stage.post(at, f"{at}/problems", **plain).status_code == 303
    (event,) = events(stage, "problem.raised")
    assert event.data["unit"] == stage.block.code and "Se inunda" not in str(event.data)


def test_a_problem_of_elsewhere_is_refused(stage):
    stage.open()
    at = stage.open_item(2)
    said = {"text": "Otro lugar", "theme_id": stage.theme.id, "unit_id": stage.elsewhere.id}
    answer = stage.post(at, f"{at}/problems", **said)
    assert answer.status_code == 422 and "Otro lugar" in answer.text


def test_an_agreement_needs_an_adopted_decision_and_two_sides(stage):
    stage.open()
    at = stage.open_item(3)
    page = stage.browser.get(at)
    assert f"{at}/agreements" not in forms_of(page)
    stage.post(at, f"{at}/decision", text="Sí", outcome="adopted", present="20", in_favour="15")
    said = {"text": "Reponer la luminaria", "theme_id": stage.theme.id, "due": TODAY.isoformat(), "owner_id": stage.owner.id}
    one_sided = stage.post(at, f"{at}/agreements", **{**said, "counterpart_id": stage.owner.id})
    assert one_sided.status_code == 422 and "instancias distintas" in text_of(one_sided)
    assert "Reponer la luminaria" in one_sided.text
    assert stage.post(at, f"{at}/agreements", **said).status_code == 303
    with stage.world.writing() as session:
        agreement = session.scalars(select(Agreement)).one()
    assert agreement.counterpart_id == stage.collective.id, "the territory's collective is suggested"
    assert agreement.unit_id == stage.block.id and agreement.first_due == TODAY


def test_two_people_writing_notes_see_both_texts(stage):
    stage.open()
    at = stage.open_item(1)
    mine = forms_of(stage.browser.get(at))[f"{at}/notes"]
    assert stage.post(at, f"{at}/notes", notes="Lo que escribió ella").status_code == 303
    answer = stage.browser.post(f"{at}/notes", data={**mine, "notes": "Lo que escribí yo"})
    assert answer.status_code == 409
    words = text_of(answer)
    assert "Lo que escribió ella" in words and "Lo que escribí yo" in words


def test_not_held_says_why_and_ends_it(stage):
    tap = {**stage.tap_fields(), "client_id": "00000000-0000-4000-8000-000000000001"}
    empty = stage.post(stage.at(), stage.at("/not-held"), reason=" ")
    assert empty.status_code == 422
    assert stage.post(stage.at(), stage.at("/not-held"), reason="No hubo quórum").status_code == 303
    assert "No se realizó" in text_of(stage.browser.get(stage.at()))
    (event,) = events(stage, "assembly.not_held")
    assert "texts" in event.data
    assert stage.browser.post(stage.at("/headcount"), data=tap).status_code == 409


def test_nobody_counted_is_not_an_assembly_held(stage):
    stage.open(0)
    answer = stage.post(stage.at(), stage.at("/end"))
    assert answer.status_code == 422 and "Nadie ha sido contado" in text_of(answer)


def test_words_sent_after_the_session_ended_come_back(stage):
    stage.open()
    at = stage.open_item(2)
    form = forms_of(stage.browser.get(at))[f"{at}/problems"]
    typed = {**form, "text": "Se cayó la barda", "theme_id": str(stage.theme.id)}
    with stage.world.writing() as session:
        session.execute(update(AccountSession).values(ended_at=NOW))
    lost = stage.browser.post(f"{at}/problems", data=typed)
    assert lost.status_code == 303 and "stash=" in lost.location
    token = lost.location.split("stash=")[1].split("&")[0]
    again = stage.world.sign_in(stage.promoter)
    back = forms_of(again.get(f"{at}?stash={token}"))
    assert back[f"{at}/problems"]["text"] == "Se cayó la barda"
    assert back[f"{at}/problems"]["client_id"] == form["client_id"]
    assert back[f"{at}/notes"]["notes"] == "", "only the form that was sent comes back"
    assert back[f"{at}/notes"]["client_id"] != form["client_id"]


def test_what_decided_or_gave_out_slips_took_place(stage):
    stage.open(20)
    slips = f"/work/assemblies/{stage.folio}/slips"
    stage.post(slips, slips, count="1")
    refused = stage.post(stage.at(), stage.at("/not-held"), reason="Llovió")
    assert refused.status_code == 422 and "termínela" in text_of(refused) and "Llovió" in refused.text
    number = next(action for action in forms_of(stage.browser.get(slips)) if action.endswith("/void"))
    stage.post(slips, number)
    at = stage.open_item(3)
    stage.post(at, f"{at}/decision", text="Sí", outcome="adopted", present="20", in_favour="15")
    assert stage.post(stage.at(), stage.at("/not-held"), reason="Llovió").status_code == 422
    assert events(stage, "assembly.not_held") == []
