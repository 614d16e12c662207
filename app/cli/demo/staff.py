"""The people of the invented borough who hold a role, invited and appointed through the accounts' own services."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.accounts import passwords
from app.accounts import services as accounts
from app.accounts.queries import user_by_email
from app.cli.demo.people import Home, Person, people
from app.cli.demo.town import Neighbourhood, Town
from app.core.actors import Actor, load_actor
from models import Body, Role, TerritorialUnit, User
from models.body import BodyKind, GovernmentLevel
from models.ledger import SYSTEM
from models.territory import LevelRole

OFFICIALS, PROMOTERS, MEMBERS = 2, 3, 4
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
        below = town.borough.children()
        for plan in town.borough.at(LevelRole.TERRITORY):
            unit, collective = town.units[plan.code], town.bodies[f"col-{plan.short_code.lower()}"]
            members = [self._appoint(Role.COLLECTIVE, body=collective) for _n in range(MEMBERS)]
            town.answering[collective.id] = members[0]
            town.neighbourhoods.append(
                Neighbourhood(
                    plan=plan, unit=unit, sections={section.code: below[section.code] for section in below[plan.code]},
                    lead=self._appoint(Role.LEAD, unit=unit),
                    officials=[self._appoint(Role.OFFICIAL, unit=unit) for _n in range(OFFICIALS)],
                    promoters=[self._appoint(Role.PROMOTER, unit=unit) for _n in range(PROMOTERS)],
                    director=directors[plan.parent], collective=collective,
                )
            )

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

    def volunteer(self, block: TerritorialUnit, day: date) -> tuple[User, Actor]:
        """A neighbour of a block with an account and the role of liaison there."""
        self._day = day
        person = next(self._neighbours)
        actor = self._hold(person, Role.LIAISON, unit=block)
        return user_by_email(self._town.session, person.email), actor

    def _appoint(self, role: Role, **place) -> Actor:
        person = next(self._neighbours if role is Role.COLLECTIVE else self._officers)
        return self._hold(person, role, **place)

    def _hold(
        self, person: Person, role: Role, *, unit: TerritorialUnit | None = None, body: Body | None = None, focal_point: bool = False
    ) -> Actor:
        session: Session = self._town.session
        token = accounts.invite(
            session, email=person.email, name=person.name, role=role, unit=unit, body=body, focal_point=focal_point,
            capacity=SYSTEM, starts_on=self._day,
        )
        if role not in self.accounts and token is not None and not focal_point:
            password = "-".join("".join(secrets.choice(_LETTERS) for _n in range(4)) for _part in range(4))
            accounts.activate(session, token=token, name=person.name, password_hash=passwords.hashed(password))
            place = unit.name if unit is not None else body.name
            self.accounts[role] = Account(role, person.name, person.email, password, place)
        return load_actor(session, user_by_email(session, person.email), self._day)
