"""Values of indicators, as a table tells them: by the unit's code, or by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.core import clock
from app.core.i18n import _, lazy
from app.core.labels import label, local_name
from app.core.permissions import Permission
from app.core.search import fold
from app.core.tabular import Context, Field, Options, Outcome, Problem, Row, Table, Unfit
from app.core.tabular.fields import count, figure, shortened, words
from app.core.tabular.names import Names
from models import Ancestry, Indicator, IndicatorValue, Level, NameDecision, TerritorialUnit
from models.ledger import Capacity
from models.settings import setting
from models.territory import LevelRole
from territories.indicators import periods, services
from territories.indicators.intake.reshape import TOGETHER, period_columns, reshape
from territories.indicators.names import Candidate, Gazetteer, Place
from territories.indicators.periods import Period
from territories.indicators.queries import indicators

AT_ONCE = 500
# What precedes the name of a borough in one list and not in another.
_CONTEXT_WORDS = frozenset({"alcaldia", "delegacion", "municipio", "demarcacion", "territorial", "de", "del"})
SENTENCES = {
    "unknown_key": lazy("Ninguna unidad de aquí tiene la clave «%(said)s». Corríjala, o deje fuera el renglón."),
    "other_level": lazy("«%(said)s» no es una unidad del nivel en que se mide este indicador (%(level)s)."),
    "key_elsewhere": lazy("La clave «%(said)s» es de aquí, pero el renglón dice que es de «%(context)s». Corrija uno de los dos."),
    "no_unit": lazy("No dice de qué unidad es: ponga su clave o su nombre."),
    "no_period": lazy("No dice de qué periodo es. Ponga un periodo (2024, 2024-T1, 2024-05), o el año y el trimestre o el mes."),
    "bad_period": lazy("El periodo «%(said)s» no se entiende. Use 2024, 2024-T1, 2024-05 o 2024-05-31."),
    "to_come": lazy("El periodo «%(said)s» todavía no empieza."),
    "other_frequency": lazy("«%(said)s» no es el periodo de este indicador: %(frequency)s."),
    "name_asked": lazy("¿Qué unidad es «%(said)s»? Dígalo en «Nombres por decidir»."),
    "unknown_indicator": lazy("No hay un indicador «%(said)s». Declárelo antes, o elija otro."),
}
REPAIRS = {
    "read_as": lazy("«%(said)s» es %(unit)s."),
    "sum": lazy("Suma de %(parts)s renglones."),
    "joined": lazy("Suma también lo de los renglones %(rows)s."),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A name nobody has settled yet, and the units it may be."""

    name: str
    context: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a row would write."""

    indicator: Indicator
    place: Place
    period: Period
    value: float
    numerator: float | None
    denominator: float | None

    @property
    def columns(self) -> dict[str, Any]:
        return {"value": self.value, "numerator": self.numerator, "denominator": self.denominator, "ends_on": self.period.ends_on}


def _indicator_choices(session: Session) -> list[tuple[str, str]]:
    return [(one.code, one.name_es) for one in indicators(session)]


def _together_choices(_session: Session) -> list[tuple[str, str]]:
    return [(TOGETHER, _("Sí: se suman los del mismo lugar y periodo"))]


def _together(raw: str) -> str:
    if fold(raw) in ("si", "yes", "oui", "1", TOGETHER):
        return TOGETHER
    raise Unfit("not_a_choice", choices=TOGETHER)


class IndicatorValues:
    """One value for each indicator, unit and period."""

    name, label, permission, in_parts = "indicators", lazy("Valores de indicadores"), Permission.TABLES_IMPORT, True
    fields = (
        Field(
            "indicator", lazy("Indicador"), words(120), required=True, aliases=("indicador",), example="poblacion",
            choices=_indicator_choices,
        ),
        Field(
            "unit", lazy("Clave de la unidad"), words(32), aliases=("clave", "cve", "codigo", "cve col", "cveut", "clave unidad"),
            example="07-001", constant=False,
        ),
        Field(
            "name", lazy("Nombre de la unidad, si no trae clave"), words(200),
            aliases=("nombre", "colonia", "barrio", "nomut", "nombre ref", "territorio", "colonia hecho"), example="San Miguel",
            constant=False,
        ),
        Field(
            "context", lazy("Alcaldía o municipio del renglón"), words(120),
            aliases=("alcaldia", "municipio", "delegacion", "del ref", "nomdt", "alcaldia hecho"), example="Iztapalapa",
        ),
        Field("value", lazy("Valor"), figure, aliases=("valor", "n", "total", "conteo", "casos"), example="1234"),
        Field("period", lazy("Periodo"), words(40), aliases=("periodo", "fecha"), example="2024-T1"),
        Field("year", lazy("Año"), count(2199), aliases=("ano", "anio", "ano hecho", "anio hecho")),
        Field("quarter", lazy("Trimestre"), count(4), aliases=("trimestre", "trim")),
        Field("month", lazy("Mes"), count(12), aliases=("mes",)),
        Field("numerator", lazy("Numerador"), figure, aliases=("numerador",), constant=False),
        Field("denominator", lazy("Denominador"), figure, aliases=("denominador",), constant=False),
        Field(
            "together", lazy("¿Cada renglón es una parte de lo que se cuenta?"), _together, aliases=("sumar",), choices=_together_choices,
            shown=False,
        ),
        Field("parts", lazy("Renglones que se sumaron"), count(10**9), constant=False, shown=False, asked=False),
    )

    def notes(self, table: Table, options: Options) -> list[str]:
        """What the person who matches the columns should know of this table."""
        wide = period_columns(table, options)
        if not wide:
            return []
        named = ", ".join(wide[:30])
        return [_("Sin columna de valor, cada columna que nombra un periodo trae los valores de él: %(columns)s.", columns=named)]

    def reshape(self, table: Table, options: Options) -> tuple[Table, Options]:
        return reshape(table, options)

    def understand(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """Which indicator, unit and period each row is of; names are settled for the whole list at once."""
        known, today = indicators(session), clock.today(setting(session, "time_zone"))
        named = Names((one, one.code, (one.name_es, one.name_fr, one.name_en)) for one in known)
        books: dict[LevelRole, _Book] = {}
        told: list[tuple[Row, Indicator, _Book]] = []
        for row in rows:
            indicator = _named(named, row)
            if row.values["value"] is None and not row.problems:
                row.left_out = _("No trae dato.")
            elif indicator is not None:
                book = books.get(indicator.role) or books.setdefault(indicator.role, _Book(session, indicator.role, context.options.source))
                told.append((row, indicator, book))
        for role, book in books.items():
            book.settle(row for row, indicator, _book in told if indicator.role is role)
        for row, indicator, book in told:
            place, period = book.place(row), _period(row, indicator, today)
            if place is not None and period is not None and not row.problems and not row.left_out:
                said = row.values
                row.draft = Draft(indicator, place, period, said["value"], said["numerator"], said["denominator"])
                row.key = f"{indicator.code}:{place.code}:{periods.code(indicator.frequency, period)}"
                if said["parts"] and said["parts"] > 1:
                    row.repairs.append(str(REPAIRS["sum"]) % {"parts": f"{said['parts']:,}"})
        if context.options.constants.get("together") == TOGETHER:
            _join(rows)
        self._compare_with_kept(session, [row for row in rows if isinstance(row.draft, Draft) and not row.left_out])

    def compare(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """A later file may always say another figure."""

    def write(self, session: Session, rows: Sequence[Row], *, capacity: Capacity, context: Context) -> Mapping[str, int]:
        new = [row for row in rows if row.outcome is Outcome.NEW]
        columns = [
            {
                "indicator_id": row.draft.indicator.id, "unit_id": row.draft.place.id, "starts_on": row.draft.period.starts_on,
                "origin": context.origin, **row.draft.columns,
            }
            for row in new
        ]
        changed = {
            row.object_id: {**row.draft.columns, "origin": context.origin} for row in rows if row.outcome is Outcome.CHANGED
        }
        for row, value_id in zip(new, services.keep_values(session, columns, changed), strict=True):
            row.object_id = value_id
        counts: dict[str, int] = {}
        for row in rows:
            name = f"indicator {row.draft.indicator.code}"
            counts[name] = counts.get(name, 0) + 1
        return counts

    @staticmethod
    def questions(rows: Sequence[Row]) -> list[Question]:
        """The names to be settled by a person, in the order of the file, each once."""
        return list({(row.draft.name, row.draft.context): row.draft for row in rows if isinstance(row.draft, Question)}.values())

    @staticmethod
    def _compare_with_kept(session: Session, rows: Sequence[Row]) -> None:
        """Find the values that are here already; a query per 500 units."""
        unit_ids = sorted({row.draft.place.id for row in rows})
        wanted = {row.draft.indicator.id for row in rows}
        days = [row.draft.period.starts_on for row in rows]
        kept: dict[tuple, IndicatorValue] = {}
        for start in range(0, len(unit_ids), AT_ONCE):
            for value in session.scalars(
                select(IndicatorValue).where(
                    IndicatorValue.unit_id.in_(unit_ids[start : start + AT_ONCE]), IndicatorValue.indicator_id.in_(wanted),
                    IndicatorValue.starts_on.between(min(days), max(days)),
                )
            ):
                kept[value.indicator_id, value.unit_id, value.starts_on] = value
        for row in rows:
            draft = row.draft
            row.content = [draft.value, draft.numerator, draft.denominator, str(draft.period)]
            present = kept.get((draft.indicator.id, draft.place.id, draft.period.starts_on))
            if present is not None:
                row.object_id = present.id
                row.same = [present.value, present.numerator, present.denominator] == row.content[:3]


class _Book:
    """The units of one level, by code and by name, and what was decided of this source's names before."""

    def __init__(self, session: Session, role: LevelRole, source: str):
        self._level = local_name(session.scalars(select(Level).where(Level.role == role)).one())
        places = list(_places(session, role))
        self._by_code = {place.code.lower(): place for place in places}
        self._by_id = {place.id: place for place in places}
        self._gazetteer = Gazetteer(places)
        self._elsewhere = {code for code, in session.execute(select(TerritorialUnit.code_key))} - self._by_code.keys()
        self._decided = {
            (context, name): unit_id
            for context, name, unit_id in session.execute(
                select(NameDecision.context, NameDecision.name, NameDecision.unit_id).where(NameDecision.source == source)
            )
        }
        self._matches: Mapping = {}

    def settle(self, rows: Iterable[Row]) -> None:
        """Match all names of the list together: one may be claimed by another."""
        self._matches = self._gazetteer.settle(
            (row.values["name"], context_of(row)) for row in rows
            if row.values["name"] and not row.values["unit"] and self._is_here(context_of(row))
        )

    def place(self, row: Row) -> Place | None:
        """The unit of a row; None with why in the row."""
        said, context = row.values, context_of(row)
        if said["unit"]:
            return self._of_code(row, said["unit"], context)
        if not said["name"]:
            _refuse(row, "no_unit", "unit")
            return None
        name = fold(said["name"])[:200]
        decided = next((one for one in ((context, name), ("", name)) if one in self._decided), None)
        if decided is not None:
            place = self._by_id.get(self._decided[decided])
            if place is None:
                row.left_out = _("Se decidió que «%(said)s» no es ninguna unidad de aquí.", said=shortened(said["name"]))
            return place
        if not self._is_here(context):
            row.left_out = _("Es de «%(context)s», que no está aquí.", context=shortened(said["context"]))
            return None
        match = self._matches[said["name"], context]
        if match.place is not None:
            if match.candidates[0].score < 1:
                row.repairs.append(str(REPAIRS["read_as"]) % {"said": shortened(said["name"]), "unit": _shown(match.place)})
            return match.place
        row.draft = Question(said["name"], context, match.candidates)
        row.candidates += [_shown(one.place) for one in match.candidates] or [_("ninguna parecida")]
        _refuse(row, "name_asked", "name", said=shortened(said["name"]))
        return None

    def _of_code(self, row: Row, code: str, context: str) -> Place | None:
        place = self._by_code.get(code.strip().lower())
        if place is None:
            if not self._is_here(context):
                row.left_out = _("Es de «%(context)s», que no está aquí.", context=shortened(row.values["context"]))
            elif code.strip().lower() in self._elsewhere:
                _refuse(row, "other_level", "unit", said=shortened(code), level=self._level)
            else:
                _refuse(row, "unknown_key", "unit", said=shortened(code))
            return None
        if context and context not in place.contexts:
            _refuse(row, "key_elsewhere", "unit", said=shortened(code), context=shortened(row.values["context"]))
            return None
        return place

    def _is_here(self, context: str) -> bool:
        return not context or context in self._gazetteer.contexts


