"""The invented borough while its year is being lived: who is who, what is where, and what each story may draw on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.cli.demo.diary import Diary
from app.cli.demo.geography import Borough, Unit
from app.core.actors import Actor
from models import Body, TerritorialUnit, Theme

DAY = timedelta(days=1)


@dataclass
class Neighbourhood:
    """A territory as the stories need it. Actors hold their roles on it; ``liaisons`` have accounts, by block code."""

    plan: Unit
    unit: TerritorialUnit
    sections: dict[str, list[Unit]]  # blocks by the code of their section
    lead: Actor
    officials: list[Actor]
    promoters: list[Actor]
    director: Actor
    collective: Body
    liaisons: dict[str, list[Actor]] = field(default_factory=dict)
    met: list[str] = field(default_factory=list)  # folios of its own assemblies held, in order

    @property
    def blocks(self) -> list[Unit]:
        return [block for blocks in self.sections.values() for block in blocks]


@dataclass
class Town:
    """Everything at hand. ``today`` is the municipality's day on which the demo is made: the year ends the evening before.

    ``answering`` says who answers for a body, by its id; ``slips`` holds the codes in people's hands, by unit id.
    """

    session: Session
    seed: int
    zone: ZoneInfo
    today: date
    diary: Diary
    borough: Borough
    units: dict[str, TerritorialUnit]
    bodies: dict[str, Body]
    themes: dict[str, Theme]
    neighbourhoods: list[Neighbourhood] = field(default_factory=list)
    planning: Actor | None = None
    answering: dict[int, Actor] = field(default_factory=dict)
    slips: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    commitments: list = field(default_factory=list)
    meetings: list = field(default_factory=list)

    def __post_init__(self):
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
        return [slip for place in near for slip in self.slips[self.units[place].id]]

    def _below(self, code: str) -> list[str]:
        return [found for child in self._children.get(code, ()) for found in (child.code, *self._below(child.code))]
