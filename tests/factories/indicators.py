"""Makers of indicators and their values."""

from __future__ import annotations

from collections.abc import Mapping

from models import Indicator, TerritorialUnit
from models.indicator import Aggregation, Direction, Frequency
from models.ledger import SYSTEM
from models.territory import LevelRole
from territories.indicators import periods, services


class IndicatorMakers:
    """What :class:`tests.factories.World` makes of indicators."""

    def indicator(
        self, code: str | None = None, *, name: str | None = None, role: LevelRole = LevelRole.TERRITORY,
        frequency: Frequency = Frequency.YEAR, direction: Direction = Direction.NEITHER, aggregation: Aggregation = Aggregation.SUM,
        **facts,
    ) -> Indicator:
        number = next(self._numbers)
        with self.writing() as session:
            return services.declare(
                session, capacity=SYSTEM, code=code or f"indicador-{number}",
                definition=services.Definition(
                    (name or f"Indicador {number}", "", ""), ("Lo que se cuenta.", "", ""), ("personas", "", ""), "Fuente de prueba",
                    role, frequency, direction, aggregation, **facts,
                ),
            )

    def measured(self, indicator: Indicator, values: Mapping[TerritorialUnit, float], when: str = "2025", **facts) -> None:
        """Give ``indicator`` those values in a period written as tables write it."""
        _frequency, period = periods.read(when)
        with self.writing() as session:
            services.keep_values(session, [
                {
                    "indicator_id": indicator.id, "unit_id": unit.id, "starts_on": period.starts_on, "ends_on": period.ends_on,
                    "value": value, "origin": "", "numerator": None, "denominator": None, **facts,
                }
                for unit, value in values.items()
            ], {})  # fmt: skip
