"""Which agreements are about security or violence, as the database tells it (DOMAIN.md 7, docs/adr/0009).

Here because pages ask it and the index of what is searched asks it too, which stands left of them.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from models.agreement import Agreement
from models.assembly import Problem
from models.theme import Theme


def discreet() -> ColumnElement[bool]:
    """SQL for ``agendas.agreements.discretion.is_discreet``, over Agreement; never NULL."""
    # Aliased, because the query around may hold the theme and problems of its own.
    own, raised, other = aliased(Theme), aliased(Theme), aliased(Theme)
    reserved, plain = aliased(Problem), aliased(Problem)

    def about(problem, theme, sensitive: bool):
        # By assembly first: that is the column with an index.
        return exists().where(
            problem.assembly_id == Agreement.assembly_id, problem.item_id == Agreement.item_id,
            theme.id == problem.theme_id, theme.sensitive.is_(sensitive),
        )

    return or_(
        exists().where(own.id == Agreement.theme_id, own.sensitive.is_(True)),
        and_(about(reserved, raised, True), ~about(plain, other, False)),
    )
