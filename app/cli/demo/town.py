"""The invented borough while its year is being lived: who is who, what is where, and what each story may draw on."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.cli.demo.album import Album
from app.cli.demo.diary import Diary
from app.cli.demo.geography import Borough, Unit
from app.cli.demo.scale import Scale
from app.core import clock
from app.core.actors import Actor
from models import Body, PrioritySelection, TerritorialUnit, Theme
from models.settings import DEFAULTS

if TYPE_CHECKING:
    from app.cli.demo.bulk.acts import Written
    from app.cli.demo.lived import Lived

    Acts = Lived | Written

DAY = timedelta(days=1)
HANDS = 9


@dataclass
class Neighbourhood:
    """A territory as the stories need it. Actors hold their roles on it; ``liaisons`` have accounts, by block code."""

    plan: Unit
    unit: TerritorialUnit
    sections: dict[str, list[Unit]]  # blocks by the code of their section
    lead: Actor | None
    officials: list[Actor]
    promoters: dict[str, list[Actor]]  # by the code of their section
    director: Actor
    collective: Body
    liaisons: dict[str, list[Actor]] = field(default_factory=dict)
    met: list[str] = field(default_factory=list)  # folios of its own assemblies held, in order

    @property
    def blocks(self) -> list[Unit]:
        return [block for blocks in self.sections.values() for block in blocks]

    @property
    def in_charge(self) -> Actor:
        """The lead, or an official while nobody leads."""
        return self.lead or self.officials[0]


@dataclass
class Town:
    """Everything at hand. ``today`` is the municipality's day on which the demo is made: the year ends the evening before.

    ``answering`` says who answers for a body, by its id; ``slips`` holds the codes in people's hands after
    the last day they speak, in its order, by unit id.
    """

    session: Session
    seed: int
    zone: ZoneInfo
    today: date
    scale: Scale
    diary: Diary
    borough: Borough
    units: dict[str, TerritorialUnit]
    bodies: dict[str, Body]
    themes: dict[str, Theme]
    neighbourhoods: list[Neighbourhood] = field(default_factory=list)
    acts: Acts | None = None
    planning: Actor | None = None
    selection: PrioritySelection | None = None
    answering: dict[int, Actor] = field(default_factory=dict)
    slips: dict[int, list[tuple[date, str]]] = field(default_factory=lambda: defaultdict(list))
    commitments: list = field(default_factory=list)
    meetings: list = field(default_factory=list)

    def __post_init__(self):
        self.album = Album(self.draw, self.scale.pictures)
        self._plans = {unit.code: unit for unit in self.borough.units}
        self._children = self.borough.children()

    def plan(self, code: str) -> Unit:
        return self._plans[code]

    def draw(self, *key: object) -> Random:
        """A source of chance of its own for each story: what one draws never changes another."""
        return Random(":".join(str(part) for part in (self.seed, *key)))

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """An hour of the municipality's clock."""
        return datetime.combine(day, time(hour, minute), self.zone)

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def in_office(self, rng: Random, day: date) -> datetime:
        """A moment of working hours on ``day`` or the Monday after."""
        while day.weekday() > 4:
            day += DAY
        return self.at(day, rng.randint(9, 17), rng.randint(0, 59))

    def at_home(self, rng: Random, day: date) -> datetime:
        """A moment when neighbours look at their phones."""
        return self.at(day, rng.choice((8, 9, 13, 14, 18, 19, 20, 21)), rng.randint(0, 59))

    def codes_serving(self, code: str) -> list[str]:
        """Slips whose voice reaches an agreement of this unit: its own, those below, those above up to the territory."""
        near = [code, *self._below(code)]
        above = self._plans[code]
        while above.short_code is None and above.parent is not None:
            above = self._plans[above.parent]
            near.append(above.code)
        # A story that begins to speak with a slip goes on for some days.
        least = self.local_day(clock.now()) + 30 * DAY
        found = []
        for place in near:
            given = self.slips[self.units[place].id]
            found += [code for _until, code in given[bisect_left(given, least, key=itemgetter(0)):]]
        return found

    def hands(self, folio: str, code: str) -> list[str]:
        """At most ``HANDS`` different slips that speak of an agreement of this unit: those its story draws on."""
        found = self.codes_serving(code)
        return self.draw("hands", folio[-4:], code).sample(found, min(HANDS, len(found)))

    def hold_slips(self, unit_id: int, codes: list[str]) -> None:
        """The codes are in neighbours' hands from now on, for the usual term."""
        until = self.local_day(clock.now()) + DEFAULTS["slip_term_days"] * DAY
        self.slips[unit_id] += [(until, code) for code in codes]

    def _below(self, code: str) -> list[str]:
        return [found for child in self._children.get(code, ()) for found in (child.code, *self._below(child.code))]
