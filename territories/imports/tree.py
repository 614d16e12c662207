"""The tree as an import sees it: light records by level, without a database, and what a plan would make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from models.territory import LEVEL_ORDER, LevelRole
from territories.imports.plan import KnownUnit, Plan


@dataclass(frozen=True, slots=True)
class Tree:
    """All units in force by level, and by code the day `since` which each one's boundary holds; `retired` are the codes of
    those that are no more, with the day.

    `state` is a digest of ids and versions: another one means that somebody wrote since.
    """

    units: Mapping[LevelRole, tuple[KnownUnit, ...]] = field(default_factory=dict)
    names: Mapping[LevelRole, str] = field(default_factory=dict)
    since: Mapping[str, date] = field(default_factory=dict)
    retired: Mapping[str, date] = field(default_factory=dict)
    state: str = ""

    def at(self, level: LevelRole) -> tuple[KnownUnit, ...]:
        return self.units.get(level, ())

    def above(self, level: LevelRole) -> list[tuple[KnownUnit, ...]]:
        """The levels that have units, from the nearest above `level` to the root."""
        upper = LEVEL_ORDER[: LEVEL_ORDER.index(level)]
        return [self.at(role) for role in reversed(upper) if self.at(role)]

    def elsewhere(self, level: LevelRole) -> dict[str, str]:
        """The codes of all other levels, each with the name of its level."""
        return {unit.code: self.names.get(role, role) for role, units in self.units.items() if role is not level for unit in units}

    @property
    def is_empty(self) -> bool:
        return not any(self.units.values())

    @property
    def deepest(self) -> LevelRole | None:
        return max((role for role, units in self.units.items() if units), key=LEVEL_ORDER.index, default=None)

    def after(self, level: LevelRole, plan: Plan) -> Tree:
        """The tree as it would be once `plan` is written: what a trial of several files goes on from."""
        merged = {unit.code: unit for unit in self.at(level)}
        for unit in (*plan.new, *plan.changed):
            kind = unit.kind or (merged[unit.code].kind if unit.code in merged else None)
            merged[unit.code] = KnownUnit(unit.code, unit.name, unit.shape, unit.parent, kind)
        return replace(self, units={**self.units, level: tuple(merged.values())})
