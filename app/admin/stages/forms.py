"""A stage reached, and a phase of the programme."""

from __future__ import annotations

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
    units = SelectMultipleField(lazy("Territorios elegidos"), coerce=int, validate_choice=False)


class NewPhaseForm(PhaseForm):
    code = code_field(lazy("Clave"))
