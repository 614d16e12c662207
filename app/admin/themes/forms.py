"""A theme's names and place in the taxonomy, and into which one it merges."""

from __future__ import annotations

from wtforms import SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired

from app.admin.fields import code_field, names_of
from app.core.forms import Versioned
from app.core.i18n import _, lazy
from models import Theme


def _chosen(text: str | None) -> int | None:
    return int(text) if text else None


class ThemeForm(Versioned, names_of(80)):
    parent_id = SelectField(lazy("Tema del que forma parte"), coerce=_chosen)

    def offer(self, parents: list[Theme]) -> None:
        self.parent_id.choices = [
            SelectChoice("", _("Ninguno: es un tema principal")), *(SelectChoice(theme.id, theme.name_es) for theme in parents)
        ]


class NewThemeForm(ThemeForm):
    code = code_field(lazy("Clave"))


class MergeForm(Versioned):
    target_id = SelectField(
        lazy("¿A qué tema se une?"), [DataRequired(lazy("Elija el tema que queda."))], coerce=_chosen
    )

    def offer(self, targets: list[Theme]) -> None:
        self.target_id.choices = [
            SelectChoice("", _("Elija un tema")), *(SelectChoice(theme.id, theme.name_es) for theme in targets)
        ]
