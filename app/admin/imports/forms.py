"""What a person sends at each step of an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session
from wtforms import BooleanField, DateField, FileField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.core import tabular
from app.core.forms import Form, Versioned, choices_of
from app.core.i18n import _, lazy
from app.core.labels import label
from models.territory import UNIT_CODE, UnitKind

SHORT = Length(max=160, message=lazy("Use menos de 160 letras."))


class FileForm(Form):
    file = FileField(lazy("Archivo"))
    companion = FileField(lazy("Documentos que nombran los renglones, en un .zip"))
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
        columns = choices_of([("", _("Ninguna")), *((name, name) for name in fields)])
        form.level.choices = choices_of([("", _("Elija el nivel")), *levels])
        form.key.choices = [*choices_of([("", _("Elija la columna"))]), *columns[1:]]
        form.name.choices = form.parent.choices = form.kind_field.choices = columns
        form.kind.choices = choices_of([("", _("Ninguno")), *((str(kind), label(kind)) for kind in UnitKind)])
        return form

    def options(self) -> dict[str, Any]:
        words = ("level", "key", "name", "parent", "kind_field", "kind", "source", "only", "root", "root_name")
        said: dict[str, Any] = {name: (self[name].data or "").strip() for name in words}
        said["kind_from_name"] = bool(self.kind_from_name.data)
        said["valid_from"] = self.valid_from.data.isoformat() if self.valid_from.data else ""
        return said


class TableForm(Versioned):
    """Which column each datum of a table comes from, and what holds where a row says nothing."""

    source = StringField(lazy("¿De quién es esta lista?"), [Length(max=80, message=lazy("Use menos de 80 letras."))])
    table: tabular.Kind
    columns: tuple[str, ...]

    def pairs(self) -> list[tuple[tabular.Field, SelectField, StringField | None]]:
        """Each datum with where it comes from and, where it may have one, the value for all rows."""
        fields = self._fields
        return [(one, fields[f"column-{one.name}"], fields.get(f"constant-{one.name}")) for one in self.table.fields if one.asked]

    def validate(self, extra_validators=None) -> bool:
        sound = super().validate(extra_validators)
        used: dict[str, object] = {}
        for datum, column, constant in self.pairs():
            if column.data in used:
                column.errors = [_("De esa columna ya sale «%(field)s».", field=used[column.data])]
            elif datum.required and not column.data and not (constant is not None and (constant.data or "").strip()):
                column.errors = [_("Diga de qué columna sale «%(field)s».", field=datum.label)]
            elif constant is not None and constant.data:
                try:
                    datum.read(constant.data.strip())
                except tabular.Unfit as wrong:
                    column.errors = [str(datum.refused(wrong, constant.data))]
            if column.data:
                used[column.data] = datum.label
            sound = sound and not column.errors
        return sound

    def options(self) -> dict[str, Any]:
        mapping = dict.fromkeys(self.columns, "") | {column.data: datum.name for datum, column, _c in self.pairs() if column.data}
        said = {datum.name: (constant.data or "").strip() for datum, _c, constant in self.pairs() if constant is not None}
        constants = {name: text for name, text in said.items() if text}
        return {"source": (self.source.data or "").strip(), "mapping": mapping, "constants": constants}


def table_form(
    session: Session, kind: tabular.Kind, columns: Sequence[str], options: Mapping[str, Any], version: int
) -> TableForm:
    """The form of a kind for a table with these columns, filled with ``options`` unless something was sent."""
    fields: dict[str, Any] = {"table": kind, "columns": tuple(columns)}
    choices = choices_of([("", _("Ninguna")), *((name, name) for name in columns)])
    column_of = {name: column for column, name in options.get("mapping", {}).items() if name}
    known: dict[str, Any] = {"source": options.get("source", "")}
    for one in (one for one in kind.fields if one.asked):
        fields[f"column-{one.name}"] = SelectField(one.label, [Optional()])
        known[f"column-{one.name}"] = column_of.get(one.name, "")
        if one.constant:
            fields[f"constant-{one.name}"] = (
                SelectField(one.label, [Optional()], choices=choices_of([("", _("Ninguno")), *one.choices(session)])) if one.choices
                else StringField(one.label, [Length(max=300, message=lazy("Use menos de 300 letras."))])
            )
            known[f"constant-{one.name}"] = options.get("constants", {}).get(one.name, "")
    form = type("TableForm", (TableForm,), fields).read(version=version, **known)
    for _datum, column, _constant in form.pairs():
        column.choices = choices
    return form
