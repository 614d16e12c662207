"""A body: its name, its government, its kind and, for community bodies, its territory."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from app.admin.fields import code_field
from app.core.forms import Versioned
from app.core.i18n import _, lazy
from app.core.labels import label
from models.body import BodyKind, GovernmentLevel


def _trimmed(text: str | None) -> str:
    return (text or "").strip()


class BodyForm(Versioned):
    name = StringField(
        lazy("Nombre"), [DataRequired(lazy("Escriba el nombre.")), Length(max=160, message=lazy("Use un nombre más corto."))],
        filters=[_trimmed],
    )


class NewBodyForm(BodyForm):
    code = code_field(lazy("Clave"))
    kind = SelectField(lazy("Tipo"), [DataRequired(lazy("Elija un tipo."))])
    level = SelectField(lazy("De qué gobierno es"), [DataRequired(lazy("Elija de qué gobierno es."))])
    unit = StringField(lazy("Territorio"), [Length(max=160)], filters=[_trimmed])

    def offer(self) -> None:
        self.kind.choices = [SelectChoice("", _("Elija un tipo")), *(SelectChoice(str(kind), label(kind)) for kind in BodyKind)]
        self.level.choices = [
            SelectChoice("", _("Elija")), *(SelectChoice(str(level), label(level)) for level in GovernmentLevel)
        ]
