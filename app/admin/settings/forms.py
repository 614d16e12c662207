"""What the municipality decides, in the words of whoever decides it; each limit is said."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from zoneinfo import available_timezones

from wtforms import BooleanField, FileField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from app.core.colours import COLOUR, contrast
from app.core.db import SPATIAL_REFERENCES
from app.core.formatters import number
from app.core.forms import Form, Versioned
from app.core.i18n import LANGUAGES, SOURCE, _, lazy
from app.core.personal import TREATMENTS

# The ground the colours are read on (static/css/tokens): paper, deeper paper, card.
GROUNDS = ("#faf6ee", "#f0e8d9", "#ffffff")
READABLE = 4.5
CRS_NAMES = {
    6372: "México ITRF2008 / LCC", 32613: "WGS 84 / UTM 13N", 32614: "WGS 84 / UTM 14N", 32615: "WGS 84 / UTM 15N",
    32616: "WGS 84 / UTM 16N",
}


def _trimmed(text: str | None) -> str:
    return (text or "").strip()


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/"))))


class SettingsForm(Versioned):
    """A page of settings: its fields are named like the keys they set."""

    def values(self) -> dict:
        return {name: field.data for name, field in self._fields.items() if name not in ("client_id", "version")}


class PlaceForm(SettingsForm):
    municipality = StringField(
        lazy("Nombre del municipio o la alcaldía"),
        [DataRequired(lazy("Escriba el nombre.")), Length(max=80, message=lazy("Use menos de 80 letras."))], filters=[_trimmed],
    )
    contact = StringField(
        lazy("A dónde escribir o llamar"), [Length(max=200, message=lazy("Use menos de 200 letras."))], filters=[_trimmed]
    )
    time_zone = SelectField(lazy("Zona horaria"), choices=lambda: [SelectChoice(zone, zone) for zone in _zones()])
    projected_srid = SelectField(
        lazy("Sistema de coordenadas para medir"), coerce=int,
        choices=[SelectChoice(srid, f"EPSG:{srid} · {CRS_NAMES[srid]}") for srid in SPATIAL_REFERENCES if srid in CRS_NAMES],
    )
    languages = SelectMultipleField(
        lazy("Idiomas que se ofrecen además del español"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items() if code != SOURCE],
    )

    def values(self) -> dict:
        return super().values() | {"languages": [code for code in LANGUAGES if code == SOURCE or code in (self.languages.data or [])]}


def _number(label, low: int, high: int) -> IntegerField:
    return IntegerField(
        label, [InputRequired(lazy("Escriba un número.")), NumberRange(low, high, message=_Between(low, high))],
    )


class _Between:
    """A sentence made in the page's language, with both limits."""

    def __init__(self, low: int, high: int):
        self._limits = low, high

    def __mod__(self, _values) -> str:
        return str(self)

    def __str__(self) -> str:
        return _("Escriba un número de %(low)s a %(high)s.", low=number(self._limits[0]), high=number(self._limits[1]))


class RulesForm(SettingsForm):
    notice_days = _number(lazy("Días de aviso antes de una asamblea"), 0, 60)
    quorum = _number(lazy("Asistentes mínimos que se proponen para una asamblea"), 0, 10_000)
    voices_to_verify = _number(lazy("Voces de vecinos para dar un acuerdo por verificado"), 3, 50)
    countersigners = _number(lazy("Vecinos presentes que refrendan en una asamblea"), 2, 20)
    objections_to_dispute = _number(lazy("Objeciones que bastan para disputar un reporte"), 1, 20)
    slip_term_days = _number(lazy("Días que dura una papeleta"), 30, 1095)
    met_long_ago_days = _number(lazy("Días sin reunirse para decir que una cuadra se reunió hace mucho"), 30, 1825)


class LookForm(SettingsForm):
    logo = FileField(lazy("Logotipo"))
    no_logo = BooleanField(lazy("Quitar el logotipo"))
    colour = StringField(
        lazy("Color principal"), [Regexp(COLOUR, message=lazy("Escríbalo como #0e5a5e."))],
        filters=[lambda text: (text or "").strip().lower()],
    )
    colour_accent = StringField(
        lazy("Color de acento"), [Regexp(COLOUR, message=lazy("Escríbalo como #a5441c."))],
        filters=[lambda text: (text or "").strip().lower()],
    )

    def validate_colour(self, field) -> None:
        _readable(field)

    def validate_colour_accent(self, field) -> None:
        _readable(field)


