"""The people of the invented borough who hold a role."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from app.cli.demo import successions
from app.cli.demo.people import Home, Person, people
from app.cli.demo.scale import dealt
from app.cli.demo.town import Neighbourhood, Town
from app.core.actors import Actor
from models import Body, Role, TerritorialUnit
from models.body import BodyKind, GovernmentLevel
from models.territory import LevelRole

MEMBERS = 4
# Easy to type from a screen, hard to guess: four groups of four, 79 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Account:
    """What somebody who opens the demo needs in order to sign in."""

    role: Role
    name: str
    email: str
    password: str
    place: str


class Staff:
    """Appoints people from ``day`` on and keeps the one account of each role that opens with a password."""

    def __init__(self, town: Town, day: date):
        self._town, self._day = town, day
        self._officers: Iterator[Person] = people(town.draw("staff"), Home.STAFF)
        self._neighbours: Iterator[Person] = people(town.draw("neighbours"), Home.NEIGHBOUR)
        self.accounts: dict[Role, Account] = {}

    def appoint_all(self) -> None:
        """Everybody of the first day, neighbourhood by neighbourhood."""
        town, root = self._town, self._town.units[self._town.borough.units[0].code]
        self._appoint(Role.ADMIN, unit=root)
        town.planning = self._appoint(Role.PLANNING, unit=root)
        self._appoint(Role.PLANNING, unit=root)
        self._appoint_areas()
        offices = [office.code for office in town.borough.at(LevelRole.OFFICE)]
        directors = {code: self._appoint(Role.DIRECTOR, unit=town.units[code]) for code in offices}
        below, homes, until = town.borough.children(), town.draw("homes"), successions.last_days(town)
        for turn, plan in enumerate(town.borough.at(LevelRole.TERRITORY)):
            unit, collective = town.units[plan.code], town.bodies[f"col-{plan.short_code.lower()}"]
            sections = [section.code for section in below[plan.code]]
            members = [self._appoint(Role.COLLECTIVE, body=collective) for _n in range(MEMBERS)]
            town.answering[collective.id] = members[0]
            town.neighbourhoods.append(
                Neighbourhood(
                    plan=plan, unit=unit, sections={code: below[code] for code in sections},
                    lead=self._lead(unit, homes, until=until.get(plan.code)),
                    officials=[self._appoint(Role.OFFICIAL, unit=unit) for _n in range(dealt(town.scale.officials, turn))],
                    promoters=self._promoters(sections, dealt(town.scale.promoters, turn)),
                    director=directors[plan.parent], collective=collective,
                )
            )

    def _promoters(self, sections: Sequence[str], count: int) -> dict[str, list[Actor]]:
        """Each has a section of their own, two where they are few; a section may have two of them. By section."""
        crowd = [next(self._officers) for _n in range(max(1, count))]
        found: dict[str, list[Actor]] = {code: [] for code in sections}
        for turn in range(max(len(crowd), len(sections))):
            code = sections[turn % len(sections)]
            found[code].append(self._hold(crowd[turn % len(crowd)], Role.PROMOTER, unit=self._town.units[code]))
        return found

    def succeed(self, unit: TerritorialUnit, day: date) -> Actor:
        """The next lead of a territory, from that day on."""
        self._day = day
        return self._lead(unit, self._town.draw("homes", unit.code))

    def _lead(self, unit: TerritorialUnit, homes: Random, until: date | None = None) -> Actor:
        """Leads are lent by a department, which has nothing to do with the territory (001-04)."""
        departments = [body for body in self._town.bodies.values() if body.level is GovernmentLevel.BOROUGH]
        return self._hold(next(self._officers), Role.LEAD, unit=unit, home=homes.choice(departments), until=until)

    def _appoint_areas(self) -> None:
        """People of their own for the borough and the city; a focal point of the borough answers for the federation."""
        town = self._town
        areas = [body for body in town.bodies.values() if body.kind is BodyKind.AREA]
        for body in areas:
            if body.level is not GovernmentLevel.FEDERAL:
                town.answering[body.id] = self._appoint(Role.AREA, body=body)
        focal = next(self._officers)
        for body in areas:
            if body.level is GovernmentLevel.FEDERAL:
                town.answering[body.id] = self._hold(focal, Role.AREA, body=body, focal_point=True)

    def volunteer(self, block: TerritorialUnit, day: date) -> Actor:
        """A neighbour of a block with an account and the role of liaison there."""
        self._day = day
        return self._hold(next(self._neighbours), Role.LIAISON, unit=block)

    def _appoint(self, role: Role, **place) -> Actor:
        person = next(self._neighbours if role is Role.COLLECTIVE else self._officers)
        return self._hold(person, role, **place)

    def _hold(
        self, person: Person, role: Role, *, unit: TerritorialUnit | None = None, body: Body | None = None, focal_point: bool = False,
        home: Body | None = None, until: date | None = None,
    ) -> Actor:
        password = None
        if role not in self.accounts and not focal_point:
            password = "-".join("".join(secrets.choice(_LETTERS) for _n in range(4)) for _part in range(4))
            place = unit.name if unit is not None else body.name
            self.accounts[role] = Account(role, person.name, person.email, password, place)
        return self._town.acts.appoint(
            person, role, self._day, unit=unit, body=body, focal_point=focal_point, home=home, password=password, ends_on=until,
        )
