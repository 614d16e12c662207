"""What is old enough is erased, what is not stays, and the record says how many without saying what."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from app.admin.privacy import purge as purging
from app.core import clock, crypto, restored, storage
from app.core.tabular import keep_upload
from app.core.transaction import read_session, transaction
from models import Event, EventText, Evidence, ExternalKey, ImportRow, ImportRun, Liaison, RateWindow, Role, Stash, Term, User
from models.agreement import AgreementState
from models.evidence import Moderation
from models.intake import RunState
from models.people import AccountSession
from tests.factories.agreements import Neighbourhood

LONG_AGO = timedelta(days=1200)


@pytest.fixture
def old(world):
    """One thing past its term for most rules, beside one that is not."""
    place = Neighbourhood(world)
    tree, moment = place.units, clock.now() - LONG_AGO
    with world.writing() as session:
        gone = world.user(Role.PROMOTER, unit=tree["section"][0])
        here = world.user(Role.PROMOTER, unit=tree["section"][0])
        session.execute(update(User).where(User.id.in_([gone.id, here.id])).values(created_at=moment))
        session.execute(update(Term).where(Term.user_id == gone.id).values(starts_on=date(2020, 1, 1), ends_on=date(2022, 1, 1)))
        term = session.scalar(select(Term.id).where(Term.user_id == gone.id))
        session.add(ExternalKey(source="rh", kind="people", external_id="RFC-1", object_id=term, digest="0" * 64, seen_at=moment))
        for user in (gone, here):
            session.add(AccountSession(
                user_id=user.id, token_hash=f"{user.id:064d}", device="x", created_at=moment, expires_at=moment, ended_at=None
            ))
        block = tree["block"][0]
        session.add(Liaison(
            unit_id=block.id, name_encrypted=crypto.encrypt(b"Rosa"), starts_on=date(2020, 1, 1), ends_on=date(2022, 1, 1)
        ))
        session.add(Liaison(unit_id=block.id, name_encrypted=crypto.encrypt(b"Luz"), starts_on=date(2020, 1, 1)))
        session.add(Stash(token_hash="1" * 64, owner="2" * 64, path="/x", data_encrypted=b"x", expires_at=moment))
        session.add(RateWindow(bucket="signin:x", starts_at=moment, count=1))
        run = ImportRun(
            kind="people", state=RunState.UPLOADED, filename="lista.csv", sha256="3" * 64, stored_as=keep_upload(b"Rosa"), options={},
            created_at=moment, step="preview",
        )
        session.add(run)
        session.flush()
        session.add(ImportRow(run_id=run.id, row=1, outcome="new", told=crypto.encrypt(b"Rosa")))
        event = session.scalars(select(Event).order_by(Event.seq)).first()
        for hidden_at in (moment, clock.now()):
            session.add(EventText(event_seq=event.seq, field="reason", salt="ab", text="Rosa", hidden_reason="x", hidden_at=hidden_at))
    agreement = place.agreement(AgreementState.ACCEPTED)
    with world.writing() as session:
        for number, content in enumerate((b"shown and hidden", b"only hidden")):
            for moderation in (Moderation.HIDDEN, Moderation.VISIBLE)[: 2 - number]:
                session.add(Evidence(
                    agreement_id=agreement.id, sha256=storage.keep(content), media_type="image/jpeg", size=3, title="Rosa",
                    moderation=moderation, hidden_at=moment, added_at=moment,
                ))
    return gone, here


def test_it_says_what_it_would_erase_and_then_erases_that_and_no_more(app, world, old):
    gone, here = old
    with app.app_context():
        told = {one.rule.key: one for one in purging.due(read_session())}
        wanted = {
            "accounts": 1, "sessions": 2, "liaisons": 1, "hidden_texts": 1, "hidden_photos": 2, "imports": 1, "stashes": 1, "rates": 1,
        }
        assert {key: one.count for key, one in told.items() if one.count} == wanted
        assert told["liaisons"].oldest == date(2022, 1, 1)
        done = {one.rule.key: one.count for one in purging.purge() if one.count}
        wanted["sessions"] = 1  # the other went with its account
        assert done == wanted
        assert not any(one.count for one in purging.due(read_session())), "what was erased is not found again"
        assert purging.purge() and {one.count for one in purging.purge()} == {0}
    with app.app_context(), transaction() as session:
        erased, kept = session.get_one(User, gone.id), session.get_one(User, here.id)
        assert gone.email not in erased.email and erased.name == "—" and not erased.active and erased.erased_at
        assert (kept.email, kept.name, kept.erased_at) == (here.email, here.name, None)
        assert [crypto.decrypt(one) for one in session.scalars(select(Liaison.name_encrypted)) if one] == [b"Luz"]
        assert sorted(session.scalars(select(EventText.text).where(EventText.hidden_reason.is_not(None))), key=str) == [None, "Rosa"]
        assert not session.scalars(select(ImportRow)).all() and not session.scalars(select(ExternalKey)).all()
        assert session.scalar(select(ImportRun.stored_as)) is None
        shown, hidden = sorted({row.sha256 for row in session.scalars(select(Evidence))}, key=_is_kept, reverse=True)
        assert storage.read(shown) == b"shown and hidden" and not _is_kept(hidden), "a file that another row shows stays"
        events = session.scalars(select(Event).where(Event.kind == "personal.erased")).all()
        assert {event.object.partition(":")[2]: event.data["count"] for event in events} == wanted
        said = json.dumps([event.data for event in events])
        assert "Rosa" not in said and gone.email not in said


def _is_kept(digest: str) -> bool:
    try:
        return bool(storage.read(digest))
    except FileNotFoundError:
        return False


def test_a_copy_brought_back_is_erased_again(app, world, old):
    gone, _here = old
    taken_at = clock.now()
    with app.app_context():
        purging.purge()
        with transaction() as session:
            session.execute(update(User).where(User.id == gone.id).values(name="Rosa", email="rosa@example.org", erased_at=None))
            session.execute(delete(Stash))
        with transaction() as session:
            assert any("dato" in line for line in restored.make_good(session, taken_at))
        with transaction() as session:
            assert session.get_one(User, gone.id).name == "—"
            session.execute(update(User).where(User.id == gone.id).values(name="Rosa", erased_at=None))
        with transaction() as session:
            restored.make_good(session, taken_at + timedelta(seconds=1))
            assert session.get_one(User, gone.id).name == "Rosa", "the copy was taken after the erasure: it is another person's now"


def test_the_worker_does_it_once_a_day(app, old):
    with app.app_context():
        assert purging.purge_daily() and not purging.purge_daily()
        with clock.stopped_at(clock.now() + timedelta(days=1)):
            assert purging.purge_daily()