def _readable(field) -> None:
    """Text and links are printed in it on each of the grounds (WCAG 2.2, 1.4.3)."""
    if not COLOUR.fullmatch(field.data or ""):
        return
    worst = min(contrast(field.data, ground) for ground in GROUNDS)
    if worst < READABLE:
        raise ValidationError(
            _(
                "Ese color se lee con dificultad: tiene un contraste de %(has)s a 1 y necesita %(needs)s a 1. Elija uno más oscuro.",
                has=number(int(worst * 10) / 10), needs=number(READABLE),
            )
        )


# One host and nothing in its name that a policy or a header could take for something else.
BASE_MAP = re.compile(r"https://[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?(:\d{2,5})?/[\w.~%{}@!$&'()*+,=:/?-]*\Z", re.ASCII)


class MapForm(SettingsForm):
    base_map_url = StringField(
        lazy("Dirección del mapa base"),
        [
            Optional(), Length(max=500, message=lazy("Use menos de 500 letras.")),
            Regexp(BASE_MAP, message=lazy("Escriba una dirección que empiece con https:// y lleve en minúsculas el nombre del sitio.")),
        ],
        filters=[_trimmed],
    )
    base_map_attribution = StringField(
        lazy("A quién se le debe ese mapa"), [Length(max=200, message=lazy("Use menos de 200 letras."))], filters=[_trimmed]
    )

    def validate_base_map_attribution(self, field) -> None:
        if self.base_map_url.data and not field.data:
            raise ValidationError(_("Escriba a quién se le debe: quien da un mapa pide que se diga."))


class _Days(TextAreaField):
    """Dates written one a line; kept as ISO 8601, in order, each once."""

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else "\n".join(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        lines = {line.strip() for line in (valuelist or [""])[0].replace(",", "\n").splitlines()} - {""}
        try:
            self.data = sorted(date.fromisoformat(line).isoformat() for line in lines)
        except ValueError as wrong:
            raise ValueError(_("Escriba cada fecha en su renglón, como 2026-09-16.")) from wrong


def _short_text(label) -> StringField:
    return StringField(label, [Length(max=200, message=lazy("Use menos de 200 letras."))], filters=[_trimmed])


def _ground(label) -> TextAreaField:
    return TextAreaField(label, [Length(max=500, message=lazy("Use menos de 500 letras."))], filters=[_trimmed])


class PrivacyForm(SettingsForm):
    privacy_office = _short_text(lazy("Quién responde por los datos personales, y dónde"))
    privacy_authority = _short_text(lazy("Ante quién se puede reclamar"))
    request_days = _number(lazy("Días hábiles para responder una solicitud"), 1, 60)
    request_extension_days = _number(lazy("Días hábiles que puede ampliarse, una vez"), 0, 60)
    holidays = _Days(lazy("Días inhábiles"))
    keep_accounts_days = _number(lazy("Días que se guarda una cuenta sin cargo"), 30, 3650)
    keep_sessions_days = _number(lazy("Días que se guarda una sesión terminada"), 1, 365)
    keep_liaisons_days = _number(lazy("Días que se guarda el nombre de un enlace que terminó"), 30, 3650)
    keep_hidden_days = _number(lazy("Días que se guarda un texto o una foto que se ocultó"), 7, 730)
    keep_requests_days = _number(lazy("Días que se guarda una solicitud cerrada"), 90, 3650)
    basis_accounts = _ground(TREATMENTS["accounts"].words)
    basis_liaisons = _ground(TREATMENTS["liaisons"].words)
    basis_voices = _ground(TREATMENTS["voices"].words)
    basis_assemblies = _ground(TREATMENTS["assemblies"].words)
    basis_imports = _ground(TREATMENTS["imports"].words)
    basis_requests = _ground(TREATMENTS["requests"].words)
    basis_operation = _ground(TREATMENTS["operation"].words)


LONGEST_NOTICE = Length(max=20_000, message=lazy("Use menos de 20,000 letras."))


class NoticeForm(Form):
    text_es = TextAreaField(lazy("Texto en español"), [DataRequired(lazy("Escriba el aviso.")), LONGEST_NOTICE], filters=[_trimmed])
    text_fr = TextAreaField(lazy("Texto en francés"), [LONGEST_NOTICE], filters=[_trimmed])
    text_en = TextAreaField(lazy("Texto en inglés"), [LONGEST_NOTICE], filters=[_trimmed])
