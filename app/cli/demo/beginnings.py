"""Where the invented borough began: what was known of its territories, and the selection that the first phase was made of."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from app.cli.demo.geography import Unit
from app.cli.demo.town import Town
from app.core import clock
from models import Indicator, PrioritySelection
from models.indicator import Aggregation, Direction, Frequency
from models.ledger import SYSTEM
from models.territory import LevelRole
from territories.indicators import services as indicators
from territories.indicators.periods import Period, year
from territories.priorities import services as priorities
from territories.priorities.queries import data_of
from territories.priorities.ranking import Condition, Criterion, Recipe

SLUG = "donde-empezar"
NAMES = ("Dónde empezar", "Par où commencer", "Where to begin")
REASON = (
    "Se empieza donde hay más delitos por habitante y menos desarrollo social. Los territorios de menos de 200 personas "
    "quedan fuera: ahí una sola denuncia mueve mucho la cifra."
)
# Of each hundred and thirty territories.
FIRST, OF = 22, 130
FEWEST_PEOPLE = 200
_YEARS = 4


def choose(town: Town) -> PrioritySelection:
    """Three indicators of the territories with their years, and the selection made of the last."""
    today = town.local_day(clock.now())
    territories = town.borough.at(LevelRole.TERRITORY)
    made = [_declare(town, code, *said) for code, said in _DEFINITIONS.items()]
    rows = [row for indicator, course in zip(made, _courses(town, territories), strict=True) for row in _rows(town, indicator, course)]
    indicators.keep_values(town.session, rows, {})
    people, crime, development = made
    recipe = Recipe(
        (Criterion(crime.code, 60), Criterion(development.code, 40, more=False)), wanted=max(1, round(len(territories) * FIRST / OF)),
        conditions=(Condition(people.code, at_least=FEWEST_PEOPLE),),
    )
    return priorities.keep(
        town.session, capacity=SYSTEM, slug=SLUG, names=NAMES, reason=REASON, recipe=recipe, role=LevelRole.TERRITORY, on=today,
        data=data_of(town.session, LevelRole.TERRITORY, today, made),
    )


_DEFINITIONS = {
    "poblacion": (
        ("Población", "Population", "Population"),
        ("Personas que viven en el territorio.", "Personnes qui vivent dans le territoire.", "People living in the territory."),
        ("personas", "personnes", "people"), Direction.NEITHER, Aggregation.SUM, 0, False,
    ),
    "delitos": (
        ("Delitos por cada mil habitantes", "Délits pour mille habitants", "Crimes per thousand people"),
        (
            "Denuncias de un año entre la población, por mil.", "Plaintes d'une année rapportées à la population, pour mille.",
            "Reports of a year over the population, per thousand.",
        ),
        ("por mil", "pour mille", "per thousand"), Direction.LOWER, Aggregation.POPULATION_MEAN, 1, True,
    ),
    "desarrollo": (
        ("Índice de desarrollo social", "Indice de développement social", "Social development index"),
        (
            "De 0 a 1: vivienda, escuela, salud y servicios.", "De 0 à 1 : logement, école, santé et services.",
            "From 0 to 1: housing, school, health and services.",
        ),
        ("de 0 a 1", "de 0 à 1", "0 to 1"), Direction.HIGHER, Aggregation.POPULATION_MEAN, 3, False,
    ),
}


def _declare(town: Town, code: str, names, definitions, measures, direction, aggregation, decimals, sensitive) -> Indicator:
    return indicators.declare(
        town.session, capacity=SYSTEM, code=code,
        definition=indicators.Definition(
            names=names, definitions=definitions, measures=measures, source="Oficina de estadística de la alcaldía (cifras inventadas)",
            role=LevelRole.TERRITORY, frequency=Frequency.YEAR, direction=direction, aggregation=aggregation, decimals=decimals,
            sensitive=sensitive,
        ),
    )


Course = dict[str, list[tuple[Period, float]]]


def _courses(town: Town, territories: list[Unit]) -> tuple[Course, Course, Course]:
    """By territory, year by year up to the one before the founding: people, crimes, development. The last two go apart."""
    last = town.local_day(clock.now()).year - 1
    people, crime, development = {}, {}, {}
    for territory in territories:
        rng = town.draw("indicators", territory.code)
        need = rng.betavariate(2, 3)
        periods = [year(number) for number in range(last - _YEARS + 1, last + 1)]
        people[territory.code] = [(period, territory.population) for period in periods[-1:]]
        crime[territory.code] = [(period, round(value, 1)) for period, value in zip(periods, _walk(rng, 4 + 26 * need), strict=True)]
        lack = min(1, max(0, need + rng.gauss(0, 0.12)))
        development[territory.code] = [(period, round(0.92 - 0.5 * lack, 3)) for period in periods[-1:]]
    return people, crime, development


def _walk(rng: Random, about: float) -> Iterator[float]:
    for _year in range(_YEARS):
        about *= rng.uniform(0.88, 1.13)
        yield max(0.5, about)


def _rows(town: Town, indicator: Indicator, course: Course) -> Iterator[dict]:
    for code, values in course.items():
        for period, value in values:
            yield {
                "indicator_id": indicator.id, "unit_id": town.units[code].id, "starts_on": period.starts_on, "ends_on": period.ends_on,
                "value": value, "numerator": None, "denominator": None, "origin": "",
            }
