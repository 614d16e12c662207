"""A stage reached, and a phase of the programme."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import DateField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from app.admin.fields import code_field, names_of
from app.core.forms import Form, Versioned
from app.core.i18n import _, lazy
from app.core.labels import label
from models.process import ProcessStage

REACHED = DataRequired(lazy("Escriba el día: día, mes y año."))


class StepForm(Form):
    stage = SelectField(lazy("Etapa"), [DataRequired(lazy("Elija una etapa."))])
    reached_on = DateField(lazy("¿Qué día se alcanzó?"), [REACHED])

    def offer(self, stages: list[ProcessStage]) -> None:
        self.stage.choices = [SelectChoice("", _("Elija una etapa")), *(SelectChoice(str(stage), label(stage)) for stage in stages)]


class CorrectionForm(Versioned):
    reached_on = DateField(lazy("¿Qué día se alcanzó?"), [REACHED])


class PhaseForm(Versioned, names_of(80)):
    starts_on = DateField(lazy("Primer día"), [DataRequired(lazy("Escriba el primer día."))])
    ends_on = DateField(lazy("Último día"), [Optional()])
    criteria = TextAreaField(
        lazy("¿Con qué criterios se eligieron los territorios?"), [Length(max=4000, message=lazy("Use menos de 4,000 letras."))],
        filters=[lambda text: (text or "").strip()],
    )
    selection = SelectField(lazy("Selección guardada"), [Optional()], coerce=lambda value: int(value) if value else None)
    units = SelectMultipleField(lazy("Territorios elegidos"), coerce=int, validate_choice=False)


    def offer(self, selections: Sequence[tuple[int, str]]) -> None:
        """``selections``: (id, name) of those that were saved."""
        self.selection.choices = [SelectChoice("", _("Ninguna: se eligen aquí")), *(SelectChoice(*one) for one in selections)]


class NewPhaseForm(PhaseForm):
    code = code_field(lazy("Clave"))
