"""The whole life of an agreement through one door: every move from every state (DOMAIN.md 2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agendas.agreements import policies, services
from agendas.agreements.facts import Facts
from app.core import clock
from app.core.errors import Refused
from app.core.permissions import RULES, Denied
from models import Agreement, Role, Term
from models.agreement import STEPS, MissingFact, Move
from models.agreement import AgreementState as S
from models.assembly import AssemblyState, WrongMoment
from tests.factories import TODAY

DAY = timedelta(days=1)
STATES = ["proposed", "accepted", "in_progress", "reported_done", "disputed", "verified", "on_hold", "declined", "cancelled"]
# Read: from this state, this move leads there. Whatever is not written is refused.
LIFE = """
proposed       accept       accepted
proposed       decline      declined
proposed       hand_over    proposed
proposed       hold         on_hold
proposed       cancel       cancelled
accepted       plan         accepted
accepted       progress     in_progress
accepted       report_done  reported_done
accepted       hand_over    proposed
accepted       hold         on_hold
accepted       cancel       cancelled
in_progress    plan         in_progress
in_progress    progress     in_progress
in_progress    report_done  reported_done
in_progress    hand_over    proposed
in_progress    hold         on_hold
in_progress    cancel       cancelled
disputed       plan         in_progress
disputed       progress     in_progress
disputed       report_done  reported_done
disputed       hand_over    proposed
disputed       hold         on_hold
disputed       cancel       cancelled
disputed       verify       verified
on_hold        resume       accepted
on_hold        hand_over    proposed
on_hold        cancel       cancelled
reported_done  object       reported_done
reported_done  dispute      in_progress
reported_done  verify       verified
reported_done  cancel       cancelled
verified       reopen       in_progress
"""
ALLOWED = {(line.split()[0], Move(line.split()[1])): S(line.split()[2]) for line in LIFE.strip().splitlines()}


def facts_for(place, move: Move) -> dict:
    given = {
        "reason": "Porque sí", "due": TODAY + 40 * DAY, "review_on": TODAY + 9 * DAY, "owner": place.other,
        "ground": "AS-TST-2026-0001", "assembly": "AS-TST-2026-0001",
    }
    wanted = STEPS[move].needs | ({"assembly"} if move is Move.VERIFY else set())
    return {name: value for name, value in given.items() if name in wanted}


@pytest.mark.parametrize("state", STATES)
def test_every_move_from_every_state(place, world, state):
    for move in Move:
        agreement = place.agreement(state)
        with world.writing() as session:
            mine = session.get_one(Agreement, agreement.id)
            if (state, move) in ALLOWED:
                place.advance(session, mine, move, **facts_for(place, move))
                assert mine.state is ALLOWED[state, move], (state, move)
            else:
                with pytest.raises(WrongMoment):
                    place.advance(session, mine, move, **facts_for(place, move))
                assert str(mine.state) == {"disputed": "in_progress"}.get(state, state)


@pytest.mark.parametrize("move", [move for move in Move if STEPS[move].needs])
def test_a_move_does_not_go_without_what_it_needs(place, world, move):
    state = next(state for state, allowed in ALLOWED if allowed is move)
    for missing in STEPS[move].needs:
        agreement = place.agreement(state)
        facts = {**facts_for(place, move)}
        facts.pop(missing)
        with world.writing() as session, pytest.raises(MissingFact, match=missing):
            place.advance(session, session.get_one(Agreement, agreement.id), move, **facts)


def test_the_table_of_permissions_knows_the_same_moments():
    for move, permission in policies.PERMISSIONS.items():
        assert RULES[permission].states == {str(state) for state in STEPS[move].origins}, move


@pytest.mark.parametrize("before", ["proposed", "accepted", "in_progress"])
def test_a_pause_ends_where_it_began(place, world, before):
    agreement = place.agreement(before, due=TODAY - DAY)
    with world.writing() as session:
        mine = session.get_one(Agreement, agreement.id)
        place.advance(session, mine, Move.HOLD, reason="Lluvias", review_on=TODAY + DAY)
        assert mine.days_late(TODAY) == 1
        place.advance(session, mine, Move.RESUME, reason="Escampó")
        assert str(mine.state) == before


def test_the_first_date_survives_every_move(place, world):
    agreement = place.agreement("accepted", due=TODAY + 5 * DAY)
    with world.writing() as session:
        mine = session.get_one(Agreement, agreement.id)
        for move in (Move.PLAN, Move.HAND_OVER, Move.ACCEPT, Move.PLAN, Move.REPORT_DONE, Move.DISPUTE, Move.HOLD):
            place.advance(session, mine, move, **facts_for(place, move))
            assert mine.first_due == TODAY + 5 * DAY


def test_handing_over_does_not_stop_the_clock_and_cannot_end_in_a_refusal(place, world):
    agreement = place.agreement("in_progress", due=TODAY - 4 * DAY)
    with world.writing() as session:
        mine = session.get_one(Agreement, agreement.id)
        place.advance(session, mine, Move.HAND_OVER, reason="Es de aguas", owner=place.other)
        assert (mine.owner_id, mine.days_late(TODAY)) == (place.other.id, 4)
        with pytest.raises(WrongMoment):
            place.advance(session, mine, Move.DECLINE, reason="No nos toca")


def test_verified_follows_a_report_or_an_assembly_that_overrides(place, world):
    agreement = place.agreement("disputed")
    with world.writing() as session, pytest.raises(WrongMoment):
        place.advance(session, session.get_one(Agreement, agreement.id), Move.VERIFY)


def do(place, world, user, agreement, move, **facts):
    with world.writing() as session:
        return services.carry_out(
            session, actor=place.actor(user), agreement=services.lock(session, agreement.id), move=move,
            facts=Facts(**facts), occurred_at=clock.now(),
        )


def test_the_owner_moves_and_others_do_not(place, world):
    stranger = world.user(Role.AREA, body=place.other)
    agreement = place.agreement()
    for user in (stranger, place.promoter_user, place.director_user):
        with pytest.raises(Denied):
            do(place, world, user, agreement, Move.ACCEPT)
    event = do(place, world, place.owner_user, agreement, Move.ACCEPT)
    assert event.capacity == {"role": "area", "body": "OBRAS"}
    with pytest.raises(WrongMoment):
        do(place, world, place.owner_user, agreement, Move.ACCEPT)


def test_a_focal_point_answers_for_a_body_without_users(place, world):
    user = world.user()
    with world.writing() as session:
        session.add(Term(user_id=user.id, role=Role.AREA, body_id=place.owner.id, focal_point=True, starts_on=TODAY))
    event = do(place, world, user, place.agreement(), Move.ACCEPT)
    assert event.capacity == {"role": "focal_point", "body": "OBRAS"}


def test_dates_that_cannot_be(place, world):
    for move, facts in (
        (Move.PLAN, {"due": TODAY - DAY}), (Move.HOLD, {"review_on": TODAY}),
        (Move.HAND_OVER, {"owner_id": place.owner.id}), (Move.HAND_OVER, {"owner_id": 999_999}),
    ):
        with pytest.raises(Refused):
            do(place, world, place.owner_user, place.agreement("accepted"), move, reason="Así", **facts)


def test_the_counterpart_does_not_receive_it(place, world):
    agreement = place.agreement("accepted", counterpart=place.other)
    with pytest.raises(Refused):
        do(place, world, place.owner_user, agreement, Move.HAND_OVER, reason="Así", owner_id=place.other.id)


def test_cancelling_takes_an_assembly_of_the_place_or_a_live_duplicate(place, world):
    def cancel(ground, agreement=None):
        agreement = agreement or place.agreement()
        return do(place, world, place.director_user, agreement, Move.CANCEL, reason="Así", ground=ground)

    twin = place.agreement()
    assert cancel(twin.folio.lower()).data["ground"] == f"duplicate of {twin.folio}"
    met = place.assembly_of(place.territory, AssemblyState.CLOSED)
    assert cancel(met.folio.replace("-", "")).data["ground"] == met.folio
    own = place.agreement()
    for ground, agreement in (
        (own.folio, own), ("NADA-2026-0001", None), (place.agreement("cancelled").folio, None),
        (place.assembly_of(place.other_territory, AssemblyState.CLOSED).folio, None),
        (place.assembly_of(place.territory, AssemblyState.CONVENED).folio, None),
    ):
        with pytest.raises(Refused):
            cancel(ground, agreement)
    with clock.stopped_at(clock.now() + DAY):
        later = place.agreement()
    with pytest.raises(Refused, match="anterior"):
        cancel(met.folio, later)
    with pytest.raises(Denied):
        do(place, world, place.owner_user, own, Move.CANCEL, reason="Así", ground=twin.folio)


def test_only_an_assembly_of_the_place_reopens(place, world):
    agreement = place.agreement("verified", due=TODAY - 2 * DAY)

    def reopen(assembly, user):
        with world.writing() as session:
            return services.reopen(
                session, actor=place.actor(user), agreement=session.get_one(Agreement, agreement.id),
                assembly=assembly, reason="Se volvió a fundir", occurred_at=clock.now(),
            )

    with pytest.raises(Denied):
        reopen(place.assembly, place.owner_user)
    with pytest.raises((Refused, Denied)):
        reopen(place.assembly_of(place.other_territory), place.director_user)
    with pytest.raises(WrongMoment):
        reopen(place.assembly_of(place.territory, AssemblyState.CONVENED), place.promoter_user)
    reopen(place.assembly, place.promoter_user)
    with world.writing() as session:
        again = session.get_one(Agreement, agreement.id)
        assert (again.state, again.days_late(TODAY)) == (S.IN_PROGRESS, 2)


def test_proposing_is_for_who_holds_the_assembly_and_for_its_place(place, world):
    def propose(user=place.promoter_user, **other):
        facts = {
            "unit_id": place.block.id, "text": "Podar", "theme_id": place.theme.id, "owner_id": place.owner.id,
            "counterpart_id": None, "due": TODAY + DAY, **other,
        }
        with world.writing() as session:
            return services.propose(
                session, actor=place.actor(user), assembly=place.assembly, item=None, occurred_at=clock.now(), **facts
            )

    made = propose()
    assert made.first_due == made.due == TODAY + DAY
    assert made.folio.startswith(place.territory.short_code + "-2026-")
    assert propose(due=TODAY)
    with pytest.raises(Denied):
        propose(place.owner_user)
    for wrong in (
        {"due": TODAY - DAY}, {"text": "  "}, {"unit_id": place.far_block.id}, {"counterpart_id": place.owner.id},
        {"owner_id": 999_999},
    ):
        with pytest.raises(Refused):
            propose(**wrong)