def context_of(row: Row) -> str:
    """The borough a row names, folded, without the word for what it is."""
    return plain_context(row.values["context"] or "")


def plain_context(text: str) -> str:
    told = [word for word in fold(text).split() if word not in _CONTEXT_WORDS]
    return " ".join(told)[:200]


def _places(session: Session, role: LevelRole) -> Iterable[Place]:
    """The units of a level, with what each lies in; two queries."""
    unit, above, level = TerritorialUnit, aliased(TerritorialUnit), aliased(Level)
    contexts: dict[int, set[str]] = {}
    for unit_id, code, name in session.execute(
        select(Ancestry.unit_id, above.code, above.name)
        .join(above, above.id == Ancestry.ancestor_id)
        .join(level, level.id == above.level_id)
        .join(unit, unit.id == Ancestry.unit_id).join(Level, Level.id == unit.level_id)
        .where(Level.role == role, Ancestry.depth > 0, level.role.in_((LevelRole.ROOT, LevelRole.OFFICE, LevelRole.TERRITORY)))
    ):
        contexts.setdefault(unit_id, set()).update((plain_context(name), fold(code)))
    for unit_id, code, name, kind in session.execute(
        select(unit.id, unit.code, unit.name, unit.kind).join(Level, Level.id == unit.level_id)
        .where(Level.role == role, unit.valid_to.is_(None)).order_by(unit.id)
    ):
        yield Place(unit_id, code, name, frozenset(contexts.get(unit_id, ())), kind)


