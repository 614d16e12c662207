"""Forms about oneself. None of them has a field for a role or for another person's account."""

from __future__ import annotations

from typing import Self

from flask import request
from wtforms import PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from app.accounts import passwords
from app.accounts.engine import PASSWORD_MAX, PASSWORD_MIN
from app.core.forms import Form
from app.core.i18n import _, lazy
from app.core.identity import language_choices
from app.core.transaction import read_session
from models import User
from models.settings import setting


def new_password_says(password: str, *words: str) -> str | None:
    """The sentence about what is wrong with a new password, or None."""
    wrong = passwords.faults(password, (*words, "Cuadra", setting(read_session(), "municipality")))
    if not wrong:
        return None
    return {
        "short": _("Use al menos %(least)s caracteres. Una frase de cuatro palabras funciona bien.", least=PASSWORD_MIN),
        "long": _("Use a lo más %(most)s caracteres.", most=PASSWORD_MAX),
        "common": _("Esa contraseña es de las primeras que alguien probaría. Elija una frase que solo usted diría."),
        "context": _("No use su nombre, su correo ni el nombre del lugar: es lo primero que alguien probaría."),
    }[wrong[0]]


class AccountForm(Form):
    """Not queued by any telephone and never set aside: it needs no key of its own and keeps no password."""

    client_id = None

    @classmethod
    def read(cls, **values) -> Self:
        return cls(request.form, data=values) if request.method == "POST" else cls(data=values)


class SignIn(AccountForm):
    email = StringField(lazy("Correo electrónico"), validators=[InputRequired(lazy("Escriba su correo electrónico.")), Length(max=254)])
    password = PasswordField(lazy("Contraseña"), validators=[InputRequired(lazy("Escriba su contraseña.")), Length(max=1000)])


class Code(AccountForm):
    code = StringField(lazy("Código"), validators=[InputRequired(lazy("Escriba el código.")), Length(max=40)])


class AskReset(AccountForm):
    email = StringField(lazy("Correo electrónico"), validators=[InputRequired(lazy("Escriba su correo electrónico.")), Length(max=254)])


class NewPassword(AccountForm):
    """A password chosen, and typed again: without JavaScript nobody sees what they type."""

    new_password = PasswordField(lazy("Contraseña nueva"), validators=[InputRequired(lazy("Escriba una contraseña."))])
    repeated = PasswordField(lazy("Escríbala otra vez"), validators=[InputRequired(lazy("Escriba la contraseña otra vez."))])
    about: User | None = None

    def validate_new_password(self, field: PasswordField) -> None:
        words = (self.about.name, self.about.email) if self.about else ()
        says = new_password_says(field.data or "", *words, *self._said_here())
        if says:
            raise ValidationError(says)

    def validate_repeated(self, field: PasswordField) -> None:
        if field.data != self.new_password.data:
            raise ValidationError(_("Las dos contraseñas no son iguales. Escríbalas de nuevo."))

    def _said_here(self) -> tuple[str, ...]:
        return ()


class Activate(NewPassword):
    name = StringField(lazy("Nombre"), validators=[InputRequired(lazy("Escriba su nombre.")), Length(max=120)])

    def _said_here(self) -> tuple[str, ...]:
        return (self.name.data or "",)


class ChangePassword(NewPassword):
    current_password = PasswordField(lazy("Contraseña actual"), validators=[InputRequired(lazy("Escriba su contraseña actual."))])


class Profile(AccountForm):
    name = StringField(lazy("Nombre"), validators=[InputRequired(lazy("Escriba su nombre.")), Length(max=120)])
    language = SelectField(lazy("Idioma"), choices=language_choices)


class SetUpSecondFactor(AccountForm):
    current_password = PasswordField(lazy("Contraseña actual"), validators=[InputRequired(lazy("Escriba su contraseña actual."))])
    code = StringField(lazy("Código de seis cifras"), validators=[InputRequired(lazy("Escriba el código.")), Length(max=40)])


class ProvePassword(AccountForm):
    current_password = PasswordField(lazy("Contraseña actual"), validators=[InputRequired(lazy("Escriba su contraseña actual."))])
