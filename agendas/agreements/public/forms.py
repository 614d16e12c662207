"""What a neighbour types on a phone."""

from __future__ import annotations

from wtforms import FileField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.forms import Form
from app.core.i18n import lazy
from models.folio import ALPHABET


def tidy_code(text: str | None) -> str:
    """The code as it is compared: letters and digits, upper case."""
    return "".join(letter for letter in (text or "").upper() if letter in ALPHABET)


class SlipForm(Form):
    code = StringField(
        lazy("Clave de su papeleta"),
        [DataRequired(lazy("Escriba la clave de su papeleta.")), Length(max=40, message=lazy("La clave tiene diez letras y números."))],
    )

    def fingerprint(self) -> dict[str, str]:
        """The code as compared, so that the same slip typed another way is the same send."""
        return {**super().fingerprint(), "code": tidy_code(self.code.data)}


class ReasonMixin:
    reason = TextAreaField(
        lazy("¿Qué falta o qué quedó mal?"),
        [DataRequired(lazy("Diga qué falta o qué quedó mal.")), Length(max=2000, message=lazy("Use menos de 2,000 letras."))],
    )
    photo = FileField(lazy("Foto (si la tiene)"))


class ObjectionForm(ReasonMixin, SlipForm):
    pass


class LiaisonObjectionForm(ReasonMixin, Form):
    pass


class DoubtForm(Form):
    pass
