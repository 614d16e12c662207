"""Days between two dates, spelled for either database."""

from __future__ import annotations

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class days_between(FunctionElement):  # noqa: N801 — reads as the SQL function it stands for
    """``days_between(later, earlier)``: whole days, negative when ``later`` comes first."""

    type = Integer()
    inherit_cache = True
    name = "days_between"


@compiles(days_between, "postgresql")
def _postgresql(element, compiler, **options) -> str:
    later, earlier = element.clauses
    return f"(CAST({compiler.process(later, **options)} AS DATE) - CAST({compiler.process(earlier, **options)} AS DATE))"


@compiles(days_between, "sqlite")
def _sqlite(element, compiler, **options) -> str:
    later, earlier = element.clauses
    days = f"julianday({compiler.process(later, **options)}) - julianday({compiler.process(earlier, **options)})"
    return f"CAST({days} AS INTEGER)"
