"""The record nobody can quietly rewrite (DOMAIN.md 5)."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from models import Event, EventText, ledger
from models.ledger import SYSTEM, EventKind


def append(session, **facts):
    moment = clock.now()
    return ledger.append(
        session, EventKind.SETTING_CHANGED, object="setting:x", capacity=SYSTEM,
        occurred_at=moment, recorded_at=moment, **facts,
    )


def test_each_event_names_the_hash_of_the_one_before(world):
    with world.writing() as session:
        first, second = append(session, data={"a": 1}), append(session, data={"a": 2})
    assert first.prev == ledger.GENESIS
    assert second.prev == first.hash
    assert ledger.entry_hash(second.public()) == second.hash


def test_free_text_stays_out_of_the_chain(world):
    with world.writing() as session:
        event = append(session, texts={"reason": "El vecino Juan lo pidió"})
        kept = session.query(EventText).one()
    assert "Juan" not in str(event.public())
    assert ledger.text_digest(kept.salt, kept.text) == event.data["texts"]["reason"]


def test_floats_are_refused(world):
    with world.writing() as session, pytest.raises(ValueError):
        append(session, data={"deep": [{"share": 0.7}]})


@pytest.mark.parametrize(
    "rewrite",
    ["UPDATE event SET kind = 'x'", "DELETE FROM event", "UPDATE event_text SET text = 'otra'", "DELETE FROM event_text"],
)
def test_the_database_refuses_to_rewrite(world, rewrite):
    with world.writing() as session:
        append(session, texts={"reason": "así fue"})
    with pytest.raises(DBAPIError, match="ledger"), world.writing() as session:
        session.execute(text(rewrite))
    with world.writing() as session:
        assert session.query(Event).count() == 1


def test_sqlite_does_not_replace_an_entry_either(world, engine_name):
    if engine_name != "spatialite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    with world.writing() as session:
        append(session, texts={"reason": "así fue"})
    for table, columns in (("event", "'otra' AS kind"), ("event_text", "'otra' AS text")):
        name = columns.rsplit(" ", 1)[1]
        with pytest.raises(DBAPIError, match="ledger"), world.writing() as session:
            listed = [row[1] for row in session.execute(text(f"PRAGMA table_info({table})"))]
            values = ", ".join(columns if one == name else one for one in listed)
            session.execute(text(f"INSERT OR REPLACE INTO {table} SELECT {values} FROM {table}"))


def test_a_text_can_be_erased_and_the_chain_still_holds(world):
    with world.writing() as session:
        event = append(session, texts={"reason": "algo personal"})
    with world.writing() as session:
        session.execute(text("UPDATE event_text SET text = NULL, salt = NULL"))
    with world.writing() as session:
        assert ledger.entry_hash(session.get(Event, event.seq).public()) == event.hash


def test_many_at_once_make_the_same_chain_as_one_by_one(world):
    moment = clock.now()
    with world.writing() as session:
        first = append(session, data={"a": 1})
        entries = [(EventKind.UNIT_CHANGED, f"unit:{n}", {"n": n}) for n in range(3)]
        assert ledger.append_many(session, entries, capacity=SYSTEM, occurred_at=moment, recorded_at=moment) == 3
        last = append(session, data={"a": 2})
        chain = session.query(Event).order_by(Event.seq).all()
    assert [event.seq for event in chain] == [1, 2, 3, 4, 5] and [event.object for event in chain[1:4]] == ["unit:0", "unit:1", "unit:2"]
    assert all(ledger.entry_hash(event.public()) == event.hash for event in chain)
    assert [event.prev for event in chain] == [ledger.GENESIS, *(event.hash for event in chain[:-1])]
    assert (first.seq, last.seq) == (1, 5)
    with world.writing() as session, pytest.raises(ValueError):
        wrong = [(EventKind.UNIT_CHANGED, "unit:x", {"f": 0.5})]
        ledger.append_many(session, wrong, capacity=SYSTEM, occurred_at=moment, recorded_at=moment)


def test_what_waits_makes_the_same_chain_and_can_be_looked_at_first(world):
    moment = clock.now()
    facts = {"capacity": SYSTEM, "occurred_at": moment, "recorded_at": moment}
    with world.writing() as session:
        append(session, data={"a": 1})
        batch = ledger.Batch(session)
        ledger.append(batch, EventKind.AGREEMENT_ACCEPTED, object="agreement:X", texts={"reason": "sí"}, **facts)
        told = ledger.append(batch, EventKind.AGREEMENT_DISPUTED, object="agreement:X", texts={"reason": "no"}, held=True, **facts)
        ledger.append(batch, EventKind.AGREEMENT_DISPUTED, object="agreement:Y", texts={"reason": "tampoco"}, held=True, **facts)
        for row in batch.release("agreement:X"):
            row["held"] = False
        batch.write(held=True)
        last = append(session, data={"a": 2})
        chain = session.query(Event).order_by(Event.seq).all()
        kept = {(one.event_seq, one.text, one.held) for one in session.query(EventText)}
    assert kept == {(2, "sí", False), (3, "no", False), (4, "tampoco", True)}
    assert (told.seq, last.seq) == (3, 5) and chain[2].hash == told.hash
    assert all(ledger.entry_hash(event.public()) == event.hash for event in chain)
    assert [event.prev for event in chain] == [ledger.GENESIS, *(event.hash for event in chain[:-1])]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
)


@given(PLAIN)
def test_the_canonical_form_is_that_of_rfc_8785(value):
    assert ledger.canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("wrong", [{"n": 2**53}, {"ñ": 1}, {"deep": [{1: "x"}]}], ids=["too big", "no ASCII", "no text"])
def test_what_has_more_than_one_spelling_is_refused(world, wrong):
    with world.writing() as session, pytest.raises(ValueError):
        append(session, data=wrong)
