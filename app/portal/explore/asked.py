"""What the address asks of the map: a layer, and what it is narrowed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.core import filters
from app.core.errors import BadQuery
from app.core.i18n import _
from app.core.labels import label, local_name
from app.core.links import agreement_path, assembly_path
from app.core.listing import Listing, State
from models import Theme
from models.territory import LEVEL_ORDER, LevelRole
from territories.layers.asked import EARLIEST
from territories.layers.registry import Filter, Layer, Scope
from territories.layers.rows import listing_of

ROWS = 25


@dataclass(frozen=True)
class Asked:
    """``state`` is that of the table beside the map; ``scope`` the same in the words of the layer."""

    layer: Layer
    state: State
    scope: Scope

    @property
    def filters(self) -> dict[str, str]:
        """What the layer is narrowed to, as addresses write it."""
        return {str(one): self.state.values[one] for one in Filter if one in self.state.values}


def read(
    session: Session, args: Mapping[str, str], *, layers: Sequence[Layer], unit_id: int | None, role: LevelRole, today: date
) -> Asked:
    """One query, for the themes, where the layer can be narrowed by them. Raises BadQuery, with a sentence, for a layer,
    a filter or an order that is not there."""
    choice = filters.Choice(
        "layer", _("Capa"), {one.name: one.title for one in layers}, _as_it_is, default=usual(layers, role).name, tabs=True
    )
    # The layer first: which other filters there are is its to say.
    try:
        name = choice.read(args.get("layer") or choice.default)
    except ValueError as wrong:
        raise BadQuery(_("No hay una capa que se llame «%(value)s».", value=args["layer"][:60])) from wrong
    layer = next(one for one in layers if one.name == name)
    themes = themes_in_use(session) if Filter.THEME in layer.filters else []
    state = State.read(_listing(layer, choice, themes), args)
    on = date.fromisoformat(state.values["on"]) if "on" in state.values else today
    if not EARLIEST <= on <= today:
        raise BadQuery(_("Elija un día que ya haya llegado, desde 1990."))
    theme = next((one.id for one in themes if one.code == state.values.get("theme")), None)
    states = frozenset({state.values["state"]} if "state" in state.values else ())
    return Asked(layer, state, Scope.of(session, today, on, unit_id=unit_id, theme_id=theme, states=states))


def usual(layers: Sequence[Layer], role: LevelRole) -> Layer:
    """The layer shown when none is chosen: one that changes with time, of territories where the whole of them is looked
    at and of blocks below; else the units below one of ``role``."""
    wanted = LevelRole.TERRITORY if role in (LevelRole.ROOT, LevelRole.OFFICE) else LevelRole.BLOCK
    moving = [one for one in layers if Filter.ON in one.filters and wanted in one.levels]
    below = [one for one in layers if any(LEVEL_ORDER.index(each) > LEVEL_ORDER.index(role) for each in one.levels)]
    return next(iter([*moving, *below, *layers]))


def themes_in_use(session: Session) -> list[Theme]:
    """The themes to choose among, by name."""
    return sorted(session.scalars(select(Theme).where(Theme.merged_into_id.is_(None))), key=lambda one: local_name(one).lower())


def _listing(layer: Layer, choice: filters.Choice, themes: Sequence[Theme]) -> Listing:
    known: dict[Filter, filters.Filter] = {
        Filter.ON: filters.Day("on", _("Cómo estaba el día"), _as_it_is),
        Filter.THEME: filters.Choice("theme", _("Tema"), {one.code: local_name(one) for one in themes}, _as_it_is),
        Filter.STATE: filters.Choice("state", _("Estado"), {str(one): label(one) for one in layer.states}, _as_it_is),
    }
    narrowing = [known[one] for one in Filter if one in layer.filters]
    return listing_of(
        layer, filters=[choice, *narrowing], link=page_of, size=ROWS,
        empty=_("Aquí no hay nada de esta capa con lo que eligió.") if narrowing else _("Aquí no hay nada de esta capa."),
    )


def page_of(field: str, value: Any) -> str | None:
    """The page of what a field of a layer names."""
    if field == "folio":
        return assembly_path(value) if value.startswith("AS-") else agreement_path(value)
    return url_for("units.unit", code=value) if field in ("code", "parent", "unit", "territory") else None


def _as_it_is(query: Select, _value: Any = None) -> Select:
    """The layer's own statement was already made for the scope."""
    return query
