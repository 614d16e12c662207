"""The list of assemblies of somebody who convenes."""

from __future__ import annotations

from datetime import date, datetime, time

from flask import url_for
from sqlalchemy import Select, select

from app.core.formatters import zone
from app.core.i18n import _
from app.core.labels import label
from app.core.listing import FILE, Choice, Column, Day, Listing, Sort, Text, ranked
from assemblies.meetings.convene.queries import Shelf, on_shelf
from models.assembly import Assembly, AssemblyKind, AssemblyState
from models.territory import UNIT_CODE, Ancestry, TerritorialUnit


def assemblies(*, show: str, day: tuple[datetime, datetime]) -> Listing:
    """The declaration, over :func:`queries.assemblies_within`. ``show`` is what the address says of the shelf."""
    shelves = {
        Shelf.PREPARE: (_("Por venir"), _("No hay asambleas por preparar. Convoque la siguiente.")),
        Shelf.TODAY: (_("Hoy"), _("Hoy no hay asambleas en su territorio.")),
        Shelf.CLOSE: (_("Por cerrar"), _("Ninguna espera su acta. Todo está al día.")),
        Shelf.PAST: (_("Pasadas"), _("Todavía no hay asambleas cerradas.")),
    }
    names = {str(shelf): name for shelf, (name, _empty) in shelves.items()}
    return Listing(
        name="assemblies", title=_("Asambleas"), tie=Assembly.id,
        sort="-when" if show in (Shelf.PAST, Shelf.CLOSE) else "when",
        empty=dict(shelves).get(show, shelves[Shelf.PREPARE])[1],
        columns=(
            Column(
                "title", _("Asamblea"), lambda row: row.Assembly.title,
                link=lambda row: url_for("convene.assembly", folio=row.Assembly.folio),
            ),
            Column("folio", _("Folio"), lambda row: row.Assembly.folio, sort=Sort(Assembly.id, int)),
            Column("when", _("Cuándo"), lambda row: row.Assembly.starts_at, sort=Sort(Assembly.starts_at, datetime)),
            Column("state", _("Estado"), lambda row: row.Assembly.state, sort=ranked(Assembly.state, tuple(AssemblyState))),
            Column("unit", _("Unidad"), lambda row: row.Assembly.unit.name, sort=Sort(TerritorialUnit.search_name)),
            Column("unit_code", _("Clave de la unidad"), lambda row: row.Assembly.unit.code, on=FILE),
            Column("place", _("Lugar"), lambda row: row.Assembly.place),
            Column("kind", _("Tipo"), lambda row: row.Assembly.kind, on=FILE),
        ),
        filters=(
            Choice(
                "show", _("Qué asambleas"), names, lambda query, value: on_shelf(query, Shelf(value), day),
                default=str(Shelf.PREPARE), tabs=True,
            ),
            Choice(
                "kind", _("Tipo"), {str(kind): label(kind) for kind in AssemblyKind},
                lambda query, value: query.where(Assembly.kind == AssemblyKind(value)),
            ),
            Day("from", _("Desde el día"), lambda query, value: query.where(Assembly.starts_at >= _dawn(value))),
            Day("to", _("Antes del día"), lambda query, value: query.where(Assembly.starts_at < _dawn(value))),
            Text("unit", _("Unidad"), _below, pattern=UNIT_CODE, hidden=True),
        ),
    )


def _dawn(day: date) -> datetime:
    return datetime.combine(day, time(), zone())


def _below(query: Select, code: str) -> Select:
    inside = (
        select(Ancestry.unit_id).join(TerritorialUnit, TerritorialUnit.id == Ancestry.ancestor_id)
        .where(TerritorialUnit.code_key == code.lower())
    )
    return query.where(Assembly.unit_id.in_(inside))
