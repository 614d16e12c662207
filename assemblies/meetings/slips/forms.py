"""How many slips."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.core.i18n import lazy
from assemblies.meetings.hold.forms import Act


class IssueForm(Act):
    name = "issue"
    count = IntegerField(
        lazy("¿Cuántas papeletas?"),
        validators=[InputRequired(lazy("Escriba cuántas.")), NumberRange(1, 5000, lazy("Escriba un número entero, desde 1."))],
    )
