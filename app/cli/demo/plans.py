"""The year's assemblies before any is convened: where, when, who calls, and what becomes of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from random import Random

from app.cli.demo import meetings
from app.cli.demo.geography import Unit
from app.cli.demo.town import DAY, Neighbourhood, Town
from app.core.actors import Actor
from models.assembly import AssemblyKind, Mode

K = AssemblyKind
# Share of the blocks called to meet, a figure for each territory in turn: a map of one shade tells nothing.
SHARES = (0.95, 0.66, 0.88, 0.52, 0.92, 0.76, 0.84, 0.60)
# (kind, days before today) of the assemblies of every territory; a negative figure lies ahead.
OF_A_TERRITORY = (
    (K.WORKSHOP, 318), (K.TERRITORY, 262), (K.FOLLOW_UP, 205), (K.SECURITY, 176), (K.FOLLOW_UP, 118), (K.TERRITORY, 76),
    (K.FOLLOW_UP, 24), (K.TERRITORY, -11),
)
# And in each year before, where there were any.
OF_EACH_EARLIER_YEAR = ((K.TERRITORY, 470), (K.FOLLOW_UP, 610))
# By when which part of all block assemblies had met, in a borough that has met for years; the rest until today. Few in
# the first winter, next to none in the year of the pandemic.
PACE = (
    (date(2019, 1, 15), 0.005), (date(2020, 3, 14), 0.13), (date(2021, 2, 20), 0.135), (date(2022, 1, 8), 0.22),
    (date(2023, 1, 7), 0.34), (date(2024, 1, 6), 0.48), (date(2025, 1, 4), 0.63), (date(2026, 1, 10), 0.82),
)
FLAGSHIPS = 9  # the first of so many territories has an assembly today
# Days on which nobody would come.
FEASTS = frozenset({"12-12", "12-24", "12-25", "12-31", "01-01", "01-06", "05-10", "09-15", "09-16", "11-01", "11-02"})


class Fate(StrEnum):
    HELD = "held"
    NOT_HELD = "not_held"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    AWAITS_MINUTES = "awaits_minutes"
    DRAFT = "draft"


@dataclass(frozen=True)
class Plan:
    """One assembly. ``unit`` and ``blocks`` are codes; ``starts_at`` is aware; ``called_at`` when it is convened."""

    key: str
    kind: AssemblyKind
    where: Neighbourhood
    unit: str
    blocks: tuple[str, ...]
    convener: Actor
    title: str
    place: str
    mode: Mode
    starts_at: datetime
    called_at: datetime
    quorum: int
    fate: Fate


def year_of(town: Town) -> Iterator[Plan]:
    """All assemblies of the year and those to come; the same for the same seed and day."""
    fates = _fates(town.draw("fates"))
    for number, where in enumerate(town.neighbourhoods):
        rng = town.draw("plans", where.plan.code)
        share = SHARES[number % len(SHARES)]
        groups = list(_groups(rng, where))
        called = set(rng.sample(range(len(groups)), max(2, round(share * len(groups)))))
        plans = list(_of_blocks(town, rng, where, groups, called, fates, flagship=number % FLAGSHIPS == 0))
        yield from plans
        yield from _of_the_territory(town, rng, where, plans, number)


def _groups(rng: Random, where: Neighbourhood) -> Iterator[list[Unit]]:
    """Neighbouring blocks that meet together: one, two or three of a section."""
    for blocks in where.sections.values():
        waiting = list(blocks)
        while waiting:
            count = rng.choice((1, 2, 2, 3, 3))
            yield waiting[:count]
            waiting = waiting[count:]


def _fates(rng: Random) -> Iterator[Fate]:
    while True:
        deck = [Fate.HELD] * 34 + [Fate.NOT_HELD] * 2 + [Fate.CANCELLED] * 2 + [Fate.RESCHEDULED] * 2
        rng.shuffle(deck)
        yield from deck


def _of_blocks(
    town: Town, rng: Random, where: Neighbourhood, groups: list[list[Unit]], called: set[int], fates: Iterator[Fate], *, flagship: bool
) -> Iterator[Plan]:
    chosen = sorted(called)
    rng.shuffle(chosen)
    for turn, at in enumerate(chosen):
        days = _days_ago(town, (turn + rng.random()) / len(chosen))
        yield _block_plan(town, rng, where, groups[at], days, next(fates))
        if rng.random() < town.scale.again and days > 120:
            yield _block_plan(town, rng, where, groups[at], days - rng.randint(70, days - 20), Fate.HELD, second=True)
    rest = [at for at in range(len(groups)) if at not in called] or chosen
    ahead = [groups[at] for at in rng.sample(rest, min(len(rest), 3))]
    for turn, blocks in enumerate(ahead):
        yield _block_plan(town, rng, where, blocks, -rng.randint(2 + 4 * turn, 5 + 5 * turn), Fate.HELD, second=True)
    if flagship:
        # All of one promoter, the first of the first section: whose account opens with a password.
        section = next(iter(where.sections))
        own = [groups[at] for at in chosen if groups[at][0].parent == section] or [groups[at] for at in chosen]
        yield _block_plan(town, rng, where, own[0], 1, Fate.AWAITS_MINUTES, second=True, promoter=0)
        yield _block_plan(town, rng, where, own[len(own) // 2], 0, Fate.HELD, second=True, promoter=0)
        yield _block_plan(town, rng, where, own[-1], -19, Fate.DRAFT, second=True, promoter=0)


def _days_ago(town: Town, part: float) -> int:
    """When this part (0 to 1) of the first assemblies of blocks had met, in days before today."""
    if town.scale.founded is None:
        # Early in the year few promoters know the streets; the pace grows.
        return round(352 - 340 * part**0.9)
    first, last = town.scale.first_day(town.today) + 7 * DAY, town.today - 12 * DAY
    stops = [(first, 0.0), *((day, met) for day, met in PACE if first < day < last - 20 * DAY), (last, 1.0)]
    (since, low), (until, high) = next(pair for pair in pairwise(stops) if part <= pair[1][1])
    return (town.today - since).days - round((part - low) / (high - low) * (until - since).days)


def _block_plan(
    town: Town, rng: Random, where: Neighbourhood, blocks: list[Unit], days: int, fate: Fate, *, second: bool = False,
    promoter: int | None = None,
) -> Plan:
    first = blocks[0]
    streets = _streets(blocks)
    day = _gathering_day(rng, town.today, days)
    promoters = where.promoters[first.parent]
    convener = promoters[rng.randrange(len(promoters)) if promoter is None else promoter]
    return Plan(
        key=f"{first.code}/{2 if second else 1}/{days}", kind=K.BLOCK, where=where,
        unit=first.parent if len(blocks) > 2 else first.code, blocks=tuple(block.code for block in blocks), convener=convener,
        title=meetings.assembly_title(rng, K.BLOCK, territory=where.plan.name, unit_kind=where.plan.kind, streets=streets),
        place=meetings.block_place(rng, streets[:2]), mode=Mode.IN_PERSON, starts_at=_hour(town, rng, day) if days else town.at(day, 18),
        called_at=_called(town, rng, day), quorum=8, fate=fate,
    )


def _of_the_territory(town: Town, rng: Random, where: Neighbourhood, of_blocks: list[Plan], number: int) -> Iterator[Plan]:
    """Assemblies of the whole territory gather blocks that met before: nobody counts a block as met by a distant hall."""
    wanted = [*OF_A_TERRITORY, *([(K.ITINERANT, 151)] if number % 2 == 0 else []), *([(K.FOLLOW_UP, 6)] if number == 0 else [])]
    years = (town.today - town.scale.first_day(town.today)).days // 365
    wanted += [(kind, days + 365 * year + rng.randint(-60, 60)) for year in range(years - 1) for kind, days in OF_EACH_EARLIER_YEAR]
    for kind, days in wanted:
        shift = rng.randint(-9, 9) if days > 30 else rng.randint(-3, 3)
        day = _gathering_day(rng, town.today, days + shift)
        met = sorted({code for plan in of_blocks if plan.fate is Fate.HELD and plan.starts_at.date() < day for code in plan.blocks})
        if not met:
            continue
        convener = where.director if kind is K.ITINERANT else where.in_charge if kind is K.TERRITORY else rng.choice(where.officials)
        yield Plan(
            key=f"{where.plan.code}/{kind}/{days}", kind=kind, where=where, unit=where.plan.code,
            blocks=tuple(sorted(rng.sample(met, max(1, round(len(met) * rng.uniform(0.3, 0.6)))))), convener=convener,
            title=meetings.assembly_title(rng, kind, territory=where.plan.name, unit_kind=where.plan.kind),
            place=meetings.home_place(rng), mode=Mode.BOTH if kind is K.WORKSHOP and number % 3 == 0 else Mode.IN_PERSON,
            starts_at=_hour(town, rng, day), called_at=_called(town, rng, day), quorum=25 if kind is K.TERRITORY else 12, fate=Fate.HELD,
        )


def _streets(blocks: list[Unit]) -> list[str]:
    named = list(dict.fromkeys(street for block in blocks for street in block.streets))
    return named or ["Calle Principal"]


def _gathering_day(rng: Random, today: date, days: int) -> date:
    """Near so many days before today: mostly a Saturday, else a Sunday or an evening of the week. The nearest days stay put."""
    day = today - timedelta(days=days)
    if abs(days) < 4:
        return day
    wanted = rng.choice((5, 5, 5, 6, 2, 3))
    near = min(
        (day + timedelta(days=step) for step in range(-4, 5)),
        key=lambda one: (f"{one:%m-%d}" in FEASTS, one.weekday() != wanted, abs((one - day).days)),
    )
    return near if (near < today) == (days > 0) and near != today else day


def _hour(town: Town, rng: Random, day: date) -> datetime:
    if day.weekday() > 4:
        return town.at(day, rng.choice((10, 10, 11, 12, 16)), rng.choice((0, 0, 30)))
    return town.at(day, rng.choice((17, 18, 18)), rng.choice((0, 30)))


def _called(town: Town, rng: Random, day: date) -> datetime:
    """Some days before; yesterday at the latest, for what lies ahead."""
    notice = rng.choice((3, 5, 5, 6, 7, 8, 10))
    return town.in_office(rng, min(day - notice * DAY, town.today - rng.randint(1, 5) * DAY - 2 * DAY))
