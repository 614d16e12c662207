"""What is written in bulk holds to what must always hold (DOMAIN.md 1 to 7), read back from the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import pytest
from sqlalchemy import func, select

from agendas.agreements.share import share_of_unit
from app.cli.demo.scale import Scale
from app.core import clock, search
from app.core.transaction import transaction
from app.portal.ledger import verify
from assemblies.meetings.minute.content import digest_of
from models import Agreement, Assembly, AssemblyBlock, Body, Event, HeadcountCell, LedgerHead, Minutes, SlipBatch, TerritorialUnit, ledger
from models.agreement import AgreementState, Move, Origin
from models.assembly import MET
from models.ledger import Capacity, EventKind
from models.territory import LevelRole
from territories.units import services as units
from territories.units.queries import children_of
from tests.app.cli.demo.scenes import TINY, Demo, lived_in

K = EventKind
MOVES = {
    K.AGREEMENT_ACCEPTED: Move.ACCEPT, K.AGREEMENT_DECLINED: Move.DECLINE, K.AGREEMENT_PLANNED: Move.PLAN,
    K.AGREEMENT_PROGRESS: Move.PROGRESS, K.AGREEMENT_REPORTED_DONE: Move.REPORT_DONE, K.AGREEMENT_HANDED_OVER: Move.HAND_OVER,
    K.AGREEMENT_HELD: Move.HOLD, K.AGREEMENT_RESUMED: Move.RESUME, K.AGREEMENT_CANCELLED: Move.CANCEL, K.AGREEMENT_DISPUTED: Move.DISPUTE,
    K.AGREEMENT_VERIFIED: Move.VERIFY, K.AGREEMENT_REOPENED: Move.REOPEN,
}
STANDS = ("state", "due", "review_on", "held_from", "round", "reported_on", "disputed", "owner_id", "version", "accepted_at", "verified_at")


@pytest.fixture(scope="module")
def written(engine_name, empty):
    # Years of life, so that years old agreements, expired slips and liaisons who left are among it.
    with empty(engine_name, "years_demo") as app:
        yield Demo(app, lived_in(app, size=Scale(TINY, founded=date(2023, 1, 9), bulk=True, pictures=1, again=0.5)))


@pytest.fixture
def session(written):
    with written.app.app_context(), transaction() as opened:
        yield opened


@pytest.fixture
def lives(session) -> dict[str, list[Event]]:
    found = defaultdict(list)
    for event in session.scalars(select(Event).where(Event.object.like("agreement:%")).order_by(Event.seq)):
        found[event.object].append(event)
    return found


def test_the_chain_the_tree_and_the_index_stand_up(session):
    chain = verify.Chain(None)
    for event in session.scalars(select(Event).order_by(Event.seq)):
        chain.add(event.public())
    chain.finish()
    assert str(session.get(LedgerHead, 1)) == str(chain)
    assert units.rebuild_ancestry(session) == 0
    assert search.reindex(session, write=False).wrong == 0


def test_every_agreement_lived_again_by_its_entries_ends_where_it_stands(session, lives):
    bodies = {body.code: body for body in session.scalars(select(Body))}
    batch = ledger.Batch(session)
    session.expunge(batch.head)  # the chain in the database does not hear of it
    for agreement in session.scalars(select(Agreement).where(Agreement.origin == Origin.ASSEMBLY)):
        born, *rest = lives[agreement.object_name]
        again = Agreement(
            folio=agreement.folio, state=AgreementState(born.data["to"]), owner_id=bodies[born.data["owner"]].id,
            counterpart_id=agreement.counterpart_id, first_due=date.fromisoformat(born.data["due"]),
            due=date.fromisoformat(born.data["due"]), round=0, disputed=False, version=1,
        )
        for event in rest:
            if event.kind not in MOVES:
                continue
            day = {name: date.fromisoformat(event.data[name]) for name in ("due", "review_on") if name in event.data}
            again.advance(
                batch, MOVES[event.kind], capacity=Capacity(**event.capacity), occurred_at=event.occurred_at, recorded_at=event.recorded_at,
                reason="así fue", on=date.fromisoformat(event.data["reported_on"]) if "reported_on" in event.data else None,
                owner=bodies[event.data["owner"]] if "owner" in event.data else None, ground=event.data.get("ground"),
                assembly=event.data.get("assembly"), **day,
            )
        assert [getattr(again, name) for name in STANDS] == [getattr(agreement, name) for name in STANDS], agreement.folio
        assert again.first_due == agreement.first_due


def test_only_neighbours_verify(session, lives):
    ways = Counter()
    for events in lives.values():
        told: dict[tuple[str, int], int] = Counter()
        for event in events:
            told[event.kind, event.data.get("round", 0)] += 1
            if event.kind != K.AGREEMENT_VERIFIED:
                continue
            ways[event.data["way"]] += 1
            round = event.data["round"]
            if event.data["way"] == "voices":
                assert told[K.AGREEMENT_CONFIRMED, round] >= 3 and not told[K.AGREEMENT_DISPUTED, round]
                assert event.capacity["role"] in ("voice", "liaison")
            else:
                assert told[K.AGREEMENT_COUNTERSIGNED, round] >= 2 and event.capacity["role"] == "assembly"
        spoke = {event.capacity["role"] for event in events if event.kind in (K.AGREEMENT_CONFIRMED, K.AGREEMENT_COUNTERSIGNED)}
        assert spoke <= {"voice", "liaison"}
    assert ways["voices"] and ways["assembly"]
    brought = set(session.scalars(select(Agreement.state).where(Agreement.origin == Origin.IMPORT)))
    assert AgreementState.REPORTED_DONE in brought and AgreementState.VERIFIED not in brought


def test_no_more_slips_than_people_and_none_of_an_assembly_that_did_not_meet(session):
    people = dict(
        session.execute(select(HeadcountCell.assembly_id, func.sum(HeadcountCell.people)).group_by(HeadcountCell.assembly_id)).all()
    )
    rows = session.execute(
        select(Assembly.id, Assembly.state, func.sum(SlipBatch.count)).join(SlipBatch, SlipBatch.assembly_id == Assembly.id)
        .group_by(Assembly.id, Assembly.state)
    ).all()
    assert rows and all(state in MET and count <= people[number] for number, state, count in rows)


def test_folios_count_on_by_territory_and_year(session):
    for model, prefix in ((Agreement, ""), (Assembly, "AS-")):
        series = defaultdict(list)
        for folio in session.scalars(select(model.folio).order_by(model.id)):
            code, year, number = folio.removeprefix(prefix).split("-")
            series[code, year].append(int(number))
        assert len({year for _code, year in series}) > 3
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in series.values())


def test_sealed_minutes_are_what_the_chain_says(session):
    sealed = {
        event.object.partition(":")[2]: event for event in session.scalars(select(Event).where(Event.kind == K.MINUTES_SEALED))
    }
    for minutes, folio in session.execute(select(Minutes, Assembly.folio).join(Assembly, Assembly.id == Minutes.assembly_id)):
        event = sealed[folio]
        assert minutes.digest == event.data["digest"] == digest_of(minutes.content)
        assert minutes.head == f"{event.seq}:{event.hash}"
        assert minutes.content["headcount"]["total"] >= minutes.content["slips"] > 0


def test_a_block_has_met_when_a_held_assembly_lists_it(session):
    listed = select(AssemblyBlock.unit_id).join(Assembly, Assembly.id == AssemblyBlock.assembly_id).where(Assembly.state.in_(MET))
    met = set(session.scalars(listed))
    root = session.scalars(select(TerritorialUnit).where(TerritorialUnit.parent_id.is_(None))).one()
    coverage = children_of(session, root.id).coverage
    blocks = session.scalar(select(func.count()).select_from(TerritorialUnit).where(TerritorialUnit.level.has(role=LevelRole.BLOCK)))
    assert (coverage.met, coverage.of) == (len(met), blocks)


def test_pages_tell_the_share_kept_of_all_of_it(session):
    root = session.scalars(select(TerritorialUnit).where(TerritorialUnit.parent_id.is_(None))).one()
    today = clock.today("America/Mexico_City")
    agreements = session.scalars(select(Agreement)).all()
    verified = [one for one in agreements if one.state is AgreementState.VERIFIED]
    kept = sum(one.reported_on <= one.first_due for one in verified)
    late = sum(one.days_past_first(today) > 0 for one in agreements if one.state is not AgreementState.ON_HOLD)
    assert (kept, len(verified) + late) == (lambda share: (share.kept, share.of))(share_of_unit(session, root.id, today).first)
