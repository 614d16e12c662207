"""Territories side by side, and the promoters who walk them: the same figures as the public pages, sortable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, exists, extract, func, or_, select
from sqlalchemy.orm import Session, aliased

from agendas.agreements.share import Share, figures_below
from app.core.i18n import _
from app.core.labels import label
from app.core.listing import FILE, PAGE, Choice, Column, Flag, Listing, Sort, Text
from app.core.search import fold
from models import Ancestry, Assembly, AssemblyBlock, Level, Liaison, Role, Term, TerritorialUnit, User
from models.assembly import MET
from models.process import STAGE_ORDER, ProcessStage
from models.territory import LevelRole, UnitKind
from territories.processes.queries import standings
from territories.units.queries import Coverage, blocks_met

Unit = TerritorialUnit
MONTHS = 12
SIDE_BY_SIDE = 200


@dataclass(frozen=True)
class Row:
    """A territory with its figures. ``trend``: assemblies held in each of the last 12 months, the oldest first."""

    unit: Unit
    office: str | None
    lead: str | None
    stage: ProcessStage | None
    coverage: Coverage
    share: Share
    owed: int
    late: int
    liaisons: int
    trend: tuple[int, ...]


def _in_force(term: type[Term] | type[Liaison], today: date) -> ColumnElement[bool]:
    return and_(term.starts_on <= today, or_(term.ends_on.is_(None), term.ends_on >= today))


def _territories(reach: frozenset[int]) -> Select:
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(reach))
    level = select(Level.id).where(Level.role == LevelRole.TERRITORY)
    return select(Unit.id).where(Unit.id.in_(below), Unit.level_id.in_(level), Unit.valid_to.is_(None))


def _led(today: date) -> ColumnElement[bool]:
    return exists().where(Term.unit_id == Unit.id, Term.role == Role.LEAD, _in_force(Term, today))


def without_lead(session: Session, reach: frozenset[int], today: date) -> tuple[int, int]:
    """How many territories of a reach have no lead in force, of how many; one query."""
    row = session.execute(
        select(func.count(), func.count().filter(_led(today))).select_from(Unit).where(Unit.id.in_(_territories(reach)))
    ).one()
    return row[0] - row[1], row[0]


def offices_of(session: Session, reach: frozenset[int]) -> Sequence[Unit]:
    """The directorates within a reach, by name."""
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(reach))
    level = select(Level.id).where(Level.role == LevelRole.OFFICE)
    return session.scalars(
        select(Unit).where(Unit.id.in_(below), Unit.level_id.in_(level), Unit.valid_to.is_(None)).order_by(Unit.search_name)
    ).all()


class Side:
    """The list over the territories of ``reach`` on ``today``: its query, its declaration, its rows.

    ``offices``: the directorates to choose among, where there are several.
    """

    def __init__(self, reach: frozenset[int], today: date, *, offices: Sequence[Unit] = ()):
        self.today = today
        self.offices = offices
        self.units = _territories(reach)
        self.met = blocks_met(self.units)
        self.owed = figures_below(self.units, today)
        self.standing = standings()
        self.liaisons = (
            select(Ancestry.ancestor_id.label("unit_id"), func.count(Liaison.id).label("count"))
            .join(Liaison, Liaison.unit_id == Ancestry.unit_id)
            .where(Ancestry.ancestor_id.in_(self.units), _in_force(Liaison, today))
            .group_by(Ancestry.ancestor_id).subquery()
        )
        self.lead = (
            select(User.name).join(Term, Term.user_id == User.id)
            .where(Term.unit_id == Unit.id, Term.role == Role.LEAD, _in_force(Term, today))
            .order_by(Term.starts_on.desc()).limit(1).correlate(Unit).scalar_subquery()
        )

    def query(self) -> Select:
        parent = aliased(TerritorialUnit)
        zero = func.coalesce
        return (
            select(
                Unit, parent.name.label("office"), self.lead.label("lead"), self.standing.c.stage.label("stage"),
                zero(self.met.c.met, 0).label("met"), zero(self.met.c.blocks, 0).label("blocks"),
                zero(self.owed.c.kept, 0).label("kept"), zero(self.owed.c["of"], 0).label("kept_of"),
                zero(self.owed.c.owed, 0).label("owed"), zero(self.owed.c.late, 0).label("late"),
                zero(self.liaisons.c.count, 0).label("liaisons"),
            )
            .select_from(Unit).outerjoin(parent, parent.id == Unit.parent_id)
            .outerjoin(self.met, self.met.c.unit_id == Unit.id).outerjoin(self.owed, self.owed.c.unit_id == Unit.id)
            .outerjoin(self.liaisons, self.liaisons.c.unit_id == Unit.id)
            .outerjoin(self.standing, self.standing.c.unit_id == Unit.id)
            .where(Unit.id.in_(self.units))
        )

    def listing(self) -> Listing:
        return Listing(
            name="territories", title=_("Territorios"), sort="coverage", tie=Unit.id, size=SIDE_BY_SIDE, enrich=self.rows,
            empty=_("Ningún territorio con estos filtros."), columns=self._columns(), filters=self._filters(),
        )

    def _columns(self) -> tuple[Column, ...]:
        covered = 10_000 * func.coalesce(self.met.c.met, 0) // func.nullif(self.met.c.blocks, 0)
        kept = 10_000 * func.coalesce(self.owed.c.kept, 0) // func.nullif(self.owed.c["of"], 0)

        def counted(column: ColumnElement) -> Sort:
            return Sort(func.coalesce(column, 0), int, descending=True)

        return (
            Column(
                "name", _("Territorio"), lambda row: row.unit.name, sort=Sort(Unit.search_name),
                link=lambda row: url_for("units.unit", code=row.unit.code),
            ),
            Column("code", _("Clave"), lambda row: row.unit.code, on=FILE),
            Column("office", _("Dirección territorial"), lambda row: row.office, on=FILE),
            Column("kind", _("Tipo"), lambda row: row.unit.kind, on=FILE),
            Column("lead", _("Responsable"), lambda row: row.lead, on=FILE),
            Column("stage", _("Etapa"), lambda row: row.stage, sort=Sort(self.standing.c.rank, int, nullable=True)),
            Column("coverage", _("Cuadras que se han reunido"), lambda row: row.coverage.met, sort=Sort(covered, int, nullable=True)),
            Column("blocks", _("Cuadras"), lambda row: row.coverage.of, on=FILE),
            Column("kept", _("Acuerdos cumplidos a tiempo"), lambda row: row.share.kept, sort=Sort(kept, int, nullable=True)),
            Column("kept_of", _("Cumplidos o vencidos"), lambda row: row.share.of, on=FILE),
            Column("owed", _("Pendientes"), lambda row: row.owed, on=FILE),
            Column("late", _("Con retraso"), lambda row: row.late, sort=counted(self.owed.c.late)),
            Column("liaisons", _("Enlaces"), lambda row: row.liaisons, sort=counted(self.liaisons.c.count)),
            Column("trend", _("Asambleas en 12 meses"), lambda row: sum(row.trend)),
        )

    def _filters(self) -> tuple:
        stages = {"none": _("Sin empezar"), **{str(stage): label(stage) for stage in STAGE_ORDER}}
        offices = {office.code: office.name for office in self.offices}
        return (
            Text("q", _("Nombre"), _named),
            *([Choice("office", _("Dirección territorial"), offices, _of_office)] if len(offices) > 1 else []),
            Choice(
                "kind", _("Tipo"), {str(kind): label(kind) for kind in UnitKind},
                lambda query, value: query.where(Unit.kind == UnitKind(value)),
            ),
            Choice("stage", _("Etapa"), stages, self._at_stage),
            Flag("unled", _("Sin responsable"), lambda query: query.where(~_led(self.today))),
            Flag("overdue", _("Con acuerdos atrasados"), lambda query: query.where(self.owed.c.late > 0)),
        )

    def _at_stage(self, query: Select, value: str) -> Select:
        stage = self.standing.c.stage
        return query.where(stage.is_(None) if value == "none" else stage == ProcessStage(value))

    def rows(self, session: Session, found: Sequence) -> list[Row]:
        trends = trends_of(session, [one.TerritorialUnit.id for one in found], self.today)
        return [
            Row(
                one.TerritorialUnit, one.office, one.lead, one.stage, Coverage(one.met, one.blocks),
                Share(one.kept, one.kept_of), one.owed, one.late, one.liaisons, trends[one.TerritorialUnit.id],
            )
            for one in found
        ]


def _of_office(query: Select, code: str) -> Select:
    office = aliased(TerritorialUnit)
    return query.where(
        Unit.id.in_(select(Ancestry.unit_id).join(office, office.id == Ancestry.ancestor_id).where(office.code == code))
    )


def _named(query: Select, words: str) -> Select:
    for word in fold(words).split():
        query = query.where(Unit.search_name.contains(word, autoescape=True))
    return query


def trends_of(session: Session, unit_ids: Sequence[int], today: date) -> dict[int, tuple[int, ...]]:
    """Assemblies held on each unit or below it in the last 12 months, month by month (UTC); one query."""
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(MONTHS - 1, -1, -1)]
    year, month = months[0]
    rows = session.execute(
        select(
            Ancestry.ancestor_id, extract("year", Assembly.starts_at), extract("month", Assembly.starts_at), func.count(Assembly.id)
        )
        .join(Assembly, Assembly.unit_id == Ancestry.unit_id)
        .where(Ancestry.ancestor_id.in_(unit_ids), Assembly.state.in_(MET))
        .where(Assembly.starts_at >= datetime(year, month + 1, 1, tzinfo=UTC))
        .group_by(Ancestry.ancestor_id, extract("year", Assembly.starts_at), extract("month", Assembly.starts_at))
    )
    held = {(unit_id, int(y), int(m) - 1): count for unit_id, y, m, count in rows}
    return {unit_id: tuple(held.get((unit_id, y, m), 0) for y, m in months) for unit_id in unit_ids}


def promoters(reach: frozenset[int], today: date) -> tuple[Select, Listing]:
    """Promoters in force within a reach, each with the coverage of the place they hold: query and declaration."""
    inside = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(reach))
    terms = and_(Term.role == Role.PROMOTER, Term.unit_id.in_(inside), _in_force(Term, today))
    met = blocks_met(select(Term.unit_id).where(terms))
    last = (
        select(func.max(Assembly.starts_at)).join(AssemblyBlock, AssemblyBlock.assembly_id == Assembly.id)
        .join(Ancestry, Ancestry.unit_id == AssemblyBlock.unit_id)
        .where(Ancestry.ancestor_id == Term.unit_id, Assembly.state.in_(MET)).correlate(Term).scalar_subquery()
    )
    query = (
        select(
            Term.id, User.name, Unit.name.label("unit"), Unit.code, func.coalesce(met.c.met, 0).label("met"),
            func.coalesce(met.c.blocks, 0).label("blocks"), last.label("last"),
        )
        .select_from(Term).join(User, User.id == Term.user_id).join(Unit, Unit.id == Term.unit_id)
        .outerjoin(met, met.c.unit_id == Term.unit_id).where(terms)
    )
    covered = 10_000 * func.coalesce(met.c.met, 0) // func.nullif(met.c.blocks, 0)
    listing = Listing(
        name="promoters", title=_("Cobertura por promotor"), sort="coverage", tie=Term.id,
        empty=_("Ningún promotor con estos filtros."),
        columns=(
            Column("name", _("Promotor"), lambda row: row.name, sort=Sort(func.lower(User.name))),
            Column(
                "unit", _("Lugar"), lambda row: row.unit, sort=Sort(Unit.search_name),
                link=lambda row: url_for("units.unit", code=row.code),
            ),
            Column("coverage", _("Cuadras que se han reunido"), lambda row: row.met, sort=Sort(covered, int, nullable=True)),
            Column("blocks", _("Cuadras"), lambda row: row.blocks, on=FILE),
            Column("last", _("Última asamblea"), lambda row: row.last, sort=Sort(last, datetime, nullable=True)),
            Column(
                "next", _("Dónde convocar"), lambda row: _("Sus recorridos"), on=PAGE,
                link=lambda row: url_for("walks.index", unit=row.code),
            ),
        ),
        filters=(Text("q", _("Lugar"), _named),),
    )
    return query, listing
