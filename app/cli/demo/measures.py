"""Crimes reported in the invented borough, quarter by quarter: made up, and said to be."""

from __future__ import annotations

import hashlib
from datetime import date

from sqlalchemy import select

from app.cli.demo.founding import SOURCE
from app.cli.demo.town import Town
from app.core import clock
from models import Indicator, IndicatorValue, ledger
from models.indicator import Aggregation, Direction, Frequency
from models.ledger import SYSTEM, EventKind
from models.territory import LevelRole
from territories.indicators import periods, services
from territories.indicators.periods import Period
from territories.indicators.services import Definition

QUARTERS = 12
# The yearly rate that the first selection was made of, per thousand people.
RATE = "delitos"
REPORTS = Definition(
    ("Denuncias por trimestre", "Plaintes par trimestre", "Reports per quarter"),
    (
        "Carpetas de investigación abiertas en el trimestre por hechos del territorio. Cifras inventadas para esta demostración.",
        "Enquêtes ouvertes dans le trimestre pour des faits du territoire. Chiffres inventés pour cette démonstration.",
        "Investigations opened in the quarter about what happened in the territory. Figures made up for this demonstration.",
    ),
    ("denuncias", "plaintes", "reports"), SOURCE, LevelRole.TERRITORY, Frequency.QUARTER, Direction.LOWER, Aggregation.SUM, sensitive=True,
)  # fmt: skip


def report(town: Town) -> None:
    """Each territory's reports up to the last whole quarter, about as many as its yearly rate; a few have no data."""
    rates = dict(
        town.session.execute(
            select(IndicatorValue.unit_id, IndicatorValue.value).join(Indicator, Indicator.id == IndicatorValue.indicator_id)
            .where(Indicator.code == RATE).order_by(IndicatorValue.starts_on)
        ).all()
    )
    indicator = services.declare(town.session, capacity=SYSTEM, code="denuncias", definition=REPORTS)
    rows = []
    for place, territory in enumerate(town.borough.at(LevelRole.TERRITORY)):
        rng, unit = town.draw("reports", territory.code), town.units[territory.code]
        for period in _quarters(town.today) if place % 29 != 28 else ():
            about = territory.population / 1000 * rates[unit.id] / 4
            rows.append({
                "indicator_id": indicator.id, "unit_id": unit.id, "starts_on": period.starts_on, "ends_on": period.ends_on,
                "value": round(about * rng.uniform(0.7, 1.3)), "numerator": None, "denominator": None,
            })  # fmt: skip
    told = "\n".join(f"{row['unit_id']} {row['starts_on']} {row['value']}" for row in rows)
    origin, moment = hashlib.sha256(told.encode()).hexdigest(), clock.now()
    services.keep_values(town.session, [{**row, "origin": origin} for row in rows], {})
    ledger.append(
        town.session, EventKind.IMPORT_APPLIED, object=f"import:{origin}", capacity=SYSTEM, occurred_at=moment, recorded_at=moment,
        data={"sha256": origin, "table": "indicators", "source": SOURCE, "new": len(rows), "indicator denuncias": len(rows)},
    )


def _quarters(today: date) -> list[Period]:
    """The last whole ones, the oldest first."""
    number = today.year * 4 + (today.month - 1) // 3
    return [periods.quarter(n // 4, n % 4 + 1) for n in range(number - QUARTERS, number)]
