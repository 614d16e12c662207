"""Fields that several forms of the administration share."""

from __future__ import annotations

import re

from wtforms import StringField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.core.forms import Form, Versioned
from app.core.i18n import lazy

# Codes go into addresses, files and the record: lower case, so that nobody has to remember how they were written.
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def code_field(label) -> StringField:
    return StringField(
        label, [
            DataRequired(lazy("Escriba una clave.")),
            Regexp(r"^[a-z0-9][a-z0-9-]{0,31}$", message=lazy("Use minúsculas, números y guiones, hasta 32, sin espacios ni acentos.")),
        ],
        filters=[lambda text: (text or "").strip().lower()],
    )


def _name(label, longest: int, *, required: bool) -> StringField:
    checks = [DataRequired(lazy("Escriba el nombre."))] if required else [Optional()]
    too_long = lazy("Use un nombre más corto.")
    return StringField(label, [*checks, Length(max=longest, message=too_long)], filters=[lambda text: (text or "").strip()])


def names_of(longest: int) -> type[Form]:
    """A form of one name in three languages; French and English may wait, and Spanish stands in for them."""

    class Names(Form):
        name_es = _name(lazy("Nombre"), longest, required=True)
        name_fr = _name(lazy("Nombre en francés"), longest, required=False)
        name_en = _name(lazy("Nombre en inglés"), longest, required=False)

        @property
        def names(self) -> tuple[str, str, str]:
            return self.name_es.data, self.name_fr.data, self.name_en.data

    return Names


class Asked(Versioned):
    """A page that asks before it acts: nothing to fill in, only the version that was looked at."""
