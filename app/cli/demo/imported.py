"""Agreements from before, as the borough's old list told them: brought in, and never verified by that (DOMAIN.md 2)."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from agendas.agreements.intake import services as intake
from agendas.agreements.intake.services import Draft
from app.cli.demo import words
from app.cli.demo.geography import Unit
from app.cli.demo.institutions import SENSITIVE
from app.cli.demo.scale import dealt
from app.cli.demo.town import DAY, Town
from app.core import clock
from app.core.tabular import Context, Options, Outcome, Row
from models.agreement import AgreementState as S
from models.ledger import SYSTEM
from models.territory import LevelRole

SOURCE = "Acuerdos de audiencias vecinales"
# Nearly all had been reported done by those who owed them; nobody had asked the neighbours.
_STATES = (*(S.REPORTED_DONE,) * 130, S.IN_PROGRESS, S.PROPOSED)


def bring(town: Town) -> None:
    """The list of the years before the first, territory by territory, through the product's own intake."""
    below = town.borough.children()
    rows: list[Row] = []
    for turn, territory in enumerate(town.borough.at(LevelRole.TERRITORY)):
        rng = town.draw("imported", territory.code)
        blocks = [block for section in below[territory.code] for block in below[section.code]]
        for _n in range(dealt(town.scale.imported, turn)):
            rows.append(Row(len(rows) + 1, {}, draft=_draft(town, rng, territory, rng.choice(blocks)), outcome=Outcome.NEW))
    intake.bring(town.session, rows, capacity=SYSTEM, context=Context(Options(SOURCE), clock.now()))


def _draft(town: Town, rng: Random, territory: Unit, block: Unit) -> Draft:
    def case() -> words.Case:
        return words.make_case(rng, streets=block.streets or ("Calle Principal",), territory=territory.name, kind=territory.kind)

    told = case()
    while told.theme in SENSITIVE:
        told = case()
    today = town.local_day(clock.now())
    # Of earlier years alone: folios of this one begin with the first assembly.
    agreed = date(today.year - 1, 12, 20) - timedelta(days=rng.randint(0, 340))
    due, state = agreed + told.days * DAY, rng.choice(_STATES)
    reported = min(today, agreed + timedelta(days=round(told.days * rng.uniform(0.5, 1.01)))) if state is S.REPORTED_DONE else None
    collective = town.bodies[f"col-{territory.short_code.lower()}"]
    owner = collective if told.owner == "collective" else town.bodies[told.owner]
    unit, theme = town.units[block.code], town.themes[told.theme]
    return Draft(
        unit_id=unit.id, unit_code=unit.code, unit_name=unit.name, theme_id=theme.id, theme_code=theme.code, owner_id=owner.id,
        owner_code=owner.code, counterpart_id=None, counterpart_code=None, assembly=None, text=told.text, place=told.place, state=state,
        agreed=agreed, due=due, reported=reported, today=today,
    )
