"""Bring a table in as a command or a job does: one transaction that plans and writes."""

from __future__ import annotations

from collections.abc import Mapping

from app.core import tabular
from app.core.tabular import Kind, Options, Plan, Row
from models.ledger import SYSTEM


def csv_table(text: str, name: str = "lista.csv") -> tabular.Table:
    """The table of ``text``, its lines stripped of the test's own indentation."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return tabular.read_table("\n".join(lines).encode(), name)


def planned(
    session, kind: Kind, text: str | tabular.Table, *, source: str = "lista", companion: Mapping | None = None, **constants: str
) -> Plan:
    table = csv_table(text) if isinstance(text, str) else text
    options = Options(source, tabular.guess(kind, table.columns), constants, companion or {})
    return tabular.plan(session, kind, table, options)


def brought(world, kind: Kind, text: str | tabular.Table, *, skip_rejected: bool = False, **said) -> dict:
    with world.writing() as session:
        return tabular.write(session, planned(session, kind, text, **said), capacity=SYSTEM, skip_rejected=skip_rejected)


def outcomes(plan: Plan) -> list[str]:
    return [str(row.outcome) for row in plan.rows]


def codes(row: Row) -> list[str]:
    return [problem.code for problem in row.problems]
