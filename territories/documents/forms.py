"""What a person says of a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from wtforms import DateField, FileField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.forms import Form, Versioned, choices_of
from app.core.i18n import lazy
from app.core.labels import label
from models.document import Tongue


@dataclass(frozen=True)
class Draft:
    """What a person says of a document."""

    title: str
    dated_on: date
    language: Tongue
    summary: str


def _tidy(words: str | None) -> str:
    return " ".join((words or "").split())


class _Described:
    """The words of a document, new or corrected."""

    title = StringField(
        lazy("Título"),
        [DataRequired(lazy("Escriba un título.")), Length(max=200, message=lazy("Use menos de 200 letras."))], filters=[_tidy],
    )
    dated_on = DateField(lazy("Fecha del documento"), [DataRequired(lazy("Diga de qué día es."))])
    language = SelectField(lazy("En qué lengua está"), coerce=Tongue)
    summary = TextAreaField(
        lazy("Resumen o transcripción"), [Length(max=20_000, message=lazy("Use menos de 20,000 letras."))],
        filters=[lambda words: (words or "").strip()],
    )

    def offer_languages(self) -> None:
        self.language.choices = choices_of((str(one), label(one)) for one in Tongue)

    def draft(self) -> Draft:
        return Draft(self.title.data, self.dated_on.data, self.language.data, self.summary.data)


class NewDocument(_Described, Form):
    """A file or a link, and what it is about (a folio or a code)."""

    about = StringField(
        lazy("¿De qué es? Folio de la asamblea o del acuerdo, o clave de la unidad"),
        [DataRequired(lazy("Escriba un folio o una clave.")), Length(max=60)], filters=[_tidy],
    )
    file = FileField(lazy("Archivo"))
    link = StringField(
        lazy("O enlace a la grabación"), [Length(max=300, message=lazy("El enlace es demasiado largo."))], filters=[_tidy]
    )


class DocumentWords(_Described, Versioned):
    pass


class WithdrawForm(Form):
    reason = TextAreaField(
        lazy("Por qué se retira"),
        [DataRequired(lazy("Diga por qué: la razón queda a la vista.")), Length(max=300, message=lazy("Use menos de 300 letras."))],
        filters=[lambda words: (words or "").strip()],
    )