def _named(named: Names[Indicator], row: Row) -> Indicator | None:
    found = named.find(row.values["indicator"])
    if len(found) == 1:
        return found[0]
    _refuse(row, "unknown_indicator", "indicator", said=shortened(row.values["indicator"]))
    return None


def _period(row: Row, indicator: Indicator, today: date) -> Period | None:
    said = row.values
    text = said["period"] or ""
    if not text and said["year"]:
        part = f"-T{said['quarter']}" if said["quarter"] else f"-{said['month']:02d}" if said["month"] else ""
        text = f"{said['year']}{part}"
    if not text:
        _refuse(row, "no_period", "period")
        return None
    found = periods.read(text)
    if found is None:
        _refuse(row, "bad_period", "period", said=shortened(text))
        return None
    frequency, period = found
    if frequency is not indicator.frequency:
        _refuse(row, "other_frequency", "period", said=shortened(text), frequency=label(indicator.frequency).lower())
        return None
    if period.starts_on > today:
        # It would come into view on a day when nothing else changes, and what is kept of the map would not show it.
        _refuse(row, "to_come", "period", said=shortened(text))
        return None
    return period


def _join(rows: Sequence[Row]) -> None:
    """Rows of one unit and period under several names become one: where each is a part, all of them add up."""
    first: dict[str, Row] = {}
    joined: dict[str, list[int]] = {}
    for row in rows:
        if row.draft is None or not row.key:
            continue
        whole = first.setdefault(row.key, row)
        if whole is row:
            continue
        one, other = whole.draft, row.draft
        whole.draft = Draft(one.indicator, one.place, one.period, one.value + other.value, None, None)
        joined.setdefault(row.key, []).append(row.number)
        row.left_out = _("Se suma con el renglón %(row)s.", row=whole.number)
    for key, numbers in joined.items():
        shown = ", ".join(map(str, numbers[:10]))
        first[key].repairs.append(str(REPAIRS["joined"]) % {"rows": shown})


def _shown(place: Place) -> str:
    return f"{place.code} ({place.name})"


def _refuse(row: Row, code: str, field: str, /, **figures: object) -> None:
    row.problems.append(Problem(code, SENTENCES[code], figures, field))


INDICATORS = IndicatorValues()
