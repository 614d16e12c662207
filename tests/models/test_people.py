"""One lead a unit at a time: the database says so, whoever writes (001-45)."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from models import Role, Term

JANUARY, JUNE, JULY = date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)


@pytest.fixture
def scene(world):
    unit = world.tree()["territory"][0]
    return unit, world.user(), world.user()


def lead(user, unit, starts_on, ends_on=None, role=Role.LEAD) -> Term:
    return Term(user_id=user.id, role=role, unit_id=unit.id, starts_on=starts_on, ends_on=ends_on)


def test_one_follows_another(world, scene):
    unit, one, other = scene
    with world.writing() as session:
        session.add_all([lead(one, unit, JANUARY, JUNE), lead(other, unit, JULY), lead(other, unit, JANUARY, role=Role.OFFICIAL)])


@pytest.mark.parametrize("starts_on, ends_on", [(JUNE, None), (date(2025, 1, 1), JANUARY), (date(2025, 1, 1), None)])
def test_two_at_once_are_refused(world, scene, starts_on, ends_on):
    unit, one, other = scene
    with world.writing() as session:
        session.add(lead(one, unit, JANUARY, JUNE))
    with pytest.raises(IntegrityError), world.writing() as session:
        session.add(lead(other, unit, starts_on, ends_on))


def test_lengthening_a_term_into_the_next_is_refused(world, scene):
    unit, one, other = scene
    with world.writing() as session:
        session.add_all([first := lead(one, unit, JANUARY, JUNE), lead(other, unit, JULY)])
        session.flush()
        first_id = first.id
    with pytest.raises(IntegrityError), world.writing() as session:
        session.get_one(Term, first_id).ends_on = JULY


def test_of_two_parallel_grants_one_stands(app, world, scene):
    unit, *people = scene
    together, outcomes = threading.Barrier(2), []

    def grant(user) -> None:
        together.wait(10)
        try:
            with app.extensions["database"].write() as session, session.begin():
                session.add(lead(user, unit, JANUARY))
            outcomes.append("granted")
        except IntegrityError:
            outcomes.append("refused")

    threads = [threading.Thread(target=grant, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["granted", "refused"]
