"""What is written down of a request, and of each step of its answer."""

from __future__ import annotations

from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.core.forms import Form, Versioned, choices_of
from app.core.i18n import lazy
from app.core.labels import label
from models.privacy import Channel, IdentityProof, ReplyOutcome, RequestKind

LONGEST = Length(max=4000, message=lazy("Use menos de 4,000 letras."))


def _trimmed(text: str | None) -> str:
    return (text or "").strip()


def _long(words, ask) -> TextAreaField:
    return TextAreaField(words, [DataRequired(ask), LONGEST], filters=[_trimmed])


def _one_of(words, kind, *, leaving_out=()) -> RadioField:
    return RadioField(
        words, [InputRequired(lazy("Elija una de las opciones."))],
        choices=lambda: choices_of([(str(one), label(one)) for one in kind if one not in leaving_out]),
    )


class AskForm(Form):
    """What a person fills in on the public page."""

    kind = RadioField(
        lazy("Qué quiere pedir"), [InputRequired(lazy("Elija una de las opciones."))],
        choices=choices_of([
            (str(RequestKind.ACCESS), lazy("Acceso: ver los datos")), (str(RequestKind.RECTIFICATION), lazy("Rectificación: corregirlos")),
            (str(RequestKind.CANCELLATION), lazy("Cancelación: que se borren")),
            (str(RequestKind.OPPOSITION), lazy("Oposición: que no se usen")),
        ]),
    )
    who = StringField(
        lazy("Su nombre"), [DataRequired(lazy("Escriba su nombre.")), Length(max=120, message=lazy("Use menos de 120 letras."))],
        filters=[_trimmed],
    )
    reach = StringField(
        lazy("Cómo le respondemos"),
        [DataRequired(lazy("Escriba un correo, un teléfono o un domicilio.")), Length(max=200, message=lazy("Use menos de 200 letras."))],
        filters=[_trimmed],
    )
    about = _long(lazy("Qué pide"), lazy("Diga qué quiere ver, corregir o borrar."))


class WrittenForm(AskForm):
    """The same written down by staff, from paper or a letter."""

    channel = _one_of(lazy("Cómo llegó"), Channel, leaving_out=(Channel.FORM,))
    received_on = DateField(lazy("Cuándo llegó"), [InputRequired(lazy("Escriba la fecha completa: día, mes y año."))])
    email = StringField(lazy("Correo de su cuenta, si tiene una"), [Optional(), Length(max=254)], filters=[_trimmed])


class IdentityForm(Versioned):
    proof = _one_of(lazy("Cómo comprobó su identidad"), IdentityProof)


class ExtensionForm(Versioned):
    reason = _long(lazy("Por qué hace falta más tiempo"), lazy("Diga la razón: se le explica a la persona."))


class AnswerForm(Versioned):
    outcome = _one_of(lazy("Qué se resolvió"), ReplyOutcome)
    reply = _long(lazy("Respuesta"), lazy("Escriba la respuesta."))


class CloseForm(Versioned):
    reason = _long(lazy("Por qué se cierra"), lazy("Diga por qué se cierra."))


STEPS = {"identity": IdentityForm, "extension": ExtensionForm, "answer": AnswerForm, "closing": CloseForm}
