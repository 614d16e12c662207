"""The blocks of somebody's reach: which have met, when they last did, when they meet next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.core.errors import BadQuery
from app.core.formatters import zone
from app.core.i18n import _
from app.core.listing import FILE, PAGE, Choice, Choosing, Column, Flag, Listing, Sort, Text, shown
from app.core.search import fold
from models import Ancestry, Assembly, Level, TerritorialUnit
from models.territory import UNIT_CODE, LevelRole
from territories.units.queries import Coverage, has_met, last_met, meets_next, met_since, of_its_territory, owed_on

Unit = TerritorialUnit
Territory = aliased(TerritorialUnit, name="territory")
TOGETHER = (LevelRole.BLOCK, LevelRole.SECTION, LevelRole.TERRITORY)


LAST, NEXT, OWED = last_met(Unit.id), meets_next(Unit.id), owed_on(Unit.id)
NEVER = literal(datetime(1970, 1, 1, tzinfo=UTC), Assembly.starts_at.type)


def _blocks(reach: frozenset[int]) -> ColumnElement[bool]:
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(reach))
    level = select(Level.id).where(Level.role == LevelRole.BLOCK)
    return and_(Unit.id.in_(below), Unit.level_id.in_(level), Unit.valid_to.is_(None))


@dataclass(frozen=True)
class Standing:
    """How the blocks of a reach stand: ``never`` met, ``long_ago``, and those without an assembly convened."""

    of: int
    never: int
    long_ago: int
    unconvened: int

    @property
    def coverage(self) -> Coverage:
        return Coverage(self.of - self.never, self.of)


def standing(session: Session, reach: frozenset[int], cutoff: datetime) -> Standing:
    """Counts over the blocks of a reach, in one query; ``long_ago`` is before ``cutoff``."""

    def times(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    met = has_met(Unit.id)
    row = session.execute(
        select(func.count(), times(~met), times(and_(met, ~met_since(Unit.id, cutoff))), times(NEXT.is_(None)))
        .select_from(Unit).where(_blocks(reach))
    ).one()
    return Standing(*(int(value) for value in row))


def within(reach: frozenset[int]) -> Select:
    """Rows of the list: the block, its territory, ``last``, ``next``, ``owed``."""
    return (
        select(Unit, Territory.name.label("territory"), LAST.label("last"), NEXT.label("next"), OWED.label("owed"))
        .select_from(Unit).outerjoin(Territory, Territory.id == of_its_territory(Unit.__table__.c.id, Unit.id))
        .where(_blocks(reach))
    )


def listing(cutoff: datetime, days: int, *, wide: bool) -> Listing:
    """The declaration, over :func:`within`; ``wide`` where the reach may hold more than one territory."""
    return Listing(
        name="blocks", title=_("Cuadras"), sort="last", tie=Unit.id, empty=_("Ninguna cuadra con estos filtros."),
        choosing=Choosing(lambda row: row.TerritorialUnit.code, lambda row: row.TerritorialUnit.name),
        columns=(
            Column(
                "name", _("Cuadra"), lambda row: row.TerritorialUnit.name, sort=Sort(Unit.code_key),
                link=lambda row: url_for("units.unit", code=row.TerritorialUnit.code),
            ),
            Column("code", _("Clave"), lambda row: row.TerritorialUnit.code, on=FILE),
            Column("streets", _("Calles"), lambda row: ", ".join(row.TerritorialUnit.streets.split("\n"))),
            Column(
                "territory", _("Territorio"), lambda row: row.territory, sort=Sort(Territory.search_name, nullable=True),
                on=PAGE | FILE if wide else FILE,
            ),
            # Those that never met come first: this is where the list is looked at from.
            Column(
                "last", _("Última asamblea"), lambda row: row.last, sort=Sort(func.coalesce(LAST, NEVER), datetime),
                show=lambda row: shown(row.last.astimezone(zone()).date()) if row.last else _("Nunca"),
            ),
            Column("next", _("Próxima"), lambda row: row.next, sort=Sort(NEXT, datetime, nullable=True)),
            Column("owed", _("Acuerdos pendientes"), lambda row: row.owed, sort=Sort(OWED, int, descending=True)),
        ),
        filters=(
            Choice(
                "met", _("Asambleas"),
                {
                    "never": _("Nunca se ha reunido"), "long_ago": _("Hace más de %(days)s días", days=days),
                    "waiting": _("Nunca, o hace más de %(days)s días", days=days), "recent": _("En los últimos %(days)s días", days=days),
                },
                lambda query, value: query.where(_met(value, cutoff)),
            ),
            Flag("unconvened", _("Sin asamblea convocada"), lambda query: query.where(NEXT.is_(None))),
            Text("q", _("Calle, clave o nombre"), _named),
            Text("unit", _("Lugar"), _below, pattern=UNIT_CODE, hidden=True),
        ),
    )


def _met(value: str, cutoff: datetime) -> ColumnElement[bool]:
    return {
        "never": ~has_met(Unit.id), "long_ago": and_(has_met(Unit.id), ~met_since(Unit.id, cutoff)),
        "waiting": ~met_since(Unit.id, cutoff), "recent": met_since(Unit.id, cutoff),
    }[value]


def _named(query: Select, words: str) -> Select:
    for word in fold(words).split():
        query = query.where(or_(Unit.search_name.contains(word, autoescape=True), Unit.code_key.startswith(word, autoescape=True)))
    return query


def _below(query: Select, code: str) -> Select:
    above = aliased(TerritorialUnit)
    inside = select(Ancestry.unit_id).join(above, above.id == Ancestry.ancestor_id).where(above.code_key == code.lower())
    return query.where(Unit.id.in_(inside))


def together(session: Session, reach: frozenset[int], codes: Sequence[str]) -> tuple[str, list[str]]:
    """The unit that one assembly of these blocks would hang on, and their codes; both of the actor's reach.

    Raises BadQuery, with a sentence, for no block at all or for blocks that share no territory.
    """
    found = session.execute(select(Unit.id, Unit.code).where(_blocks(reach), Unit.code.in_(codes)).order_by(Unit.code_key)).all()
    if not found:
        raise BadQuery(_("Elija al menos una cuadra de su zona."))
    shared = (
        select(Ancestry.ancestor_id).where(Ancestry.unit_id.in_([row.id for row in found]))
        .group_by(Ancestry.ancestor_id).having(func.count() == len(found)).subquery()
    )
    rows = session.execute(
        select(Unit.code, Level.role).join(Level, Level.id == Unit.level_id).join(shared, shared.c.ancestor_id == Unit.id)
    ).all()
    by_role = {role: code for code, role in rows}
    for role in TOGETHER:
        if role in by_role:
            return by_role[role], [row.code for row in found]
    raise BadQuery(_("Una asamblea reúne cuadras de un mismo territorio. Elija cuadras de uno solo."))
