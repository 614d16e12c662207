"""Only neighbours verify: the assembly's way, countersigned (DOMAIN.md 3)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agendas.agreements import verification, voices
from agendas.agreements.queries import entries_of
from app.core import clock
from app.core.errors import Refused
from app.core.permissions import Denied
from models import Agreement, Role, Term, User
from models.agreement import AgreementState as S
from models.assembly import AssemblyState, ItemType, WrongMoment
from models.body import BodyKind, GovernmentLevel
from tests.factories import TODAY


def decide(place, world, agreement, assembly=None, actor=None):
    assembly = assembly or place.assembly
    with world.writing() as session:
        return verification.decide_verification(
            session, actor=actor or place.actor(place.promoter_user), agreement=agreement, assembly=assembly,
            item=place.item(assembly, ItemType.FOLLOW_UP), occurred_at=clock.now(),
        )


def sign(place, world, decided, code=None, actor=None):
    with world.writing() as session:
        decided = session.get_one(type(decided), decided.id)
        return verification.countersign(
            session, verification=decided, slip_code=code, liaison_actor=actor, occurred_at=clock.now()
        )


def state_of(world, agreement):
    with world.writing() as session:
        return session.scalars(select(Agreement.state).where(Agreement.id == agreement.id)).one()


def test_an_assembly_and_two_neighbours_verify(place, world):
    agreement = place.agreement("reported_done")
    decided = decide(place, world, agreement)
    sign(place, world, decided, place.slip())
    assert state_of(world, agreement) is S.REPORTED_DONE
    liaison = world.liaison(place.block)
    with world.writing() as session:
        actor = place.actor(session.get_one(User, liaison.user_id))
    done = sign(place, world, decided, actor=actor)
    assert done.completed_at is not None
    assert state_of(world, agreement) is S.VERIFIED
    with world.writing() as session:
        last = entries_of(session, agreement)[-1].event
    assert last.capacity == {"role": "assembly", "unit": place.territory.code}
    assert last.data["assembly"] == place.assembly.folio


def test_one_neighbour_does_not_sign_twice(place, world):
    agreement = place.agreement("reported_done")
    decided, code = decide(place, world, agreement), place.slip()
    sign(place, world, decided, code)
    with pytest.raises(Refused):
        sign(place, world, decided, code.lower())
    assert state_of(world, agreement) is S.REPORTED_DONE


def test_the_assembly_overrides_an_objection(place, world):
    agreement = place.agreement("disputed")
    decided = decide(place, world, agreement)
    for _n in range(2):
        sign(place, world, decided, place.slip())
    assert state_of(world, agreement) is S.VERIFIED


def test_deciding_twice_is_deciding_once(place, world):
    agreement = place.agreement("reported_done")
    assert decide(place, world, agreement).id == decide(place, world, agreement).id


@pytest.mark.parametrize("state", ["proposed", "accepted", "in_progress", "on_hold", "cancelled", "declined"])
def test_nothing_reported_nothing_to_verify(place, world, state):
    with pytest.raises(WrongMoment):
        decide(place, world, place.agreement(state))


def test_only_an_assembly_of_the_place_or_above_it_up_to_the_territory(place, world):
    agreement = place.agreement("reported_done", unit=place.section)
    director = place.actor(place.director_user)
    for unit in (place.other_territory, place.block, place.units["office"][0]):
        with pytest.raises((Refused, Denied)):
            decide(place, world, agreement, place.assembly_of(unit), actor=director)
    for unit in (place.section, place.territory):
        assert decide(place, world, agreement, place.assembly_of(unit), actor=director)


def test_an_assembly_that_has_not_met_decides_nothing(place, world):
    with pytest.raises(WrongMoment):
        decide(place, world, place.agreement("reported_done"), place.assembly_of(place.territory, AssemblyState.CONVENED))


def test_the_owner_and_staff_never_sign(place, world):
    agreement = place.agreement("reported_done")
    decided = decide(place, world, agreement)
    for user in (place.promoter_user, place.owner_user, place.director_user):
        with pytest.raises(Denied):
            sign(place, world, decided, actor=place.actor(user))


def test_a_liaison_who_belongs_to_the_community_body_that_owes_it_does_not_sign(place, world):
    collective = world.body("COL", level=GovernmentLevel.COMMUNITY, kind=BodyKind.COLLECTIVE, unit=place.territory)
    liaison = world.liaison(place.block)
    with world.writing() as session:
        session.add(Term(user_id=liaison.user_id, role=Role.COLLECTIVE, body_id=collective.id, starts_on=TODAY))
    agreement = place.agreement("reported_done", owner=collective)
    with world.writing() as session:
        actor = place.actor(session.get_one(User, liaison.user_id))
    with pytest.raises(Denied):
        sign(place, world, decide(place, world, agreement), actor=actor)
    with world.writing() as session, pytest.raises(Denied):
        voices.liaison_voter(session, actor, agreement)


def test_no_signature_after_the_minutes_are_sealed(place, world):
    agreement = place.agreement("reported_done")
    decided = decide(place, world, agreement)
    with world.writing() as session:
        session.get_one(type(place.assembly), place.assembly.id).state = AssemblyState.CLOSED
    with pytest.raises(Refused):
        sign(place, world, decided, place.slip())
