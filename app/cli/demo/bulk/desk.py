"""What everybody who writes in bulk has at hand: the town, the notebook, and where each place lies."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from agendas.agreements.queries import NEIGHBOURHOOD
from app.cli.demo.bulk.notebook import Notebook
from app.cli.demo.founding import RULES
from app.core import clock
from app.core.actors import Actor
from app.core.permissions import Permission, Thing, authorise
from models import Body, TerritorialUnit, ledger
from models.agreement import UNSETTLED, Agreement
from models.assembly import Assembly, Decision, HeadcountCell, Item, Problem
from models.ledger import Capacity, EventKind, Waiting
from models.settings import DEFAULTS
from models.territory import LevelRole
from models.theme import Theme

if TYPE_CHECKING:
    from app.cli.demo.town import Town


class Broken(Exception):
    """A story did what the product would refuse: the demo is not built."""


def must(holds: bool, what: str) -> None:
    if not holds:
        raise Broken(what)


@dataclass
class Hall:
    """What was recorded of an assembly so far."""

    assembly: Assembly
    unit: TerritorialUnit
    blocks: list[TerritorialUnit]
    conveners: list[tuple[str, Body | None]]
    items: list[Item]
    call: int = 0
    slips: int = 0
    cells: list[HeadcountCell] = field(default_factory=list)
    decisions: dict[int, Decision] = field(default_factory=dict)
    problems: dict[int, list[tuple[Problem, Theme, TerritorialUnit]]] = field(default_factory=lambda: defaultdict(list))
    raised: dict[int, list[Theme]] = field(default_factory=lambda: defaultdict(list))
    promises: dict[int, list[Agreement]] = field(default_factory=lambda: defaultdict(list))
    checked: dict[int, list[Any]] = field(default_factory=lambda: defaultdict(list))

    @property
    def people(self) -> int:
        return sum(cell.people for cell in self.cells)


class Desk:
    """The part all verbs share. Every verb asks the table of permissions, as the services do."""

    def __init__(self, town: Town):
        self.town, self.notebook = town, Notebook(town.session)
        self.halls: dict[int, Hall] = {}
        self.made: dict[int, Agreement] = {}
        self.owed: dict[int, dict[int, Agreement]] = defaultdict(dict)  # unsettled, by territory
        self.discreet: set[int] = set()  # agreements about security and the like
        # Sensitive problems of sealed assemblies, by territory and theme, then by month of the sealing.
        self.reserved: dict[tuple[int, int], dict[tuple[int, int], list[int]]] = defaultdict(lambda: defaultdict(list))
        self.bodies = {body.id: body for body in town.bodies.values()}
        self.themes = {theme.id: theme for theme in town.themes.values()}
        self._units = {unit.id: unit for unit in town.units.values()}
        self.path = cache(self._path)
        self.territory = cache(self._territory)
        for agreement in town.session.scalars(select(Agreement).where(Agreement.state.in_(UNSETTLED))):
            self.owed[self.territory(agreement.unit_id).id][agreement.id] = agreement

    def setting(self, key: str) -> Any:
        return RULES.get(key, DEFAULTS[key])

    def unit(self, unit_id: int) -> TerritorialUnit:
        return self._units[unit_id]

    def _path(self, unit_id: int) -> frozenset[int]:
        parent = self._units[unit_id].parent_id
        return frozenset({unit_id}) if parent is None else self.path(parent) | {unit_id}

    def _territory(self, unit_id: int) -> TerritorialUnit:
        unit = self._units[unit_id]
        while unit.level.role is not LevelRole.TERRITORY:
            unit = self._units[unit.parent_id]
        return unit

    def near(self, one: int, other: int) -> bool:
        """Whether ``one`` is ``other``, lies above it, or is above it no higher than the territory."""
        return one in self.path(other) or (other in self.path(one) and self._units[other].level.role in NEIGHBOURHOOD)

    def allow(self, actor: Actor, permission: Permission, unit_id: int, *, state: object = None, owner_id: int | None = None) -> Capacity:
        thing = Thing(path=self.path(unit_id), unit_id=unit_id, owner_id=owner_id, state=None if state is None else str(state))
        return authorise(actor, permission, thing)

    def allow_in(self, actor: Actor, assembly: Assembly, permission: Permission = Permission.ASSEMBLY_HOLD) -> Capacity:
        return self.allow(actor, permission, assembly.unit_id, state=assembly.state)

    def record(
        self, kind: EventKind, object: str, capacity: Capacity, data: dict[str, Any], texts: dict[str, str] | None = None
    ) -> Waiting:
        """An entry that comes with no change of state."""
        moment = clock.now()
        return ledger.append(
            self.notebook, kind, object=object, capacity=capacity, occurred_at=moment, recorded_at=moment, data=data, texts=texts
        )

    def as_told(self, capacity: Capacity, unit_id: int) -> Capacity:
        """As ``discretion.as_told``: whoever acts from below the unit acts from the unit."""
        if capacity.unit is None or self.town.units[capacity.unit].id in self.path(unit_id):
            return capacity
        return replace(capacity, unit=self.unit(unit_id).code)

    @property
    def now(self) -> dict[str, datetime]:
        """When what is done now happens and is written down."""
        moment = clock.now()
        return {"occurred_at": moment, "recorded_at": moment}
