"""The declaration of the walks as a list, and what its filters mean for the blocks that are grouped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import url_for
from sqlalchemy import Integer, Select, column, select, values
from sqlalchemy.orm import Session

from app.core.filters import Choice, Flag, Text
from app.core.i18n import _
from app.core.listing import FILE, Column, Listing, Sort
from models.territory import UNIT_CODE, LevelRole
from territories.walks import queries
from territories.walks.words import reasons
from territories.walks.worth import Walk

A_PAGE = 6
WAITING = "waiting"
_FIGURES = tuple(column(name, Integer) for name in ("number", "points", "blocks", "metres", "place"))


def listing(days: int, places: Mapping[LevelRole, Mapping[str, str]], promoters: Mapping[str, str]) -> Listing:
    """The filters that the reach gives room for; the rows come with :func:`over`."""
    offices, territories = places[LevelRole.OFFICE], places[LevelRole.TERRITORY]
    return Listing(
        name="walks", title=_("Dónde convocar"), sort="-points", tie=_FIGURES[0], size=A_PAGE,
        empty=_("Ninguna cuadra espera con estos filtros."),
        columns=(
            Column("number", _("Recorrido"), lambda walk: walk.number, sort=Sort(_FIGURES[0], int)),
            Column("territory", _("Territorio"), lambda walk: walk.territory, sort=Sort(_FIGURES[4], int)),
            Column("blocks", _("Cuadras"), lambda walk: len(walk.blocks), sort=Sort(_FIGURES[2], int, descending=True)),
            Column("metres", _("Metros a pie"), lambda walk: walk.metres, sort=Sort(_FIGURES[3], int)),
            Column("never", _("Nunca se han reunido"), lambda walk: len(walk.never), on=FILE),
            Column("long_ago", _("Se reunieron hace mucho"), lambda walk: len(walk.long_ago), on=FILE),
            Column("owed", _("Acuerdos pendientes"), lambda walk: walk.owed, on=FILE),
            Column("problems", _("Problemas señalados"), lambda walk: walk.problems, on=FILE),
            Column("points", _("Puntos"), lambda walk: walk.points, sort=Sort(_FIGURES[1], int, descending=True)),
            Column("codes", _("Claves, en el orden en que se caminan"), lambda walk: ", ".join(walk.codes), on=FILE),
            Column("streets", _("Calles"), lambda walk: ", ".join(walk.streets), on=FILE),
            Column("why", _("Por qué"), lambda walk: "; ".join(f"{one.code}: {', '.join(reasons(one))}" for one in walk.blocks), on=FILE),
            Column("link", _("Convocar"), lambda walk: url_for("work.convene_blocks", chosen=walk.to_convene, _external=True), on=FILE),
        ),
        # They choose among blocks before these are grouped (see narrowed), not among walks.
        filters=(
            Choice(
                "met", _("Cuadras"),
                {
                    WAITING: _("Nunca, o hace más de %(days)s días", days=days), "never": _("Nunca se ha reunido"),
                    "long_ago": _("Hace más de %(days)s días", days=days),
                },
                _as_it_is, default=WAITING,
            ),
            *([Choice("office", _("Dirección territorial"), offices, _as_it_is)] if len(offices) > 1 else []),
            *([Choice("territory", _("Territorio"), territories, _as_it_is)] if len(territories) > 1 else []),
            *([Choice("promoter", _("Promotor"), promoters, _as_it_is)] if promoters else []),
            Flag("convened", _("También las ya convocadas"), lambda query: query),
            Text("unit", _("Lugar"), _as_it_is, pattern=UNIT_CODE, hidden=True),
        ),
    )


def _as_it_is(query: Select, _value: Any) -> Select:
    return query


def narrowed(blocks: Select, said: Mapping[str, str], cutoff: datetime, today: date) -> Select:
    """The blocks that the filters in force leave."""
    blocks = blocks.where(queries.waiting(said.get("met", WAITING), cutoff))
    for key in ("office", "territory", "unit"):
        if key in said:
            blocks = blocks.where(queries.within(said[key]))
    return blocks.where(queries.walked_by(int(said["promoter"]), today)) if "promoter" in said else blocks


def over(walks: Sequence[Walk]) -> tuple[Select, Any]:
    """``walks`` as a query that a list can order and page, and what gives each row its walk again.

    Only whole numbers are written into the statement: bound, two thousand rows would be ten thousand parameters.
    """
    names = {name: place for place, name in enumerate(sorted({walk.territory or "" for walk in walks}))}
    known = {walk.number: walk for walk in walks}
    figures = [(walk.number, walk.points, len(walk.blocks), walk.metres, names[walk.territory or ""]) for walk in walks]
    table = values(*_FIGURES, name="walks", literal_binds=True).data(figures or [(0, 0, 0, 0, 0)]).cte("walks")
    rows = select(*_FIGURES).select_from(table).where(_FIGURES[0] > 0)

    def enrich(_session: Session, found: Sequence) -> list[Walk]:
        return [known[row.number] for row in found]

    return rows, enrich
