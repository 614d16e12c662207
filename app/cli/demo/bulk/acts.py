"""Acts of the stories written in bulk: people here, assemblies and agreements in the files beside it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from app.accounts import passwords
from app.cli.demo.bulk.desk import must
from app.cli.demo.bulk.promises import Promises
from app.cli.demo.people import Person
from app.core import clock, crypto
from app.core.actors import Actor, Holding
from app.core.permissions import Permission, Thing, authorise
from models import Body, Liaison, LiaisonField, Phase, PhaseUnit, PrioritySelection, ProcessStep, Role, Term, TerritorialUnit, User
from models.ledger import SYSTEM, EventKind
from models.liaison import Field
from models.process import STAGE_ORDER, ProcessStage
from models.territory import LevelRole


class Written(Promises):
    """The same verbs as ``Lived``; nothing reaches the tables before ``write``, but the chain, which goes out as it grows."""

    def __init__(self, town):
        super().__init__(town)
        self._accounts: dict[str, tuple[User, list[Holding]]] = {}
        self._stages: Counter[int] = Counter()

    def write(self, on_progress: Callable[[str, int, int], None]) -> None:
        self.notebook.write_all(lambda done, total: on_progress("write", done, total))

    def appoint(
        self, person: Person, role: Role, day: date, *, unit: TerritorialUnit | None = None, body: Body | None = None,
        focal_point: bool = False, home: Body | None = None, password: str | None = None, ends_on: date | None = None,
    ) -> Actor:
        must((unit is None) is (role in (Role.AREA, Role.COLLECTIVE)), "a role is held where it belongs")
        if person.email not in self._accounts:
            user = self.notebook.new(
                User, email=person.email, name=person.name, created_at=clock.now(), fs_uniquifier=secrets.token_hex(32),
            )
            self._accounts[person.email] = (user, [])
        user, holdings = self._accounts[person.email]
        if home is not None:
            user.home_body_id = home.id
        if password is not None:
            user.password = passwords.hashed(password)
        self.notebook.note(
            Term, user_id=user.id, role=role, unit_id=unit.id if unit else None, body_id=body.id if body else None,
            focal_point=focal_point, starts_on=day, ends_on=ends_on, version=1,
        )
        serves, territory = self._served(unit) if role is Role.LIAISON else (frozenset(), None)
        public = territory if role is Role.LIAISON else unit.code if unit else None
        place = {"unit": public} if unit else {"body": body.code}
        self.record(
            EventKind.ROLE_GRANTED, f"unit:{public}" if unit else f"body:{body.code}", SYSTEM,
            {
                "role": str(role), **place, "focal_point": focal_point, "from": day.isoformat(),
                "to": ends_on.isoformat() if ends_on else None,
            },
        )
        holdings.append(
            Holding(
                role, unit.id if unit else None, unit.code if unit else None, body.id if body else None, body.code if body else None,
                focal_point, serves, territory,
            )
        )
        return Actor(user.id, user.name, tuple(holdings))

    def volunteer(
        self, unit: TerritorialUnit, name: str, fields: Sequence[Field], *, user_id: int | None, starts_on: date, ends_on: date | None,
        trained_on: date | None,
    ) -> None:
        must(unit.level.role is LevelRole.BLOCK, "a liaison volunteers for a block")
        number = self.notebook.note(
            Liaison, unit_id=unit.id, user_id=user_id, name_encrypted=crypto.encrypt(name.encode()), starts_on=starts_on, ends_on=ends_on,
            trained_on=trained_on,
        )
        for one in fields:
            self.notebook.link(LiaisonField, liaison_id=number, field=one)
        if user_id is not None:
            self.serving[user_id] = (number, ends_on)

    def announce_volunteers(self, territory: str, count: int) -> None:
        self.record(EventKind.LIAISON_JOINED, f"unit:{territory}", SYSTEM, {"unit": territory, "count": count})

    def begin_phase(
        self, actor: Actor, code: str, names: tuple[str, str, str], *, starts_on: date, ends_on: date | None, criteria: str,
        units: Sequence[TerritorialUnit], selection: PrioritySelection | None = None,
    ) -> None:
        capacity = authorise(actor, Permission.PHASE_EDIT, Thing(path=frozenset()))
        phase = self.notebook.new(
            Phase, code=code, name_es=names[0], name_fr=names[1], name_en=names[2], starts_on=starts_on, ends_on=ends_on, criteria=criteria,
            selection_id=selection.id if selection else None,
        )
        for unit in sorted(units, key=lambda unit: unit.id):
            self.notebook.link(PhaseUnit, phase_id=phase.id, unit_id=unit.id)
        self.record(
            EventKind.PHASE_ADDED, f"phase:{code}", capacity,
            {
                "name": names[0], "from": starts_on.isoformat(), "to": ends_on.isoformat() if ends_on else None,
                "added": sorted(unit.code for unit in units), "removed": [],
                **({"selection": selection.slug} if selection else {}),
            },
            {"criteria": criteria},
        )

    def reach(self, actor: Actor, unit: TerritorialUnit, stage: ProcessStage) -> None:
        capacity = self.allow(actor, Permission.STAGE_RECORD, unit.id)
        rank, today = STAGE_ORDER.index(stage), self.town.local_day(clock.now())
        must(unit.level.role is LevelRole.TERRITORY and rank == self._stages[unit.id], "a territory comes to each stage in its turn")
        self._stages[unit.id] += 1
        self.notebook.note(ProcessStep, unit_id=unit.id, stage=stage, reached_on=today, recorded_at=clock.now(), version=1)
        data = {"stage": str(stage), "on": today.isoformat()}
        self.record(EventKind.STAGE_REACHED, f"unit:{unit.code}", capacity, data)

    def _served(self, unit: TerritorialUnit) -> tuple[frozenset[int], str]:
        territory = self.territory(unit.id)
        above = frozenset(one for one in self.path(unit.id) if self.near(territory.id, one) and one not in self.path(territory.parent_id))
        return above, territory.code
