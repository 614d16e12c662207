"""What a plan asks before it can be written, kept with its run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.tabular import Row
from territories.indicators.intake.kind import IndicatorValues, Question

# Of these rows a page asks one by one: the sentence of the first says nothing of the others.
ASKED = "name_asked"


def facts_of(kind: Any, rows: Sequence[Row]) -> dict[str, Any]:
    """The questions of a plan, to be kept with its run: names of places, never of people."""
    if not isinstance(kind, IndicatorValues):
        return {}
    return {"questions": [_kept(one) for one in kind.questions(rows)]}


def _kept(question: Question) -> dict[str, Any]:
    return {
        "name": question.name, "context": question.context,
        "candidates": [[one.place.code, one.place.name, round(one.score, 2)] for one in question.candidates],
    }
