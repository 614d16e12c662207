"""Neighbours of the invented borough: who comes to an assembly, who volunteers for the block, who speaks with a slip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random

from app.cli.demo.people import Home, people
from app.cli.demo.staff import Staff
from app.cli.demo.town import DAY, Neighbourhood, Town
from models.assembly import AgeBand, Gender
from models.liaison import Field

_AGES = {AgeBand.CHILDREN: 6, AgeBand.TEENAGERS: 6, AgeBand.YOUNG: 15, AgeBand.ADULTS: 46, AgeBand.OLDER: 27}
_FIELDS = {
    Field.PEACE: 24, Field.HEALTH: 18, Field.CIVIL_PROTECTION: 16, Field.WOMEN: 14, Field.YOUTH: 9, Field.CHILDREN: 9,
    Field.OLDER_PEOPLE: 10,
}
# Fewer people who joined together in a territory would point at somebody (DOMAIN.md 7).
SMALLEST_COUNT = 5


def crowd(rng: Random, size: int) -> Counter[tuple[Gender, AgeBand]]:
    """So many people by gender and age band: more women than men, as assemblies are."""
    genders = rng.choices((Gender.WOMEN, Gender.MEN, Gender.OTHER), weights=(61, 38, 1), k=size)
    ages = rng.choices(list(_AGES), weights=list(_AGES.values()), k=size)
    return Counter(zip(genders, ages, strict=True))


class Volunteers:
    """Liaisons who join after their block met. Their names are encrypted; the chain learns counts of a territory."""

    def __init__(self, town: Town, staff: Staff):
        self._town, self._staff = town, staff
        self._people: Iterator = people(town.draw("volunteers"), Home.NEIGHBOUR)
        self._waiting: Counter[str] = Counter()
        self._done: set[str] = set()

    def join(self, rng: Random, where: Neighbourhood, blocks: tuple[str, ...], day: date) -> None:
        """Two to four for each block that has none yet; about one in twelve opens an account."""
        for code in blocks:
            if code in self._done:
                continue
            self._done.add(code)
            for _n in range(rng.choice((2, 2, 2, 3, 3, 4))):
                self._join_one(rng, where, code, day)
                self._waiting[where.plan.code] += 1
        count = self._waiting[where.plan.code]
        if count >= SMALLEST_COUNT:
            self._town.acts.announce_volunteers(where.plan.code, count)
            self._waiting[where.plan.code] = 0

    def _join_one(self, rng: Random, where: Neighbourhood, code: str, day: date) -> None:
        unit = self._town.units[code]
        fields = set(rng.choices(list(_FIELDS), weights=list(_FIELDS.values()), k=rng.choice((1, 1, 2))))
        user_id, name = None, next(self._people).name
        if rng.random() < 0.08 or not any(where.liaisons.values()):
            actor = self._staff.volunteer(unit, day)
            where.liaisons.setdefault(code, []).append(actor)
            user_id, name = actor.user_id, actor.name
        self._town.acts.volunteer(
            unit, name, sorted(fields), user_id=user_id, starts_on=day, ends_on=self._until(rng, day) if user_id is None else None,
            trained_on=day if rng.random() < 0.4 else None,
        )

    def _until(self, rng: Random, day: date) -> date | None:
        """Of those who joined years ago, some have left after a term or two."""
        years = (self._town.today - day).days // 365
        return day + rng.randint(1, years) * 365 * DAY if years > 1 and rng.random() < 0.12 else None
