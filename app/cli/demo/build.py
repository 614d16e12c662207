"""Builds the invented borough in an empty database: one transaction, whole or not at all."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.cli.demo import beginnings, founding, imported, measures, processes, spots, successions
from app.cli.demo.bulk.acts import Written
from app.cli.demo.commitments import Register
from app.cli.demo.diary import Diary
from app.cli.demo.gatherings import Gathering
from app.cli.demo.geography import Size, make_borough
from app.cli.demo.lived import Lived
from app.cli.demo.neighbours import Volunteers
from app.cli.demo.plans import year_of
from app.cli.demo.scale import Scale, scale_of
from app.cli.demo.sheet import Sheet, sheet_of
from app.cli.demo.staff import Staff
from app.cli.demo.town import DAY, Town
from app.core import clock, search
from models import TerritorialUnit
from models.settings import DEFAULTS

Progress = Callable[[str, int, int], None]


def is_empty(session: Session) -> bool:
    """Whether no unit was ever added: a demo is never mixed with anybody's data."""
    return not session.scalar(select(exists().where(TerritorialUnit.id.is_not(None))))


@contextmanager
def _everything_kept() -> Iterator[None]:
    """Nothing of a life told in bulk is garbage before it is written: looking for some, again and again, costs
    an eighth of the time."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def build(session: Session, *, seed: int, size: Scale | Size | str, on_progress: Progress = lambda step, done, total: None) -> Sheet:
    """Found the municipality and live its year up to yesterday evening; flushes, never commits.

    The same seed on the same day makes the same tree, people, texts and folios; passwords and slip codes are random.
    """
    zone = ZoneInfo(DEFAULTS["time_zone"])
    today = clock.today(str(zone))
    midnight = datetime.combine(today, datetime.min.time(), zone)
    diary = Diary(until=midnight)
    scale = scale_of(size)
    first_day = scale.first_day(today)
    on_progress("draw", 0, 0)
    borough = make_borough(seed, scale.size)
    on_progress("found", 0, 0)
    with clock.stopped_at(datetime.combine(first_day, time(10), zone)):
        rules = founding.decide_rules(session)
        units = founding.plant_tree(session, borough, first_day)
        themes = founding.name_themes(session)
        bodies = founding.name_bodies(session, borough, units)
        town = Town(session, seed, zone, today, scale, diary, borough, units, bodies, themes)
        imported.bring(town)
        town.selection = beginnings.choose(town)
        town.acts = Written(town) if scale.bulk else Lived(town)
        staff = Staff(town, first_day)
        staff.appoint_all()
    register, volunteers = Register(town), Volunteers(town, staff)
    for plan in year_of(town):
        diary.begin(Gathering(town, register, volunteers, plan).story())
    for story in (*processes.of_all(town), *successions.of_all(town, staff)):
        diary.begin(story)

    def lived(moment: datetime) -> None:
        on_progress("live", (moment.date() - first_day) // DAY, (today - first_day) // DAY)

    with _everything_kept():
        diary.live(lived)
        if scale.bulk:
            on_progress("write", 0, 0)
            town.acts.write(on_progress)
    with clock.stopped_at(midnight):
        measures.report(town)
        spots.mark(town)
    on_progress("index", 0, 0)
    search.reindex(session)
    del rules  # held until here: a setting that is in memory is not asked of the database again
    session.flush()
    return sheet_of(town, staff)
