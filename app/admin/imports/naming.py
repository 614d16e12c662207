"""Names of a table that nobody could tell without asking: settled on a page, remembered for the next file of the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from wtforms import RadioField, StringField
from wtforms.validators import Length, Optional

from app.admin.imports import services
from app.core.actors import Actor
from app.core.errors import Misfit
from app.core.forms import Versioned, choices_of
from app.core.i18n import _, lazy
from models.intake import ImportRun
from territories.indicators.intake.settling import UnknownCode, settled
from territories.indicators.services import settle_names

# On one page; the rest come once these are settled.
AT_ONCE = 40
NONE, OTHER, LATER = "none", "other", ""


@dataclass(frozen=True)
class Asked:
    """One question with its two fields."""

    name: str
    context: str
    choice: RadioField
    code: StringField


class NamesForm(Versioned):
    """A choice for each name, and a code for what is not among the candidates."""

    questions: Sequence[Mapping[str, Any]]

    def asked(self) -> list[Asked]:
        return [
            Asked(one["name"], one["context"], self[f"choice-{number}"], self[f"code-{number}"])
            for number, one in enumerate(self.questions)
        ]

    def validate(self, extra_validators=None) -> bool:
        sound = super().validate(extra_validators)
        for one in self.asked():
            if one.choice.data == OTHER and not (one.code.data or "").strip():
                one.code.errors = [_("Escriba la clave de la unidad.")]
                sound = False
        if sound and request.method == "POST" and not any(one.choice.data for one in self.asked()):
            self.asked()[0].choice.errors = [_("Decida al menos un nombre.")]
            sound = False
        return sound

    def refuse_code(self, code: str, sentence: str) -> None:
        """Say beside the field where ``code`` was written why it is none."""
        for one in self.asked():
            if one.choice.data == OTHER and (one.code.data or "").strip() == code:
                one.code.errors = [sentence]

    def answers(self) -> list[tuple[str, str, str]]:
        """(name, context, code or "" for none of ours) of those that were decided."""
        codes = {NONE: lambda _one: "", OTHER: lambda one: one.code.data.strip()}
        return [
            (one.name, one.context, codes.get(one.choice.data, lambda one: one.choice.data)(one))
            for one in self.asked() if one.choice.data
        ]


def form_of(run: ImportRun) -> NamesForm:
    """The form for the first questions of a run."""
    questions = run.plan["facts"]["questions"][:AT_ONCE]
    fields: dict[str, Any] = {"questions": questions}
    for number, one in enumerate(questions):
        fields[f"choice-{number}"] = RadioField(one["name"], [Optional()], default=LATER, choices=choices_of([
            *((code, _("%(name)s (%(code)s), parecido %(score)s %%", name=name, code=code, score=round(score * 100)))
              for code, name, score in one["candidates"]),
            (OTHER, _("Otra: escribo su clave")), (NONE, _("Ninguna: se deja fuera")), (LATER, _("Todavía no lo decido")),
        ]))  # fmt: skip
        fields[f"code-{number}"] = StringField(lazy("Clave de la unidad"), [Optional(), Length(max=32)])
    return type("NamesForm", (NamesForm,), fields).read(version=run.version)


def settle(
    session: Session, *, actor: Actor, run_id: int, seen: int | None, answers: Sequence[tuple[str, str, str]], back: str
) -> ImportRun:
    """Remember the decisions for this source and have the plan made again. Raises Denied, StaleVersion, Refused, Misfit."""
    run, capacity = services.again_planned(session, actor=actor, run_id=run_id, seen=seen, back=back)
    source = run.plan["facts"]["source"]
    try:
        decisions = [settled(session, name, context, code) for name, context, code in answers]
    except UnknownCode as wrong:
        raise Misfit(wrong.code, str(wrong)) from wrong
    settle_names(session, capacity=capacity, source=source, decisions=decisions)
    return run
