"""What a person says of a change of units, read into shapes and parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shapely import MultiPolygon
from shapely.geometry.collection import GeometryCollection
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.core.errors import Misfit
from app.core.forms import Form, choices_of
from app.core.i18n import _, lazy
from territories.imports.columns import guess_key, guess_name
from territories.imports.reader import SourceFeature, UnreadableFile, open_boundaries
from territories.units.reshape import divide, drawn
from territories.units.reshape.plan import LONGEST_NAME, Below, Ground, Part

# What a form carries from the look to the confirmation.
MOST_TEXT = 1_500_000
MOST_PARTS = 6
LETTERS = "ABCDEF"


def _tidy(words: str | None) -> str:
    return " ".join((words or "").split())


class ReshapeForm(Form):
    """What every change asks. ``step`` is "do" once it was seen, ``seen`` the digest of what was."""

    on = DateField(lazy("¿Desde qué día vale?"), [InputRequired(lazy("Diga desde qué día vale."))])
    reason = TextAreaField(
        lazy("¿Por qué?"),
        [DataRequired(lazy("Diga por qué se hace el cambio.")), Length(max=500, message=lazy("Use menos de 500 letras."))],
    )
    seen = HiddenField()
    step = HiddenField()

    @property
    def confirmed(self) -> bool:
        return self.step.data == "do"

    def carried(self) -> list[tuple[str, str]]:
        """The names and values that a confirmation sends again; a file was read by then."""
        pairs: list[tuple[str, str]] = []
        for name, field in self._fields.items():
            if field.type in ("FileField",) or name in ("step", "seen", "client_id"):
                continue
            if field.type == "BooleanField":
                pairs += [(name, "y")] if field.data else []
            elif isinstance(field.data, (list, tuple)):
                pairs += [(name, str(one)) for one in field.data]
            else:
                pairs.append((name, field._value() if hasattr(field, "_value") else field.data or ""))
        return pairs


class Drawn:
    """A boundary by a file or by text; ``shape`` is what was read, so that it need not be read twice."""

    shape = TextAreaField(lazy("Coordenadas o GeoJSON"))
    file = FileField(lazy("O un archivo: GeoJSON, GeoPackage, Shapefile en .zip o KML"))
    source = StringField(lazy("¿De dónde viene este límite?"), [Length(max=160, message=lazy("Use menos de 160 letras."))])


class RedrawForm(Drawn, ReshapeForm):
    give_way = BooleanField(lazy("Que las vecinas cedan el terreno que tome"))

    def boundary(self, code: str) -> MultiPolygon:
        """The new boundary of the unit of ``code``. Raises Misfit."""
        rows = _rows_of(self.file.data)
        if rows is None:
            return _area(self.shape)
        chosen = rows
        if len(rows) > 1:
            chosen = [row for row in rows if code.casefold() in {(value or "").casefold() for value in row.attributes.values()}]
        if len(chosen) != 1:
            raise Misfit("file", _("El archivo trae %(count)s figuras y ninguna sola lleva la clave %(code)s.", count=len(rows), code=code))
        return _kept(self, "file", chosen[0], self.shape)


class RetireForm(ReshapeForm):
    below = RadioField(lazy("¿Y lo que tiene dentro?"), [InputRequired(lazy("Elija qué pasa con lo que tiene dentro."))])

    def offer(self, above: str) -> None:
        self.below.choices = choices_of([
            (str(Below.MOVE_UP), _("Pasa a %(name)s", name=above)), (str(Below.RETIRE), _("Se retira también")),
        ])  # fmt: skip


class MergeForm(ReshapeForm):
    others = SelectMultipleField(lazy("¿Con cuáles se une?"), validate_choice=False)
    more = StringField(lazy("Otras, por su clave, separadas por comas"), [Length(max=300, message=lazy("Use menos de 300 letras."))])
    code = StringField(
        lazy("Clave de la unidad que queda"), [DataRequired(lazy("Escriba la clave de la unidad que queda.")), Length(max=32)],
        filters=[_tidy],
    )
    name = StringField(lazy("Su nombre, si es nueva"), [Length(max=LONGEST_NAME)], filters=[_tidy])

    def offer(self, neighbours: Sequence[Ground]) -> None:
        self.others.choices = choices_of((one.code, f"{one.name} ({one.code})") for one in neighbours)

    def codes(self) -> list[str]:
        said = [*(self.others.data or ()), *(self.more.data or "").replace(",", " ").split()]
        return list(dict.fromkeys(one.strip() for one in said if one.strip()))


class SplitForm(Drawn, ReshapeForm):
    """By its children, by a line or by the polygons of a file; the parts have their codes and names."""

    parts_asked: int = 2
    how: str = "line"

    def rows(self) -> list[tuple[str, StringField, StringField]]:
        """The letter of each part with the fields of its code and name."""
        return [(LETTERS[at], self._fields[f"code-{at}"], self._fields[f"name-{at}"]) for at in range(self.parts_asked)]

    def selects(self, children: Sequence[Ground]) -> list[tuple[Ground, SelectField]]:
        return [(child, self._fields[f"child-{child.id}"]) for child in children] if self.how == "children" else []

    def chosen(self, children: Sequence[Ground]) -> dict[int, int]:
        """The part of each child by its id, empty where children go where they lie."""
        return {child.id: int(field.data) for child, field in self.selects(children)}

    def parts(self, own: Ground, children: Sequence[Ground]) -> list[Part]:
        """The parts in the order of their letters. Raises Misfit."""
        shapes = self._shapes(own, children)
        if len(shapes) != self.parts_asked:
            raise Misfit("shape", _(
                "Salen %(count)s partes y aquí hay lugar para %(asked)s. Cambie la línea o el número de partes.", count=len(shapes),
                asked=self.parts_asked,
            ))  # fmt: skip
        return [
            Part((code.data or "").strip(), (name.data or "").strip(), shape)
            for (_letter, code, name), shape in zip(self.rows(), shapes, strict=True)
        ]

    def _shapes(self, own: Ground, children: Sequence[Ground]) -> list[MultiPolygon]:
        if self.how == "children":
            return self._by_children(own, children)
        if self.how == "line":
            if sent := _text_of(self.file.data):
                _carry(self.shape, sent)
            try:
                return divide.by_line(own.shape, drawn.line_of(self.shape.data or ""))
            except drawn.Unreadable as no:
                raise Misfit("shape", str(no)) from no
        return self._by_file()

    def _by_children(self, own: Ground, children: Sequence[Ground]) -> list[MultiPolygon]:
        drawn_ones = [child for child in children if child.shape is not None]
        part_of = self.chosen(children)
        try:
            return divide.by_children(
                own.shape, [child.shape for child in drawn_ones], [part_of[child.id] for child in drawn_ones], self.parts_asked
            )
        except ValueError as no:
            raise Misfit("on", _("Ponga al menos una unidad en cada parte.")) from no

    def _by_file(self) -> list[MultiPolygon]:
        rows = _rows_of(self.file.data)
        if rows is None:
            try:
                return [drawn.area_of(drawn.as_text(one)) for one in _each(self.shape.data or "")]
            except drawn.Unreadable as no:
                raise Misfit("shape", str(no)) from no
        attributes = [row.attributes for row in rows]
        fields = list(attributes[0]) if attributes else []
        key, name = guess_key(fields, attributes), guess_name(fields, attributes)
        for (_letter, code_field, name_field), row in zip(self.rows(), rows, strict=False):
            code_field.data = code_field.data or (row.attributes.get(key) if key else None) or ""
            name_field.data = name_field.data or (row.attributes.get(name) if name else None) or code_field.data
        shapes = [_kept(self, "file", row, None) for row in rows]
        _carry(self.shape, drawn.as_text(GeometryCollection(shapes)))
        return shapes


def split_form(parts: int, how: str, children: Sequence[Ground], **defaults: Any) -> SplitForm:
    """The form for so many parts, filled with what was sent."""
    fields: dict[str, Any] = {"parts_asked": parts, "how": how}
    for at in range(parts):
        label = lazy("Clave de la parte %(letter)s", letter=LETTERS[at])
        fields[f"code-{at}"] = StringField(label, [Length(max=32, message=lazy("Use menos de 32 letras."))])
        fields[f"name-{at}"] = StringField(lazy("Nombre de la parte %(letter)s", letter=LETTERS[at]), [Length(max=LONGEST_NAME)])
    for child in children if how == "children" else ():
        fields[f"child-{child.id}"] = SelectField(
            child.name, [Optional()], choices=choices_of((str(at), LETTERS[at]) for at in range(parts)), default="0"
        )
    return type("SplitForm", (SplitForm,), fields).read(**defaults)


def _area(field: TextAreaField) -> MultiPolygon:
    if not (field.data or "").strip():
        raise Misfit(field.name, _("Pegue el límite o elija un archivo."))
    try:
        return drawn.area_of(field.data)
    except drawn.Unreadable as no:
        raise Misfit(field.name, str(no)) from no


def _each(text: str) -> list[Any]:
    found = [shape for shape in drawn.shapes_of(text) if shape.geom_type in ("Polygon", "MultiPolygon")]
    if not found:
        raise drawn.Unreadable(_("No trae ningún polígono. Elija un archivo, o pegue un GeoJSON con un polígono por parte."))
    return found


def _kept(form: ReshapeForm, name: str, row: SourceFeature, field: TextAreaField | None) -> MultiPolygon:
    if row.shape is None:
        raise Misfit(name, row.problem.message)
    if field is not None:
        _carry(field, drawn.as_text(row.shape))
    return row.shape


def _carry(field: TextAreaField, text: str) -> None:
    if len(text) > MOST_TEXT:
        raise Misfit("file", _("La figura tiene demasiado detalle para cambiarla aquí. Simplifíquela, o tráigala por Importar."))
    field.data = text


def _rows_of(sent: FileStorage | None) -> list[SourceFeature] | None:
    """The figures of a file, read in the separate process; None without a file. Raises Misfit."""
    if not sent or not sent.filename:
        return None
    with TemporaryDirectory(prefix="cuadra-reshape-") as folder:
        path = Path(folder) / f"sent{Path(sent.filename).suffix.lower()[:10]}"
        sent.save(path)
        try:
            with open_boundaries(path) as boundaries:
                return list(boundaries)
        except UnreadableFile as wrong:
            raise Misfit("file", str(wrong)) from wrong


def _text_of(sent: FileStorage | None) -> str:
    """A line comes as text: the reader of boundaries takes polygons only."""
    if not sent or not sent.filename:
        return ""
    content = sent.read(MOST_TEXT + 1)
    if len(content) > MOST_TEXT:
        raise Misfit("file", _("La línea tiene demasiado detalle. Simplifíquela."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misfit("file", _("La línea va en un archivo GeoJSON (.geojson).")) from None
