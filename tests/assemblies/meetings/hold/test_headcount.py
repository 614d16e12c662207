"""People are counted with a thumb, exactly."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.actors import load_actor
from app.core.transaction import transaction
from assemblies.meetings.hold import services
from assemblies.meetings.queries import assembly_by_folio
from models import HeadcountCell, Role, User
from models.assembly import AgeBand, Gender
from tests.assemblies.meetings.hold.stage import forms_of
from tests.conftest import NOW
from tests.pages import text_of


def people(stage) -> tuple[int, int]:
    with stage.world.writing() as session:
        rows = session.execute(select(HeadcountCell.people, HeadcountCell.first_timers)).all()
    return sum(row[0] for row in rows), sum(row[1] for row in rows)


def test_the_page_counts_without_scripts(stage):
    opened = stage.browser.get(stage.at("/headcount?band=18_29"))
    assert opened.status_code == 200
    plus = [f for f in forms_of(opened).values() if f.get("step") == "1" and f["gender"] == "men" and f["what"] == "people"]
    answer = stage.browser.post(stage.at("/headcount"), data=plus[0])
    assert answer.status_code == 303
    assert "band=18_29" in answer.location and answer.location.endswith("#headcount")
    assert "1 personas" in text_of(stage.browser.get(answer.location))


def test_a_double_tap_counts_once_and_another_body_is_refused(stage):
    key = str(uuid.uuid4())
    said = {"occurred_at": NOW.isoformat()}
    first, second = stage.tap(key=key, **said), stage.tap(key=key, **said)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert people(stage) == (1, 0)
    assert stage.tap(key=key, gender="men", **said).status_code == 422
    assert people(stage) == (1, 0)


def test_scripts_get_figures(stage):
    stage.tap()
    answer = stage.browser.post(
        stage.at("/headcount"), headers={"Accept": "application/json"},
        data={"gender": "women", "age_band": "30_59", "what": "first_timers", "step": "1", "client_id": str(uuid.uuid4()),
              "csrf_token": stage.token()},
    )
    assert answer.get_json() == {
        "people": 1, "first_timers": 1, "band": 1,
        "cell": {"gender": "women", "age_band": "30_59", "people": 1, "first_timers": 1},
    }


def test_first_timers_are_among_the_people(stage):
    assert stage.tap(what="first_timers").status_code == 422
    stage.tap()
    assert stage.tap(what="first_timers").status_code == 303
    refused = stage.tap(what="first_timers")
    assert refused.status_code == 422 and "primera vez" in text_of(refused)
    stage.tap(step="-1")
    assert people(stage) == (0, 0)
    assert stage.tap(step="-1").status_code == 422
    assert people(stage) == (0, 0)


def test_the_database_itself_keeps_first_timers_among_people(stage):
    stage.tap()
    with pytest.raises(IntegrityError), stage.world.writing() as session:
        session.execute(update(HeadcountCell).values(first_timers=2))


def test_nobody_counts_a_gender_that_is_not_there(stage):
    assert stage.tap(gender="x").status_code == 422


def test_sixteen_taps_at_once_count_sixteen(stage, app):
    actor_id = stage.promoter.id

    def tap(number: int) -> None:
        with app.app_context(), clock.stopped_at(NOW), transaction() as session:
            actor = load_actor(session, session.get_one(User, actor_id), NOW.date())
            assembly = assembly_by_folio(session, stage.folio, lock=True)
            services.tap(
                session, actor=actor, assembly=assembly, gender=Gender.WOMEN if number % 2 else Gender.MEN,
                age_band=AgeBand.ADULTS, first_time=False, step=1,
            )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tap, range(16)))
    assert people(stage) == (16, 0)


def test_a_promoter_of_elsewhere_may_not(stage):
    other = stage.world.sign_in(stage.world.user(Role.PROMOTER, unit=stage.elsewhere))
    assert other.get(stage.at()).status_code == 403
    assert other.get(stage.at("/headcount")).status_code == 403
    token = stage.token()
    answer = other.post(
        stage.at("/headcount"),
        data={"gender": "women", "age_band": "30_59", "what": "people", "step": "1", "client_id": str(uuid.uuid4()), "csrf_token": token},
    )
    assert answer.status_code in (400, 403)
    assert people(stage) == (0, 0)


def test_a_tap_that_arrives_after_the_end_is_told_so(stage):
    stage.open()
    token = stage.token()
    stage.post(stage.at(), stage.at("/end"))
    late = stage.browser.post(
        stage.at("/headcount"),
        data={"gender": "women", "age_band": "30_59", "what": "people", "step": "1", "client_id": str(uuid.uuid4()), "csrf_token": token},
    )
    assert late.status_code == 409
    assert "acta pendiente" in text_of(late)
    assert people(stage) == (20, 0)
