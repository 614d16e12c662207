"""The list of agreements that staff work from: a body's inbox and the agreements of a territory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from textwrap import shorten

from markupsafe import Markup
from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from agendas.agreements import share
from app.core.i18n import _
from app.core.labels import label, local_name
from app.core.listing import FILE, PAGE, Choice, Choosing, Column, Day, Flag, Listing, Sort, Text, ranked
from models import Agreement, Ancestry, Body, TerritorialUnit, Theme
from models.agreement import UNSETTLED, WORKABLE, AgreementState
from models.territory import UNIT_CODE
from territories.units.queries import of_its_territory

SHOWN = 160
SOON = timedelta(days=14)
STATES = tuple(AgreementState)


TERRITORY = of_its_territory(Agreement.__table__.c.unit_id, TerritorialUnit.name)
TERRITORY_KEY = of_its_territory(Agreement.__table__.c.unit_id, TerritorialUnit.search_name)


def listed() -> Select:
    """Agreements with their unit and owner joined, every name loaded; beside each, its ``territory``'s name."""
    return (
        select(Agreement, TERRITORY.label("territory"))
        .join(TerritorialUnit, TerritorialUnit.id == Agreement.unit_id).join(Body, Body.id == Agreement.owner_id)
        .options(
            contains_eager(Agreement.unit), contains_eager(Agreement.owner), joinedload(Agreement.theme, innerjoin=True),
            joinedload(Agreement.counterpart),
        )
    )


def is_disputed() -> ColumnElement[bool]:
    """Neighbours said that the last report of done is not true, and nothing has settled it since."""
    return and_(Agreement.disputed, Agreement.state.in_(UNSETTLED))


def is_due_soon(today: date) -> ColumnElement[bool]:
    """Still to be done, not late, and due within 14 days."""
    return and_(Agreement.state.in_(WORKABLE), Agreement.due >= today, Agreement.due <= today + SOON)


def has_review_overdue(today: date) -> ColumnElement[bool]:
    """On hold past the day on which it was to be looked at again."""
    return and_(Agreement.state == AgreementState.ON_HOLD, Agreement.review_on < today)


def themes(session: Session) -> Sequence[Theme]:
    """The themes in use: one merged into another is reached by the other."""
    return session.scalars(select(Theme).where(Theme.merged_into_id.is_(None)).order_by(Theme.name_es)).all()


def agreements(
    *, name: str, title: str, today: date, link: Callable[[Agreement], str], taxonomy: Sequence[Theme],
    bodies: Sequence[Body] = (), one_owner: bool = False, choosing: Choosing | None = None,
) -> Listing:
    """The declaration over :func:`listed`; ``bodies`` to choose among; ``one_owner`` where all rows have the same."""
    return Listing(
        name=name, title=title, sort="-late", tie=Agreement.id, choosing=choosing,
        empty=_("Ningún acuerdo con estos filtros."), columns=_columns(today, link, one_owner),
        filters=(
            Choice("state", _("Estado"), _states(), _in_state, default="owed"),
            Flag("late", _("Solo atrasados"), lambda query: query.where(share.is_late(today))),
            Flag("soon", _("Vencen en 14 días"), lambda query: query.where(is_due_soon(today))),
            Flag("disputed", _("Con objeción"), lambda query: query.where(is_disputed())),
            Flag("review", _("En pausa con revisión vencida"), lambda query: query.where(has_review_overdue(today))),
            Choice("theme", _("Tema"), {one.code: local_name(one) for one in taxonomy}, _of_theme),
            *([Choice("owner", _("Debe"), {body.code: body.name for body in bodies}, _owed_by)] if bodies else []),
            Day("from", _("Con fecha desde"), lambda query, day: query.where(Agreement.due >= day)),
            Day("to", _("Con fecha hasta"), lambda query, day: query.where(Agreement.due <= day)),
            Text("unit", _("Lugar"), _below, pattern=UNIT_CODE, hidden=True),
        ),
    )


def _columns(today: date, link: Callable[[Agreement], str], one_owner: bool) -> tuple[Column, ...]:
    late = share.days_late(today)
    return (
        Column(
            "text", _("Acuerdo"), lambda row: row.Agreement.text, show=lambda row: shorten(row.Agreement.text, SHOWN, placeholder="…"),
            link=lambda row: link(row.Agreement),
        ),
        Column("folio", _("Folio"), lambda row: row.Agreement.folio, sort=Sort(Agreement.id, int), show=_folio),
        Column(
            "state", _("Estado"), lambda row: row.Agreement.state, sort=ranked(Agreement.state, STATES)
        ),
        Column(
            "late", _("Días de retraso"), lambda row: row.Agreement.days_late(today),
            sort=Sort(late, int, descending=True, then=Sort(Agreement.due, date)), on=FILE,
        ),
        Column("due", _("Para el"), lambda row: row.Agreement.due, sort=Sort(Agreement.due, date)),
        Column("first_due", _("Primera fecha"), lambda row: row.Agreement.first_due, on=FILE),
        Column(
            "owner", _("Debe"), lambda row: row.Agreement.owner.name, sort=Sort(Body.name), on=FILE if one_owner else PAGE | FILE
        ),
        Column(
            "unit", _("Lugar"), lambda row: row.Agreement.unit.name, show=_place,
            sort=Sort(TERRITORY_KEY, nullable=True, then=Sort(TerritorialUnit.code_key)),
        ),
        Column("territory", _("Territorio"), lambda row: row.territory, on=FILE),
        Column("unit_code", _("Clave del lugar"), lambda row: row.Agreement.unit.code, on=FILE),
        Column("theme", _("Tema"), lambda row: local_name(row.Agreement.theme), on=FILE),
        Column("disputed", _("Con objeción"), lambda row: _stands_disputed(row.Agreement), on=FILE),
        Column("reported_on", _("Reportado el"), lambda row: row.Agreement.reported_on, on=FILE),
    )


def _folio(row: Row) -> Markup:
    return Markup('<span class="part">{}</span>').format(row.Agreement.folio)


def _place(row: Row) -> str:
    """The unit and, below a territory, the territory too: half the sections of a borough are the second of theirs."""
    name = row.Agreement.unit.name
    return name if row.territory in (None, name) else f"{name}, {row.territory}"


def _stands_disputed(agreement: Agreement) -> bool:
    return agreement.disputed and agreement.state in UNSETTLED


def _states() -> dict[str, str]:
    """What the list may show: everything owed, one state, or all."""
    return {"owed": _("Todo lo pendiente"), **{str(state): label(state) for state in STATES}, "all": _("Todos")}


def _in_state(query: Select, value: str) -> Select:
    if value == "all":
        return query
    return query.where(Agreement.state.in_(UNSETTLED) if value == "owed" else Agreement.state == AgreementState(value))


def _of_theme(query: Select, code: str) -> Select:
    return query.where(Agreement.theme_id == select(Theme.id).where(Theme.code == code).scalar_subquery())


def _owed_by(query: Select, code: str) -> Select:
    return query.where(Body.code == code)


def _below(query: Select, code: str) -> Select:
    inside = (
        select(Ancestry.unit_id).join(TerritorialUnit, TerritorialUnit.id == Ancestry.ancestor_id)
        .where(TerritorialUnit.code_key == code.lower())
    )
    return query.where(Agreement.unit_id.in_(inside))
