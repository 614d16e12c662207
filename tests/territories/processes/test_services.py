"""A territory's process, stage by stage: in order, never ahead of today, each change in the record."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.core.actors import load_actor
from app.core.errors import Misfit
from app.core.permissions import Denied
from models import Event, Role, User
from models.process import ProcessStage as S
from territories.processes import queries, services
from tests.factories import TODAY


@pytest.fixture
def scene(world):
    made = world.tree(territories=2, blocks=1)
    made["user"] = world.user(Role.PLANNING, unit=made["root"][0])
    return made


def acting(session, user: User):
    return load_actor(session, session.get_one(User, user.id), TODAY)


def test_the_furthest_stage_is_where_a_territory_stands(world, scene):
    here, other = scene["territory"]
    with world.writing() as session:
        actor = acting(session, scene["user"])
        days = {S.FIRST_CONTACT: date(2018, 12, 24), S.PROPOSALS: date(2020, 2, 1), S.GENERAL_DIAGNOSTIC: date(2019, 3, 1)}
        for stage, day in days.items():
            services.record_step(session, actor=actor, unit=here, stage=stage, reached_on=day)
        assert queries.standing_of(session, [here.id, other.id]) == {here.id: queries.Standing(S.PROPOSALS, 4, date(2020, 2, 1))}
        assert [step.stage for step in queries.steps_of(session, here.id)] == [S.FIRST_CONTACT, S.GENERAL_DIAGNOSTIC, S.PROPOSALS]
        assert queries.stage_counts(session) == {S.PROPOSALS: 1, None: 1}
        told = session.scalars(select(Event).where(Event.kind == "process.stage_reached").order_by(Event.seq)).all()
        assert [event.data for event in told][0] == {"stage": "first_contact", "on": "2018-12-24"}
        assert {event.object for event in told} == {f"unit:{here.code}"}


@pytest.mark.parametrize(
    "stage, day, field",
    [(S.PROPOSALS, date(2026, 3, 15), "reached_on"), (S.FIRST_CONTACT, date(2019, 3, 2), "reached_on"),
     (S.PROPOSALS, date(2019, 2, 1), "reached_on"), (S.GENERAL_DIAGNOSTIC, date(2019, 3, 1), "stage")],
    ids=["to come", "after a later stage", "before an earlier stage", "twice"],
)
def test_a_day_out_of_order_is_refused(world, scene, stage, day, field):
    here = scene["territory"][0]
    with world.writing() as session:
        actor = acting(session, scene["user"])
        services.record_step(session, actor=actor, unit=here, stage=S.GENERAL_DIAGNOSTIC, reached_on=date(2019, 3, 1))
        with pytest.raises(Misfit) as no:
            services.record_step(session, actor=actor, unit=here, stage=stage, reached_on=day)
        assert no.value.field == field


def test_only_territories_have_a_process_and_only_those_above_record_it(world, scene):
    block, here = scene["block"][0], scene["territory"][0]
    lead = world.user(Role.LEAD, unit=here)
    with world.writing() as session:
        with pytest.raises(Misfit):
            services.record_step(session, actor=acting(session, scene["user"]), unit=block, stage=S.PROPOSALS, reached_on=TODAY)
        with pytest.raises(Denied):
            services.record_step(session, actor=acting(session, lead), unit=here, stage=S.PROPOSALS, reached_on=TODAY)


def test_what_was_recorded_by_mistake_stays_in_the_record(world, scene):
    here = scene["territory"][0]
    with world.writing() as session:
        actor = acting(session, scene["user"])
        step = services.record_step(session, actor=actor, unit=here, stage=S.PROPOSALS, reached_on=date(2020, 2, 1))
        services.correct_step(session, actor=actor, unit=here, step=step, reached_on=date(2020, 3, 1))
        services.withdraw_step(session, actor=actor, unit=here, step=step)
        assert queries.steps_of(session, here.id) == []
        kinds = session.scalars(select(Event.kind).where(Event.object == f"unit:{here.code}").order_by(Event.seq)).all()
        assert kinds[-3:] == ["process.stage_reached", "process.stage_corrected", "process.stage_withdrawn"]


def test_a_phase_has_its_territories_and_says_who_came_in_and_went_out(world, scene):
    first, second = scene["territory"]
    with world.writing() as session:
        actor = acting(session, scene["user"])
        facts = {"names": ("Primera", "Première", "First"), "starts_on": date(2018, 12, 1), "ends_on": None, "criteria": "Más delito"}
        phase = services.add_phase(session, actor=actor, code="p1", unit_ids=[first.id, scene["block"][0].id], **facts)
        services.change_phase(session, actor=actor, phase=phase, unit_ids=[second.id], **facts)
        assert queries.phases_of(session, second.id) == [phase]
        assert queries.phases_of(session, first.id) == []
        assert [count for _phase, count in queries.phases(session)] == [1]
        told = session.scalars(select(Event).where(Event.kind == "phase.changed")).one()
        assert (told.data["added"], told.data["removed"]) == ([second.code], [first.code])
        with pytest.raises(Misfit):
            services.add_phase(session, actor=actor, code="p1", unit_ids=[], **facts)
