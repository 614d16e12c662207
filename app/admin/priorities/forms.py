"""What is asked of a selection, read from the address, and the name it is saved under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isfinite

from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.admin.fields import Asked, code_field, names_of
from app.core.i18n import _, lazy
from models import Indicator
from models.indicator import Direction
from models.priority import Scale, WhenMissing
from models.territory import LevelRole
from territories.indicators.queries import roles_of
from territories.priorities.ranking import Condition, Criterion, Recipe

HEAVIEST = 100.0
USUAL = 22
MORE, LESS = "more", "less"


@dataclass(frozen=True)
class Line:
    """One indicator as the form shows it: what was typed, and which way need goes."""

    indicator: Indicator
    weight: str
    need: str
    at_least: str
    at_most: str


@dataclass
class Question:
    """What the address asks. ``recipe`` is None while no indicator has a weight or something is wrong; ``errors`` has a
    sentence by the id of its field."""

    role: LevelRole
    on: date
    wanted: str
    scale: Scale
    missing: WhenMissing
    lines: list[Line]
    errors: dict[str, str] = field(default_factory=dict)
    recipe: Recipe | None = None

    @property
    def used(self) -> list[Indicator]:
        """The indicators that the recipe needs, each once."""
        codes = [one.code for one in (*self.recipe.criteria, *self.recipe.conditions)] if self.recipe else []
        return [line.indicator for line in self.lines if line.indicator.code in codes]


def read(args: Mapping[str, str], known: Sequence[Indicator], roles: Sequence[LevelRole], today: date) -> Question:
    """The question of an address; what cannot be read gets a sentence, nothing is guessed."""
    errors: dict[str, str] = {}

    def one_of(kind, key: str, usual):
        try:
            return kind(args.get(key) or usual)
        except ValueError:
            errors[key] = _("Elija una de las opciones.")
            return usual

    role = one_of(LevelRole, "level", LevelRole.TERRITORY if LevelRole.TERRITORY in roles or not roles else roles[0])
    if roles and role not in roles:
        errors["level"] = _("Elija una de las opciones.")
    try:
        on = date.fromisoformat(args.get("on") or today.isoformat())
    except ValueError:
        errors["on"], on = _("Escriba la fecha completa: día, mes y año."), today
    question = Question(
        role, on, (args.get("wanted") or str(USUAL))[:6], one_of(Scale, "scale", Scale.RANK),
        one_of(WhenMissing, "missing", WhenMissing.LEAVE_OUT), [_line(args, one) for one in known if role in roles_of(one)], errors,
    )
    question.recipe = _recipe(question)
    return question


def _line(args: Mapping[str, str], indicator: Indicator) -> Line:
    usual = LESS if indicator.direction is Direction.HIGHER else MORE
    need = args.get(f"need-{indicator.code}")
    return Line(
        indicator, *(args.get(f"{what}-{indicator.code}", "").strip()[:20] if what != "need" else need if need in (MORE, LESS) else usual
                     for what in ("weight", "need", "least", "most")),
    )


def _recipe(question: Question) -> Recipe | None:
    errors, criteria, conditions = question.errors, [], []

    def number(line: Line, what: str, said: str) -> float | None:
        if not said:
            return None
        try:
            value = float(said.replace(",", "."))
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            errors[f"{what}-{line.indicator.code}"] = _("Escriba un número, por ejemplo 2.5.")
            return None
        return value

    for line in question.lines:
        code, weight = line.indicator.code, number(line, "weight", line.weight)
        if weight is not None and not 0 <= weight <= HEAVIEST:
            errors[f"weight-{code}"] = _("El peso va de 0 a 100.")
        elif weight:
            criteria.append(Criterion(code, weight, line.need == MORE))
        least, most = number(line, "least", line.at_least), number(line, "most", line.at_most)
        if least is not None and most is not None and least > most:
            errors[f"least-{code}"] = _("El mínimo no puede ser mayor que el máximo.")
        elif least is not None or most is not None:
            conditions.append(Condition(code, least, most))
    if not (question.wanted.isdigit() and int(question.wanted) > 0):
        errors["wanted"] = _("Escriba cuántas unidades se eligen: un número desde 1.")
    if errors or not criteria:
        return None
    return Recipe(tuple(criteria), int(question.wanted), question.scale, question.missing, tuple(conditions))


def address(question: Question) -> dict[str, str]:
    """The question as arguments of an address; what goes without saying is not said."""
    found = {"level": str(question.role), "on": question.on.isoformat(), "wanted": question.wanted}
    if question.scale is not Scale.RANK:
        found["scale"] = str(question.scale)
    if question.missing is not WhenMissing.LEAVE_OUT:
        found["missing"] = str(question.missing)
    return found | dict(_said(question.lines))


def _said(lines: Iterable[Line]) -> Iterable[tuple[str, str]]:
    for line in lines:
        usual = LESS if line.indicator.direction is Direction.HIGHER else MORE
        for what, said, unsaid in (
            ("weight", line.weight, ""), ("need", line.need, usual), ("least", line.at_least, ""), ("most", line.at_most, ""),
        ):
            if said != unsaid:
                yield f"{what}-{line.indicator.code}", said


class SaveForm(Asked, names_of(120)):
    """``seen``: the digest of the list that was looked at."""

    slug = code_field(lazy("Clave para su dirección"))
    reason = TextAreaField(
        lazy("¿Por qué se eligió así?"), [DataRequired(lazy("Escriba por qué: quien lea la lista lo va a preguntar.")),
        Length(max=4000, message=lazy("Use menos de 4,000 letras."))], filters=[lambda text: (text or "").strip()],
    )
    seen = HiddenField()


class RetireForm(Asked):
    reason = TextAreaField(
        lazy("¿Por qué se retira?"), [DataRequired(lazy("Escriba por qué se retira.")),
        Length(max=1000, message=lazy("Use menos de 1,000 letras."))], filters=[lambda text: (text or "").strip()],
    )
