"""What is said and agreed in the invented borough, in plain Spanish: one coherent story for each agreement.

Everything is drawn from the ``Random`` handed in; the same draws give the same words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from random import Random

from app.cli.demo.institutions import SENSITIVE
from app.cli.demo.matters import WORKS, Matter
from app.cli.demo.matters_people import CARE
from app.cli.demo.spanish import NUMBERS, sentence, territory_with_article, with_article
from models.territory import UnitKind

MATTERS: tuple[Matter, ...] = (*WORKS, *CARE)
_BY_THEME = {code: tuple(found) for code, found in groupby(sorted(MATTERS, key=lambda m: m.theme), key=lambda m: m.theme)}
# How often neighbours speak of each: light, water and streets fill most assemblies.
WEIGHTS = {
    "lighting": 15, "water": 15, "streets": 14, "waste": 9, "public-space": 10, "mobility": 6, "security": 8, "violence": 3, "health": 5,
    "civil-protection": 4, "culture-sport": 5, "women": 3, "youth": 4, "children": 3, "older-people": 3,
}
_NARROW = ("Andador", "Callejón", "Cerrada", "Privada", "Retorno", "Segunda", "Segundo", "Vereda")
_DAYS = ("lunes y jueves", "martes y viernes", "miércoles y sábados", "martes y jueves", "lunes y miércoles", "viernes y domingos")
_MENDED_WORKS = (
    "Se atendió lo que señalaron los vecinos y se revisó con ellos en el lugar.", "Se corrigió lo que faltaba y se tomó foto con la fecha.",
    "La cuadrilla regresó y terminó lo pendiente; dos vecinas lo vieron.",
    "Se repuso lo que quedó mal y se dejó un teléfono por si vuelve a fallar.",
)
_MENDED_CARE = (
    "Se atendió lo que señalaron los vecinos y se revisó con ellos.", "Se corrigió lo que faltaba y se fijaron nuevas fechas.",
    "Se repuso lo que no se hizo y se avisó a los vecinos.", "Se nombró a otra persona responsable y el servicio se regularizó.",
)
_PUBLIC_PLACES = ("el parque {}", "el jardín {}", "la plazuela {}", "el módulo deportivo {}", "la explanada {}", "la alameda {}")
_ROOMS = ("el salón comunitario {}", "la casa de cultura {}", "el centro comunitario {}", "la biblioteca {}", "la casa de las vecinas {}")
_PLACE_NAMES = (
    "El Ahuehuete", "La Fuente", "Los Pinos", "La Estrella", "El Trébol", "Las Palomas", "El Kiosco", "La Ceiba", "Los Encinos",
    "El Rehilete",
    "La Rayuela", "El Papalote", "Las Bugambilias", "El Álamo", "La Noria", "El Sabino", "Tres Piedras", "La Esperanza",
    "El Girasol", "Ojo de Agua",
)


@dataclass(frozen=True)
class Case:
    """One agreement from the problem to the last word about it. All texts are whole sentences in Spanish.

    ``theme`` and ``owner`` are codes of ``institutions`` (owner may be "collective": the territory's own); ``days`` from
    the assembly to the first due date; ``place`` is public, empty for a sensitive theme; ``progress`` and
    ``objections`` hold at least one text each, ``done`` three: the first report, and two for after an objection.
    """

    theme: str
    owner: str
    days: int
    problem: str
    text: str
    place: str
    progress: tuple[str, ...]
    done: tuple[str, ...]
    objections: tuple[str, ...]


def make_case(
    rng: Random, *, streets: Sequence[str], territory: str, kind: UnitKind, theme: str | None = None
) -> Case:
    """A case for a block or a territory. ``streets`` as a unit lists them ("Calle Nogal"), at least one; ``theme`` a
    code, or None to draw one as often as neighbours raise it."""
    code = theme or rng.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))[0]
    matter = rng.choice(_BY_THEME[code])
    one, *others = rng.sample(list(streets), len(streets))
    if code == "mobility":  # no bus runs through an alley
        one, *others = sorted([one, *others], key=lambda name: name.startswith(_NARROW))
    outdoors, indoors = (rng.choice(pool).format(rng.choice(_PLACE_NAMES)) for pool in (_PUBLIC_PLACES, _ROOMS))
    slots = {
        "nombre": one,
        "calle": with_article(one),
        "otra": with_article(others[0]) if others else "la avenida principal",
        "numero": str(rng.randint(3, 240)),
        "cuantas": rng.choice(NUMBERS),
        "metros": str(rng.randrange(20, 190, 10)),
        "dias": rng.choice(_DAYS),
        "unidad": territory_with_article(territory, kind),
        "lugar": outdoors,
        "salon": indoors,
    }

    at = rng.randrange(len(matter.agreements))

    def fill(template: str) -> str:
        return sentence(template.format(**slots))

    def told(templates: Sequence[str]) -> tuple[str, ...]:
        """Those that fit the agreement drawn, without their marks."""
        other = f"{2 - at}> "
        return tuple(fill(template.removeprefix(f"{at + 1}> ")) for template in templates if not template.startswith(other))

    text, mended = matter.agreements[at], _MENDED_CARE if matter in CARE or matter.owner == "collective" else _MENDED_WORKS
    if matter.place:
        place = fill(matter.place)
    else:
        named = next((slots[slot] for slot in ("lugar", "salon") if f"{{{slot}}}" in text), one if "{calle}" in text else "")
        place = sentence(re.sub("^(el|la) ", "", named))
    return Case(
        code, matter.owner, round(matter.days * rng.uniform(0.7, 1.5)), fill(matter.problems[at]), fill(text),
        "" if code in SENSITIVE else place, told(matter.progress), (fill(matter.done[at]), *rng.sample(mended, 2)),
        told(rng.sample(matter.objections, len(matter.objections))),
    )


def make_problem(rng: Random, *, streets: Sequence[str], territory: str, kind: UnitKind, theme: str | None = None) -> tuple[str, str]:
    """A problem raised without an agreement: the theme's code and the words."""
    case = make_case(rng, streets=streets, territory=territory, kind=kind, theme=theme)
    return case.theme, case.problem

