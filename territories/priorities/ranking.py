"""Units ranked by weighed indicators: how need is measured, what each indicator gave, what moves when a weight does.

    ranked(units, recipe)     # every unit with its rank, its score and its parts, the neediest first

The steps, in their order: the conditions say who takes part (population of at least…); the values of each criterion, of
those who do, are put on a scale of need; the score is their weighed mean, from 0 (least need) to 100; the first
``wanted`` are chosen. Equal scores keep the order of their codes, so that the same data give the same list.

Scales. *Rank*: how many have less need, equal values sharing the middle of their places; nothing far away weighs more
than its place. *Range*: from the least to the most need, in proportion (min-max); one extreme value presses all others
together. *Deviation*: standard deviations from the mean (z), the score then is around 0. A criterion on which all are
equal gives everybody the middle, and decides nothing. What is missing is never zero: such a unit is told of apart, or,
where that was asked for, its other weights share out the missing one's.

Handbook on Constructing Composite Indicators (OECD and JRC, 2008), steps 3, 5, 6 and 7.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, pstdev
from typing import Any

from models.priority import Place, Scale, WhenMissing

MOVED_BY = 0.10
DIGITS = 4


@dataclass(frozen=True)
class Criterion:
    """An indicator that counts, by its code. ``weight`` is positive; ``more``: the need is where the value is high."""

    code: str
    weight: float
    more: bool = True


@dataclass(frozen=True)
class Condition:
    """Who takes part: units whose value is within the bounds, both counted."""

    code: str
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True)
class Recipe:
    """What was asked: at least one criterion."""

    criteria: tuple[Criterion, ...]
    wanted: int
    scale: Scale = Scale.RANK
    missing: WhenMissing = WhenMissing.LEAVE_OUT
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Unit:
    """A unit with its values by indicator; one that is absent or None is not known."""

    id: int
    code: str
    name: str
    values: Mapping[str, float | None]


@dataclass(frozen=True)
class Part:
    """What a criterion gave: ``value`` as measured, ``need`` on the scale, ``points`` of the score. None: no data."""

    code: str
    value: float | None
    need: float | None = None
    points: float | None = None


@dataclass(frozen=True)
class Ranked:
    """Where a unit ended. ``rank`` from 1 and ``score`` only of those that are ranked."""

    unit: Unit
    place: Place
    parts: tuple[Part, ...]
    rank: int | None = None
    score: float | None = None


@dataclass(frozen=True)
class Move:
    """What changes when the weight of ``code`` is multiplied by 1 + ``by``: codes of units that enter and that leave."""

    code: str
    by: float
    enter: tuple[str, ...]
    leave: tuple[str, ...]


def ranked(units: Sequence[Unit], recipe: Recipe) -> list[Ranked]:
    """Every unit: those ranked by their rank, then those without data, then those outside, each by code."""
    outside, unknown, inside = [], [], []
    for unit in sorted(units, key=lambda one: one.code):
        asked = [(condition, unit.values.get(condition.code)) for condition in recipe.conditions]
        known = [unit.values.get(criterion.code) is not None for criterion in recipe.criteria]
        if any(value is not None and not condition.holds(value) for condition, value in asked):
            outside.append(Ranked(unit, Place.OUTSIDE, _plain(unit, recipe)))
        elif any(value is None for _condition, value in asked) or not (
            all(known) or (any(known) and recipe.missing is WhenMissing.SHARE_OUT)
        ):
            unknown.append(Ranked(unit, Place.NO_DATA, _plain(unit, recipe)))
        else:
            inside.append(unit)
    scored = sorted(_scored(inside, recipe), key=lambda one: (-one.score, one.unit.code))
    placed = [
        replace(one, rank=rank, place=Place.CHOSEN if rank <= recipe.wanted else Place.BEHIND) for rank, one in enumerate(scored, 1)
    ]
    return [*placed, *unknown, *outside]


def chosen(found: Sequence[Ranked]) -> list[Ranked]:
    return [one for one in found if one.place is Place.CHOSEN]


def moves(units: Sequence[Unit], recipe: Recipe) -> list[Move]:
    """Who enters and who leaves when each weight alone goes down and up by ``MOVED_BY`` of itself."""
    if len(recipe.criteria) < 2:
        return []
    now = {one.unit.code for one in chosen(ranked(units, recipe))}
    found = []
    for at, criterion in enumerate(recipe.criteria):
        for by in (-MOVED_BY, MOVED_BY):
            moved = replace(criterion, weight=criterion.weight * (1 + by))
            other = replace(recipe, criteria=(*recipe.criteria[:at], moved, *recipe.criteria[at + 1 :]))
            then = {one.unit.code for one in chosen(ranked(units, other))}
            found.append(Move(criterion.code, by, tuple(sorted(then - now)), tuple(sorted(now - then))))
    return found


def digest_of(recipe: Mapping[str, Any], found: Sequence[Ranked]) -> str:
    """SHA-256 of what was asked and what came out: what the record carries, so that neither can be changed unseen."""
    rows = [[one.unit.code, str(one.place), one.rank, one.score, [[part.value, part.points] for part in one.parts]] for one in found]
    plain = json.dumps([recipe, rows], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(unit: Unit, recipe: Recipe) -> tuple[Part, ...]:
    return tuple(Part(criterion.code, unit.values.get(criterion.code)) for criterion in recipe.criteria)


def _scored(units: Sequence[Unit], recipe: Recipe) -> list[Ranked]:
    scales = {
        one.code: _needs([unit.values.get(one.code) for unit in units], one, recipe.scale) for one in recipe.criteria
    }
    found = []
    for at, unit in enumerate(units):
        needs = [scales[criterion.code][at] for criterion in recipe.criteria]
        whole = sum(criterion.weight for criterion, need in zip(recipe.criteria, needs, strict=True) if need is not None)
        parts = tuple(
            Part(
                criterion.code, unit.values.get(criterion.code), None if need is None else round(need, DIGITS),
                None if need is None else round(100 * need * criterion.weight / whole, DIGITS),
            )
            for criterion, need in zip(recipe.criteria, needs, strict=True)
        )
        score = round(sum(part.points for part in parts if part.points is not None), DIGITS)
        found.append(Ranked(unit, Place.BEHIND, parts, score=score))
    return found


def _needs(values: Sequence[float | None], criterion: Criterion, scale: Scale) -> list[float | None]:
    """Where each value stands on the scale of need; None stays None."""
    signed = [None if value is None else value if criterion.more else -value for value in values]
    known = sorted(value for value in signed if value is not None)
    if not known:
        return list(signed)
    low, high = known[0], known[-1]
    if scale is Scale.DEVIATION:
        mean, spread = fmean(known), pstdev(known)
        return [None if value is None else (value - mean) / spread if spread else 0.0 for value in signed]
    if low == high:
        return [None if value is None else 0.5 for value in signed]
    if scale is Scale.RANGE:
        return [None if value is None else (value - low) / (high - low) for value in signed]
    last = len(known) - 1
    return [None if value is None else (bisect_left(known, value) + bisect_right(known, value) - 1) / 2 / last for value in signed]
