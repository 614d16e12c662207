"""What other sections read: lists, folios and the JSON of INTERFACES.md."""

from __future__ import annotations

from datetime import timedelta

from agendas.agreements import queries
from models import Agreement
from models.agreement import Move
from tests.factories import TODAY

DAY = timedelta(days=1)


def test_what_is_owed_here_below_and_above_up_to_the_territory(place, world):
    here = place.agreement("accepted", unit=place.section, due=TODAY + DAY)
    below = place.agreement("on_hold", unit=place.block, due=TODAY - DAY)
    above = place.agreement("reported_done", unit=place.territory)
    place.agreement("verified", unit=place.section)
    with world.writing() as session:
        found = [agreement.folio for agreement in queries.open_agreements_for(session, place.section.id)]
        assert found == [below.folio, here.folio, above.folio]
        assert queries.open_agreements_for(session, place.other_territory.id) == []
        near = [agreement.folio for agreement in queries.open_agreements_for(session, place.next_block.id)]
    assert near == [here.folio, above.folio]


def test_an_agreement_has_the_published_shape(place, world):
    agreement = place.agreement("reported_done", due=TODAY - 3 * DAY, reported_on=TODAY, counterpart=place.other)
    with world.writing() as session:
        mine = queries.agreement_by_folio(session, agreement.folio.lower())
        shape = queries.agreement_json(session, mine, url="https://x/a/1")
    assert list(shape) == [
        "folio", "text", "theme", "state", "late", "days_late", "first_due", "due", "owner", "counterpart", "unit",
        "assembly", "events", "confirmations", "objections", "doubts", "version", "url",
    ]
    assert (shape["state"], shape["late"], shape["days_late"]) == ("reported_done", True, 3)
    assert shape["owner"] == {"code": "OBRAS", "name": "Dirección de Obras", "level": "borough"}
    assert shape["counterpart"]["code"] == "AGUA"
    assert shape["assembly"] == place.assembly.folio
    assert [event["kind"] for event in shape["events"]] == [
        "agreement.proposed", "agreement.accepted", "agreement.reported_done"
    ]
    assert shape["events"][2]["texts"]["reason"] == {"status": "shown", "text": "Se cambió la luminaria.", "reason": None}
    assert shape["events"][0]["capacity"] == {"role": "promoter", "unit": place.territory.code}


def test_held_words_are_not_in_the_json(place, world):
    agreement = place.agreement("reported_done")
    with world.writing() as session:
        mine = session.get_one(Agreement, agreement.id)
        place.advance(session, mine, Move.DISPUTE, reason="Algo personal", held_text=True)
    with world.writing() as session:
        shape = queries.agreement_json(session, queries.agreement_by_folio(session, agreement.folio), url="")
    assert "Algo personal" not in str(shape)
    assert shape["events"][-1]["texts"]["reason"]["status"] == "held"
