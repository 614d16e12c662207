"""Accounts, roles with their days, and who leads a territory."""

from __future__ import annotations

import re

from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.core.forms import Form, Versioned
from app.core.i18n import _, lazy
from app.core.identity import language_choices
from app.core.labels import label
from models import Body, Role

EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def _trimmed(text: str | None) -> str:
    return (text or "").strip()


def _chosen(text: str | None) -> int | None:
    return int(text) if text else None


def _email(label) -> StringField:
    shape = Regexp(EMAIL, message=lazy("Revise el correo: nombre@lugar.mx"))
    return StringField(label, [DataRequired(lazy("Escriba el correo.")), Length(max=254), shape], filters=[_trimmed])


def _person_name(label, *checks) -> StringField:
    return StringField(label, [*checks, Length(max=120, message=lazy("Use un nombre más corto."))], filters=[_trimmed])


class ProfileForm(Versioned):
    name = _person_name(lazy("Nombre"), DataRequired(lazy("Escriba el nombre.")))
    language = SelectField(lazy("Idioma"), choices=language_choices)
    home_body_id = SelectField(lazy("Área de la que viene"), coerce=_chosen)

    def offer(self, areas: list[Body]) -> None:
        self.home_body_id.choices = [
            SelectChoice("", _("No se sabe o no aplica")), *(SelectChoice(body.id, body.name) for body in areas)
        ]


class RoleForm(Form):
    role = SelectField(lazy("Cargo"), [DataRequired(lazy("Elija un cargo."))])
    unit = StringField(lazy("Unidad en que se tiene"), [Length(max=160)], filters=[_trimmed])
    body_id = SelectField(lazy("Instancia por la que se tiene"), coerce=_chosen)
    focal_point = BooleanField(lazy("Es punto focal: responde por un área que no tiene usuarios aquí"))
    starts_on = DateField(lazy("Primer día"), [DataRequired(lazy("Escriba el primer día."))])
    ends_on = DateField(lazy("Último día"), [Optional()])

    def offer_places(self, bodies: list[Body]) -> None:
        self.role.choices = [SelectChoice("", _("Elija un cargo")), *(SelectChoice(str(role), label(role)) for role in Role)]
        self.body_id.choices = [SelectChoice("", _("Ninguna")), *(SelectChoice(body.id, body.name) for body in bodies)]


class InviteForm(ProfileForm, RoleForm):
    email = _email(lazy("Correo"))


class TermForm(Versioned):
    starts_on = DateField(lazy("Primer día"), [DataRequired(lazy("Escriba el primer día."))])
    ends_on = DateField(lazy("Último día"), [Optional()])


class LeadForm(Form):
    email = _email(lazy("Correo de quien será responsable"))
    name = _person_name(lazy("Nombre, si la cuenta es nueva"))
    starts_on = DateField(lazy("Primer día"), [DataRequired(lazy("Escriba el primer día."))])
