"""The words of somebody who convenes, read into a frozen draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from wtforms import BooleanField, DateField, Field, IntegerField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields import SelectChoice
from wtforms.utils import unset_value
from wtforms.validators import URL, InputRequired, Length, NumberRange, Optional, ValidationError

from app.core.forms import CodesField, Versioned, choices_of
from app.core.i18n import _, lazy
from app.core.labels import label
from assemblies.meetings.policies import NEEDS_METHOD
from models.assembly import Assembly, AssemblyKind, Item, ItemType, Method, Mode

MOST_ITEMS = 40
EMPTY_ROWS = 3
NO_METHOD = ""


@dataclass(frozen=True)
class ItemDraft:
    title: str
    type: ItemType
    method: Method | None


@dataclass(frozen=True)
class Convocation:
    """All that a convocation says, ready to be kept. Moments are aware; ``title`` may be empty."""

    kind: AssemblyKind
    title: str
    mode: Mode
    place: str
    online_url: str
    starts_at: datetime
    second_call_at: datetime | None
    ends_at: datetime
    quorum: int
    blocks: tuple[str, ...]
    areas: tuple[str, ...]
    bodies: tuple[str, ...]
    items: tuple[ItemDraft, ...]
    follow_up_method: Method


@dataclass(frozen=True)
class Row:
    """One line of the list of items as typed."""

    position: str = ""
    title: str = ""
    type: str = ItemType.INFORMATION
    method: str = Method.CONSENSUS


class RowsField(Field):
    """The items, sent as four parallel lists so that rows can be added without JavaScript."""

    def process(self, formdata, data=unset_value, extra_filters=None) -> None:
        self.process_errors = []
        if formdata and f"{self.name}_title" in formdata:
            columns = [formdata.getlist(f"{self.name}_{part}") for part in ("position", "title", "type", "method")]
            self.data = [Row(*[word.strip() for word in row]) for row in zip(*columns, strict=False)][:MOST_ITEMS]
        else:
            self.data = list(data if data is not unset_value and data else ())

    def in_order(self) -> list[Row]:
        """Rows with a title by position number; a row without one keeps its place, ties keep theirs."""
        numbered = [
            (int(row.position) if row.position.isdigit() else place, place, row) for place, row in enumerate(self.data, 1)
        ]
        return [row for _number, _place, row in sorted(numbered, key=lambda one: one[:2]) if row.title]

    def tidy(self, *, spare: int) -> None:
        """Put the rows in order, number them anew and leave ``spare`` empty ones after them."""
        rows = self.in_order() + [Row() for _n in range(spare)]
        self.data = [replace(row, position=str(place)) for place, row in enumerate(rows[:MOST_ITEMS], 1)]

    def pre_validate(self, form) -> None:
        for place, row in enumerate(self.data, 1):
            if len(row.title) > 200:
                raise ValidationError(_("El punto %(number)s es demasiado largo: escríbalo en 200 letras.", number=place))
            if row.type not in set(ItemType) or row.method not in {*Method, NO_METHOD}:
                raise ValidationError(_("Revise el tipo y el método del punto %(number)s.", number=place))

    def drafts(self) -> tuple[ItemDraft, ...]:
        found = []
        for row in self.in_order():
            kind = ItemType(row.type)
            method = Method(row.method) if row.method and kind in NEEDS_METHOD else None
            found.append(ItemDraft(row.title, kind, method))
        return tuple(found)


def options(members) -> list[SelectChoice]:
    """(value, words) of an enumeration."""
    return choices_of((str(member), label(member)) for member in members)


def minutes_after() -> list[tuple[int, str]]:
    return [
        (0, _("Sin segunda llamada")), (15, _("15 minutos después")), (30, _("Media hora después")),
        (45, _("45 minutos después")), (60, _("Una hora después")),
    ]


def lengths() -> list[tuple[int, str]]:
    return [
        (60, _("1 hora")), (90, _("1 hora y media")), (120, _("2 horas")), (180, _("3 horas")), (240, _("4 horas")),
        (360, _("6 horas")),
    ]


class WhenForm(Versioned):
    """Day and hours, shared by convening and rescheduling."""

    day = DateField(lazy("Día"), [InputRequired()])
    hour = TimeField(lazy("Hora de la primera llamada"), [InputRequired()])
    second_call = SelectField(lazy("Segunda llamada"), coerce=int, default=30)
    length = SelectField(lazy("Cuánto durará"), coerce=int, default=120)
    place = StringField(lazy("Lugar"), [Length(max=200)], filters=[lambda words: " ".join((words or "").split())])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.second_call.choices = choices_of(minutes_after())
        self.length.choices = choices_of(lengths())

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime | None, datetime]:
        """First call, second call or None, end; aware, in the municipality's zone."""
        starts_at = datetime.combine(self.day.data, self.hour.data, zone)
        second = starts_at + timedelta(minutes=self.second_call.data) if self.second_call.data else None
        return starts_at, second, starts_at + timedelta(minutes=self.length.data)


