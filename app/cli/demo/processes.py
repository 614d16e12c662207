"""The planning process of each territory of the invented borough, and the phases in which territories were taken in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.cli.demo.diary import Story
from app.cli.demo.town import DAY, Neighbourhood, Town
from models import PrioritySelection
from models.process import STAGE_ORDER
from territories.priorities.queries import chosen_ids

# How many stages the territories have reached: 53 of 130 have a draft of their agenda or more.
REACHED = (5,) * 20 + (6,) * 14 + (7,) * 13 + (8,) * 6 + (4,) * 17 + (3,) * 22 + (2,) * 20 + (1,) * 12 + (0,) * 6


@dataclass(frozen=True)
class _Phase:
    """``part`` of the territories are in it or in one before; in the first, those of the selection. ``begins`` is a part of
    the time since the founding."""

    code: str
    names: tuple[str, str, str]
    part: float
    begins: float
    criteria: str


_PHASES = (
    _Phase(
        "piloto", ("Primera fase", "Première phase", "First phase"), 0.25, 0.0,
        "Los territorios que la selección «Dónde empezar» puso primero: más delitos por habitante y menos desarrollo social.",
    ),
    _Phase(
        "segunda", ("Segunda fase", "Deuxième phase", "Second phase"), 0.65, 0.2,
        "Territorios vecinos de los de la primera fase, para que las obras se sigan de una calle a otra.",
    ),
    _Phase("todas", ("Todos los territorios", "Tous les territoires", "All territories"), 1.0, 0.45, "Todos los que faltaban."),
)


def of_all(town: Town) -> Iterator[Story]:
    """The phases, and the process of every territory that has begun one."""
    rng = town.draw("processes")
    first_day = town.scale.first_day(town.today)
    span = (town.today - first_day).days
    first = chosen_ids(town.session, town.selection.id)
    chance = rng.sample(town.neighbourhoods, len(town.neighbourhoods))
    order = sorted(chance, key=lambda where: first.index(where.unit.id) if where.unit.id in first else len(first))
    reached = rng.sample(REACHED, len(order)) if len(order) <= len(REACHED) else rng.choices(REACHED, k=len(order))
    begun = 0
    for at, phase in enumerate(_PHASES):
        chosen = order[begun:len(first) if at == 0 else round(phase.part * len(order))]
        starts = first_day + round(phase.begins * span) * DAY + 7 * DAY
        ends = first_day + round(_PHASES[at + 1].begins * span) * DAY if at + 1 < len(_PHASES) else None
        yield _phase(town, phase, starts, ends, chosen, town.selection if at == 0 else None)
        # Those who were taken in first have come furthest.
        for where, stages in zip(chosen, sorted(reached[begun:begun + len(chosen)], reverse=True), strict=True):
            yield _process(town, where, starts + rng.randint(3, 40) * DAY, stages)
        begun += len(chosen)


def _phase(
    town: Town, phase: _Phase, starts: date, ends: date | None, chosen: list[Neighbourhood], selection: PrioritySelection | None
) -> Story:
    yield town.in_office(town.draw("phase", phase.code), starts)
    town.acts.begin_phase(
        town.planning, phase.code, phase.names, starts_on=starts, ends_on=ends, criteria=phase.criteria,
        units=[where.unit for where in chosen], selection=selection,
    )


def _process(town: Town, where: Neighbourhood, day: date, stages: int) -> Story:
    """Evenly, as far as it came, with some patience at each step."""
    rng = town.draw("process", where.plan.code)
    left = (town.today - day).days * rng.uniform(0.75, 0.97)
    for stage in STAGE_ORDER[:stages]:
        yield town.in_office(rng, day)
        town.acts.reach(where.director, where.unit, stage)
        day += max(7, round(left / stages * rng.uniform(0.7, 1.0))) * DAY
