"""What people tap and type while an assembly is held."""

from __future__ import annotations

from datetime import datetime, timedelta

from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.core import clock, stash
from app.core.forms import Form, choices_of
from app.core.i18n import lazy
from app.core.labels import label
from models.assembly import AgeBand, Gender, ItemType, Method, Outcome
from models.ledger import rfc3339

OLDEST = timedelta(days=7)
AHEAD = timedelta(minutes=5)


def happened_at(text: str | None) -> datetime:
    """When a phone says it happened, if a phone can be believed: within the last seven days and at most
    five minutes ahead of us; otherwise the moment it was received."""
    now = clock.now()
    try:
        said = datetime.fromisoformat(text or "")
    except ValueError:
        return now
    if said.tzinfo is None:
        return now
    return said if now - OLDEST <= said <= now + AHEAD else now


class Act(Form):
    """One thing done at a moment. ``act`` names the form: a page has many, and one set aside when the
    session ended comes back into its own place only."""

    name = "act"
    occurred_at = HiddenField(default=lambda: rfc3339(clock.now()))
    act = HiddenField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.act.data = self.name

    @classmethod
    def fresh(cls, **defaults):
        """The form for a page: what was set aside if it was this one, else blank."""
        recalled = stash.recall()
        if recalled is not None and recalled.fields.get("act") == cls.name:
            return cls.read(**defaults)
        return cls(None, **defaults)

    @property
    def moment(self) -> datetime:
        return happened_at(self.occurred_at.data)


def _stripped(value: str | None) -> str | None:
    return value.strip() if isinstance(value, str) else value


class _Label:
    """Choices are made when the module loads; their words belong to the page that prints them."""

    def __init__(self, member):
        self.member = member

    def __str__(self) -> str:
        return label(self.member)


def _reference(value) -> int | None:
    """The id a select carries; None for its blank first line."""
    return int(value) if value not in (None, "") else None


def _one_of(text, ident: str) -> SelectField:
    """A select over rows of the database; the view gives it its choices."""
    return SelectField(
        text, id=ident, coerce=_reference, validators=[DataRequired(lazy("Elija una de las opciones."))], choices=[]
    )


def _options(kind, *, empty: str | None = None) -> list[SelectChoice]:
    return choices_of([*([("", empty)] if empty is not None else []), *((str(member), _Label(member)) for member in kind)])


class OpenForm(Act):
    name = "open"
    call = RadioField(
        lazy("¿Con cuál llamada se abre?"), coerce=int, default=1,
        choices=choices_of([(1, lazy("Primera llamada")), (2, lazy("Segunda llamada"))]),
    )


class ReasonForm(Act):
    name = "reason"
    reason = TextAreaField(
        lazy("¿Por qué no se realizó?"), filters=[_stripped],
        validators=[DataRequired(lazy("Escriba por qué: queda en el registro público.")), Length(max=500)],
    )


class TapForm(Act):
    name = "tap"
    gender = HiddenField(validators=[InputRequired()])
    age_band = HiddenField(validators=[InputRequired()])
    what = HiddenField(validators=[InputRequired()])
    step = HiddenField(validators=[InputRequired()])

    def validate_gender(self, field) -> None:
        _member(Gender, field)

    def validate_age_band(self, field) -> None:
        _member(AgeBand, field)

    def validate_what(self, field) -> None:
        if field.data not in ("people", "first_timers"):
            raise ValidationError("people, first_timers")

    def validate_step(self, field) -> None:
        if field.data not in ("1", "-1"):
            raise ValidationError("1, -1")


def _member(kind, field) -> None:
    if field.data not in tuple(kind):
        raise ValidationError(", ".join(kind))


class ItemForm(Act):
    name = "item"
    title = StringField(
        lazy("Punto nuevo"), id="item-title", filters=[_stripped],
        validators=[DataRequired(lazy("Escriba de qué trata el punto.")), Length(max=200)],
    )
    type = SelectField(lazy("Tipo"), id="item-type", choices=_options(ItemType), default=str(ItemType.INFORMATION))
    method = SelectField(
        lazy("Cómo se decide"), id="item-method", choices=_options(Method, empty=lazy("No se decide nada")), validators=[Optional()],
    )


class MethodForm(Act):
    name = "method"
    method = RadioField(
        lazy("¿Cómo se va a decidir?"), choices=_options(Method),
        validators=[InputRequired(lazy("Elija cómo se va a decidir."))],
    )