class ConvocationForm(WhenForm):
    kind = SelectField(lazy("Tipo de asamblea"))
    title = StringField(lazy("Nombre"), [Length(max=200)], filters=[lambda words: " ".join((words or "").split())])
    mode = RadioField(lazy("Cómo se reúnen"), default=Mode.IN_PERSON)
    online_url = StringField(
        lazy("Enlace de la reunión en línea"),
        [Optional(), Length(max=300), URL(message=lazy("Escriba el enlace completo, por ejemplo https://reunion.example.org/sala."))],
        filters=[lambda words: (words or "").strip()],
    )
    quorum = IntegerField(
        lazy("Personas necesarias para empezar"),
        [Optional(), NumberRange(0, 100000, message=lazy("Escriba un número entre 0 y 100000."))], default=0,
    )
    blocks = CodesField(lazy("Cuadras"), default=list)
    areas = CodesField(lazy("Zonas completas"), default=list)
    bodies = CodesField(lazy("Instancias que también convocan"), default=list)
    items = RowsField(lazy("Orden del día"))
    follow_up_method = SelectField(lazy("Método"), default=Method.CONSENSUS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind.choices = options(AssemblyKind)
        self.mode.choices = options(Mode)
        self.follow_up_method.choices = options(Method)

    def validate_online_url(self, field) -> None:
        if field.data and not field.data.startswith("https://"):
            raise ValidationError(_("El enlace debe empezar con https://"))

    def convocation(self, zone: ZoneInfo) -> Convocation:
        """What the valid form says; hours are read in ``zone``."""
        starts_at, second_call_at, ends_at = self.moments(zone)
        return Convocation(
            kind=AssemblyKind(self.kind.data), title=self.title.data, mode=Mode(self.mode.data), place=self.place.data,
            online_url=self.online_url.data or "", starts_at=starts_at, second_call_at=second_call_at, ends_at=ends_at,
            quorum=self.quorum.data or 0, blocks=tuple(self.blocks.data), areas=tuple(self.areas.data),
            bodies=tuple(self.bodies.data), items=self.items.drafts(), follow_up_method=Method(self.follow_up_method.data),
        )


class PublishForm(Versioned):
    """Nothing to fill in: which version was checked."""


class RescheduleForm(WhenForm):
    reason = TextAreaField(lazy("Por qué cambia"), [InputRequired(), Length(max=1000)])
    seen = BooleanField(lazy("Ya vi con qué coincide; cambiar de todos modos"))


class CancelForm(Versioned):
    reason = TextAreaField(lazy("Por qué se cancela"), [InputRequired(), Length(max=1000)])


def house_items() -> list[Row]:
    """The items a neighbourhood assembly usually takes up, to start from."""
    return [
        Row("1", _("Bienvenida y motivo de la asamblea"), ItemType.INFORMATION, Method.CONSENSUS),
        Row("2", _("Problemas de la cuadra"), ItemType.PROBLEMS, Method.CONSENSUS),
        Row("3", _("Acuerdos y quién se encarga"), ItemType.DECISION, Method.CONSENSUS),
        Row("4", _("Asuntos generales"), ItemType.INFORMATION, Method.CONSENSUS),
    ]


def rows_of(items: Sequence[Item]) -> list[Row]:
    """Saved items as lines of the form."""
    return [
        Row(str(place), item.title, item.type, item.method or (NO_METHOD if item.type in NEEDS_METHOD else Method.CONSENSUS))
        for place, item in enumerate(items, 1)
    ]


def when_of(assembly: Assembly, zone: ZoneInfo) -> dict:
    """Day and hours of a saved assembly as the form shows them."""
    local = assembly.starts_at.astimezone(zone)
    second = assembly.second_call_at
    ends = assembly.ends_at or assembly.starts_at + timedelta(hours=2)
    return {
        "day": local.date(), "hour": local.time(), "place": assembly.place,
        "second_call": int((second - assembly.starts_at).total_seconds() // 60) if second else 0,
        "length": int((ends - assembly.starts_at).total_seconds() // 60),
    }


def first_day(today: date, notice_days: int) -> date:
    """The first Saturday that leaves the days of notice: where most neighbourhoods can come."""
    earliest = today + timedelta(days=notice_days)
    return earliest + timedelta(days=(5 - earliest.weekday()) % 7)

