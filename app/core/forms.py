"""Forms: people's words read into wtforms, shown again whole when something is missing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, Self

from flask import abort, request
from werkzeug.datastructures import CombinedMultiDict
from wtforms import Field, HiddenField, IntegerField
from wtforms import Form as WTForm
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, Regexp

from app.core import stash
from app.core.i18n import _


def choices_of(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """What a select offers, out of (value, words)."""
    return [SelectChoice(value, words) for value, words in pairs]


class Form(WTForm):
    """A form whose every send carries a ``client_id``: sent twice, it acts once."""

    client_id = HiddenField(
        default=lambda: str(uuid.uuid4()),
        validators=[Regexp(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")],
    )

    class Meta:
        def get_translations(self, form):
            return _Translations()

    @classmethod
    def read(cls, obj=None, **defaults) -> Self:
        """The form of this request: what was sent, else what was set aside, else ``obj`` and defaults.

        A null character, which no keyboard types and PostgreSQL refuses to keep, is answered with 400.
        """
        if request.method == "POST":
            if any("\0" in value for _name, value in request.form.items(multi=True)):
                abort(400)
            form = cls(CombinedMultiDict([request.form, stash.files_of(request)]), obj=obj, **defaults)
            form.stash = request.form.get(stash.FIELD, "")
            return form
        recalled = stash.recall()
        if recalled is not None:
            form = cls(CombinedMultiDict([recalled.fields, recalled.files]), obj=obj, **defaults)
            form.recalled = True
            form.stash = recalled.token if recalled.files else ""
            return form
        return cls(obj=obj, **defaults)

    recalled = False
    """Whether it shows what was set aside when the session ended."""
    stash = ""
    """The token that stands for the files set aside, until others are chosen."""

    def fingerprint(self) -> dict[str, str]:
        """What the idempotency key covers: every field but the key itself."""
        return {name: str(field.data) for name, field in self._fields.items() if name != "client_id"}


class CodesField(Field):
    """Codes ticked on a page; which ones exist is asked of the database, not of the form."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [value for value in valuelist if len(value) <= 32]


class Versioned(Form):
    """A form that edits something: ``version`` says which one the person was looking at."""

    version = IntegerField(widget=HiddenField.widget, validators=[Optional()])


class _Translations:
    """wtforms' own sentences, so that they read like ours and in the page's language."""

    def gettext(self, text: str) -> str:
        return {
            "This field is required.": _("Este dato hace falta."),
            "Not a valid choice.": _("Elija una de las opciones."),
            "Not a valid choice": _("Elija una de las opciones."),
            "Not a valid integer value.": _("Escriba un número entero."),
            "Not a valid date value.": _("Escriba la fecha completa: día, mes y año."),
            "Not a valid datetime value.": _("Escriba la fecha y la hora."),
            "Not a valid time value.": _("Escriba la hora, por ejemplo 17:30."),
            "Invalid input.": _("Revise este dato."),
        }.get(text, text)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return singular if number == 1 else plural
