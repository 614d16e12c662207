"""What a person sends at each step of an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, DateField, FileField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.core.forms import Form, Versioned
from app.core.i18n import _, lazy
from app.core.labels import label
from models.territory import UNIT_CODE, UnitKind

SHORT = Length(max=160, message=lazy("Use menos de 160 letras."))


class FileForm(Form):
    file = FileField(lazy("Archivo"))
    layer = StringField(lazy("Capa, si el archivo trae varias"), [Length(max=100, message=lazy("Use menos de 100 letras."))])

    def fingerprint(self) -> dict[str, str]:
        # A file says nothing of itself in words: the view adds its digest.
        return {"layer": self.layer.data or ""}


class StepForm(Versioned):
    """A button: go on, leave, once more."""


class ConfirmForm(Versioned):
    skip_rejected = BooleanField(lazy("Dejar fuera los renglones rechazados y escribir lo demás"))


class UnitsForm(Versioned):
    """How the columns of a boundary file are read."""

    level = SelectField(lazy("¿De qué nivel son estas unidades?"), [InputRequired(lazy("Elija el nivel."))])
    key = SelectField(lazy("Columna con la clave"), [InputRequired(lazy("Elija la columna de la clave."))])
    name = SelectField(lazy("Columna con el nombre"), [Optional()])
    parent = SelectField(lazy("Columna con la clave de la unidad superior"), [Optional()])
    kind_field = SelectField(lazy("Columna con el tipo (colonia, barrio, pueblo, unidad habitacional)"), [Optional()])
    kind_from_name = BooleanField(lazy("Tomar el tipo del final del nombre, como en «SAN MIGUEL (BARR)»"))
    kind = SelectField(lazy("Un mismo tipo para todas"), [Optional()])
    source = StringField(lazy("¿De dónde vienen estos límites?"), [SHORT])
    valid_from = DateField(lazy("¿Desde qué día valen?"), [Optional()])
    only = StringField(lazy("Solo estas claves, separadas por comas"), [Length(max=2000, message=lazy("Use menos de 2,000 letras."))])
    root = StringField(
        lazy("Clave de la unidad de hasta arriba"),
        [Optional(), Regexp(UNIT_CODE, message=lazy("Use letras sin acento, números, punto, guion o guion bajo."))],
    )
    root_name = StringField(lazy("Nombre de la unidad de hasta arriba"), [SHORT])

    @classmethod
    def of(cls, fields: Sequence[str], levels: Sequence[tuple[str, str]], options: Mapping[str, Any], version: int) -> UnitsForm:
        """The form for a file with these columns, filled with ``options`` unless something was sent."""
        known = {name: value for name, value in options.items() if name in cls.__dict__ and name != "valid_from"}
        form = cls.read(version=version, **known)
        columns = [("", _("Ninguna")), *((name, name) for name in fields)]
        form.level.choices = [("", _("Elija el nivel")), *levels]
        form.key.choices = [("", _("Elija la columna")), *columns[1:]]
        form.name.choices = form.parent.choices = form.kind_field.choices = columns
        form.kind.choices = [("", _("Ninguno")), *((str(kind), label(kind)) for kind in UnitKind)]
        return form

    def options(self) -> dict[str, Any]:
        words = ("level", "key", "name", "parent", "kind_field", "kind", "source", "only", "root", "root_name")
        said: dict[str, Any] = {name: (self[name].data or "").strip() for name in words}
        said["kind_from_name"] = bool(self.kind_from_name.data)
        said["valid_from"] = self.valid_from.data.isoformat() if self.valid_from.data else ""
        return said
