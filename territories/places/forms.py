"""The three ways of saying where: a tap, coordinates, a block."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired

from app.core.forms import Versioned, choices_of
from app.core.i18n import _, lazy
from models.spot import SpotBy
from territories.places import coordinates
from territories.places.picture import CLOSEST, WIDTHS, Window
from territories.places.queries import Surroundings


@dataclass(frozen=True)
class Choice:
    """A point in degrees, as it was told."""

    longitude: float
    latitude: float
    told_by: SpotBy

    @property
    def point(self) -> tuple[float, float]:
        return self.longitude, self.latitude


class Asking(Versioned):
    """Where does it lie? Read from the address: asking changes nothing."""

    coordinates = StringField(lazy("Coordenadas"))
    block = SelectField(lazy("O la cuadra donde queda"), validate_choice=False)

    def offer(self, around: Surroundings) -> None:
        named = [(one.code, f"{one.name} · {', '.join(one.streets.splitlines())}" if one.streets else one.name) for one in around.blocks]
        self.block.choices = choices_of([("", _("Elija una cuadra")), *named])


class SpotForm(Versioned):
    """The point that was shown and is now meant."""

    longitude = HiddenField(validators=[InputRequired()])
    latitude = HiddenField(validators=[InputRequired()])
    told_by = HiddenField(validators=[InputRequired()])

    def choice(self) -> Choice | None:
        """None for what no page of ours sends."""
        try:
            found = Choice(float(self.longitude.data), float(self.latitude.data), SpotBy(self.told_by.data))
        except (TypeError, ValueError):
            return None
        return found if abs(found.longitude) <= 180 and abs(found.latitude) <= 90 else None


def window_of(sent: MultiDict) -> Window:
    """The window that the address names; the whole place for anything else."""
    try:
        zoom, centre = int(sent.get("zoom", "0")), coordinates.read(sent.get("centre", ""))
    except ValueError:
        return Window()
    return Window(min(max(zoom, 0), CLOSEST), centre)


def asked(form: Asking, sent: MultiDict, around: Surroundings, window: Window) -> Choice | None:
    """What was pointed at, None when nothing was; a sentence on the field that could not be read."""
    for width in WIDTHS:
        # A map "pressed" with the keyboard sends 0, 0: no tap.
        if tap := _pixels(sent, f"map{width}"):
            return Choice(*window.fit(around, width).degrees(*tap), SpotBy.TAP)
    if form.coordinates.data:
        if found := coordinates.read(form.coordinates.data):
            return Choice(*found, SpotBy.COORDINATES)
        form.coordinates.errors = [_("Escriba latitud y longitud, por ejemplo 19.35712, -99.06543.")]
        return None
    if form.block.data:
        for one in around.blocks:
            if one.code == form.block.data:
                inside = one.shape.representative_point()
                return Choice(inside.x, inside.y, SpotBy.BLOCK)
        form.block.errors = [_("Elija una de las opciones.")]
    return None


def _pixels(sent: MultiDict, name: str) -> tuple[int, int] | None:
    try:
        found = int(sent[f"{name}.x"]), int(sent[f"{name}.y"])
    except (KeyError, ValueError):
        return None
    return found if found != (0, 0) and max(found) <= max(WIDTHS) and min(found) >= 0 else None