class NotesForm(Act):
    name = "notes"
    notes = TextAreaField(lazy("Notas para el acta"), id="notes-text", filters=[_stripped], validators=[Length(max=8000)])
    version = HiddenField(default="1")

    @property
    def seen(self) -> int | None:
        return int(self.version.data) if (self.version.data or "").isdigit() else None


class ProblemForm(Act):
    name = "problem"
    text = TextAreaField(
        lazy("¿Qué problema hay?"), id="problem-text", filters=[_stripped],
        validators=[DataRequired(lazy("Escriba el problema.")), Length(max=1000)],
    )
    theme_id = _one_of(lazy("Tema"), "problem-theme")
    unit_id = _one_of(lazy("¿Dónde?"), "problem-unit")


def _count(text, ident: str, *, asked: bool) -> IntegerField:
    first = InputRequired(lazy("Escriba un número; si nadie, 0.")) if asked else Optional()
    return IntegerField(
        text, id=ident, default=0, validators=[first, NumberRange(0, 100_000, lazy("Escriba un número entero, desde 0."))]
    )


class DecisionForm(Act):
    name = "decision"
    text = TextAreaField(
        lazy("¿Qué se decidió?"), id="decision-text", filters=[_stripped],
        validators=[DataRequired(lazy("Escriba qué se decidió.")), Length(max=2000)],
    )
    present = _count(lazy("Personas presentes"), "decision-present", asked=True)
    in_favour = _count(lazy("A favor"), "decision-in-favour", asked=False)
    against = _count(lazy("En contra"), "decision-against", asked=False)
    abstaining = _count(lazy("Abstenciones"), "decision-abstaining", asked=False)
    objections = TextAreaField(
        lazy("Objeciones, si hubo"), id="decision-objections", filters=[_stripped], validators=[Length(max=2000)]
    )
    outcome = RadioField(
        lazy("Resultado"), id="decision-outcome", choices=_options(Outcome), validators=[InputRequired(lazy("Elija el resultado."))]
    )


class AgreementForm(Act):
    name = "agreement"
    text = TextAreaField(
        lazy("¿Qué se va a hacer?"), id="agreement-text", filters=[_stripped],
        validators=[DataRequired(lazy("Escriba qué se acordó.")), Length(max=1000)],
    )
    owner_id = _one_of(lazy("¿Quién lo debe?"), "agreement-owner")
    counterpart_id = _one_of(lazy("¿Quién le da seguimiento por los vecinos?"), "agreement-counterpart")
    due = DateField(
        lazy("¿Para cuándo?"), id="agreement-due", validators=[InputRequired(lazy("Escriba la fecha completa: día, mes y año."))]
    )
    theme_id = _one_of(lazy("Tema"), "agreement-theme")
    unit_id = _one_of(lazy("¿En qué lugar?"), "agreement-unit")
    place = StringField(
        lazy("Seña del lugar, si ayuda"), id="agreement-place", filters=[_stripped], validators=[Length(max=200)]
    )


class AboutAgreement(Act):
    """A form the page repeats for each agreement under review; ``about`` is its folio."""

    about = HiddenField()
    visible = ""

    @classmethod
    def about_one(cls, folio: str, sent_back: Act | None) -> AboutAgreement:
        """The form of one agreement: what was sent back or set aside if it was about it, else blank."""
        form = sent_back if isinstance(sent_back, cls) else cls.fresh()
        if form.about.data != folio:
            form = cls(None, about=folio)
        form[cls.visible].id = f"{cls.name}-{folio}"
        return form


class UnfulfilledForm(AboutAgreement):
    name = "unfulfilled"
    visible = "reason"
    reason = TextAreaField(
        lazy("¿Qué falta?"), filters=[_stripped],
        validators=[DataRequired(lazy("Escriba qué falta: queda en el acta.")), Length(max=1000)],
    )


class ReopenForm(Act):
    name = "reopen"
    folio = StringField(
        lazy("Folio del acuerdo"), id="reopen-folio", filters=[_stripped],
        validators=[DataRequired(lazy("Escriba el folio del acuerdo.")), Length(max=30)],
    )
    reason = TextAreaField(
        lazy("¿Por qué se reabre?"), id="reopen-reason", filters=[_stripped],
        validators=[DataRequired(lazy("Escriba por qué se reabre: queda en el registro.")), Length(max=1000)],
    )


class CountersignForm(AboutAgreement):
    name = "countersign"
    visible = "code"
    code = StringField(
        lazy("Código de la papeleta"), filters=[_stripped],
        validators=[DataRequired(lazy("Escriba el código de la papeleta.")), Length(max=40)],
    )
