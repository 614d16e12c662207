"""What an indicator says of itself, as a person fills it in."""

from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.admin.fields import code_field, names_of
from app.core.forms import Versioned, choices_of
from app.core.i18n import _, lazy
from app.core.labels import label
from models import Indicator
from models.indicator import Aggregation, Direction, Frequency
from models.territory import LevelRole
from territories.indicators.services import Definition

# As a boolean reads as text.
NO, YES = "False", "True"


def _trimmed(text: str | None) -> str:
    return (text or "").strip()


def _definition(words) -> TextAreaField:
    return TextAreaField(words, [Length(max=2000, message=lazy("Use menos de 2,000 letras."))], filters=[_trimmed])


def _measure(words) -> StringField:
    return StringField(words, [Length(max=60, message=lazy("Use menos de 60 letras."))], filters=[_trimmed])


def _chosen(text: str | None) -> int | None:
    return int(text) if text else None


class IndicatorForm(Versioned, names_of(120)):
    definition_es = _definition(lazy("Qué mide, en una o dos frases"))
    definition_fr = _definition(lazy("Lo mismo en francés"))
    definition_en = _definition(lazy("Lo mismo en inglés"))
    measure_es = _measure(lazy("En qué se mide"))
    measure_fr = _measure(lazy("En qué se mide, en francés"))
    measure_en = _measure(lazy("En qué se mide, en inglés"))
    source = StringField(
        lazy("De dónde viene"), [DataRequired(lazy("Diga de dónde viene: sin fuente no se puede comprobar.")), Length(max=200)],
        filters=[_trimmed],
    )
    role = SelectField(lazy("De qué unidades tiene valores"), [InputRequired(lazy("Elija el nivel."))], coerce=str)
    frequency = SelectField(lazy("Qué abarca cada valor"), [InputRequired(lazy("Elija un periodo."))], coerce=str)
    direction = SelectField(lazy("¿Más es mejor?"), coerce=str)
    aggregation = SelectField(lazy("El valor de una unidad mayor"), coerce=str)
    weights_id = SelectField(lazy("Con qué población se promedia"), coerce=_chosen)
    decimals = IntegerField(lazy("Decimales"), [InputRequired(lazy("Escriba un número.")), NumberRange(0, 6, lazy("De 0 a 6."))], default=0)
    sensitive = SelectField(lazy("¿Trata de seguridad o violencia?"), coerce=str)

    def offer(self, levels: list[tuple[str, str]], weights: list[Indicator]) -> None:
        """What there is to choose from: levels as (role, name), and indicators that may weigh a mean."""
        self.role.choices = choices_of([("", _("Elija el nivel")), *levels])
        self.frequency.choices = choices_of((str(one), label(one)) for one in Frequency)
        self.direction.choices = choices_of((str(one), label(one)) for one in (Direction.NEITHER, Direction.HIGHER, Direction.LOWER))
        self.aggregation.choices = choices_of((str(one), label(one)) for one in Aggregation)
        self.weights_id.choices = [
            SelectChoice("", _("La población con que está registrada cada unidad")), *(SelectChoice(one.id, one.name_es) for one in weights)
        ]
        self.sensitive.choices = choices_of([
            (NO, _("No")), (YES, _("Sí: se da por territorio o más arriba, y lo que sea menos de cinco no se muestra")),
        ])  # fmt: skip

    @property
    def definition(self) -> Definition:
        return Definition(
            self.names, (self.definition_es.data, self.definition_fr.data, self.definition_en.data),
            (self.measure_es.data, self.measure_fr.data, self.measure_en.data), self.source.data, LevelRole(self.role.data),
            Frequency(self.frequency.data), Direction(self.direction.data), Aggregation(self.aggregation.data), self.decimals.data,
            self.sensitive.data == YES, self.weights_id.data if self.aggregation.data == Aggregation.POPULATION_MEAN else None,
        )


class NewIndicatorForm(IndicatorForm):
    code = code_field(lazy("Clave"))
