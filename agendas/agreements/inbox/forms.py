"""What whoever owes an agreement writes: one small form per move."""

from __future__ import annotations

from wtforms import DateField, FileField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from agendas.agreements.facts import Facts
from app.core.forms import Versioned
from app.core.i18n import lazy
from models.agreement import Move

REASON_LIMIT = Length(max=4000, message=lazy("Use menos de 4,000 letras."))


class MoveForm(Versioned):
    """Every move's form; a field that a move lacks is simply not there."""

    def facts(self) -> Facts:
        def of(name: str):
            return self[name].data if name in self else None

        return Facts(
            reason=of("reason") or "", due=of("due"), review_on=of("review_on"), owner_id=of("owner"),
            ground=of("ground") or "",
        )


def _reason(label, ask) -> TextAreaField:
    return TextAreaField(label, [DataRequired(ask), REASON_LIMIT])


class AcceptForm(MoveForm):
    pass


class DeclineForm(MoveForm):
    reason = _reason(lazy("¿Por qué no le toca a su instancia?"), lazy("Diga por qué."))


class PlanForm(MoveForm):
    due = DateField(lazy("Fecha nueva"), [DataRequired(lazy("Escriba la fecha nueva."))])
    reason = _reason(lazy("¿Por qué cambia?"), lazy("Diga por qué cambia la fecha."))


class ProgressForm(MoveForm):
    reason = _reason(lazy("¿Qué se hizo y qué falta?"), lazy("Diga qué se hizo."))
    photo = FileField(lazy("Foto o documento PDF"))


class ReportForm(MoveForm):
    reason = _reason(lazy("¿Qué se hizo?"), lazy("Diga qué se hizo."))
    photo = FileField(lazy("Foto o documento PDF"))


class HandOverForm(MoveForm):
    owner = SelectField(
        lazy("Instancia que lo recibe"), [DataRequired(lazy("Elija quién lo recibe."))], coerce=lambda value: int(value or 0)
    )
    reason = _reason(lazy("¿Por qué le toca a esa instancia?"), lazy("Diga por qué."))


class HoldForm(MoveForm):
    reason = _reason(lazy("¿Qué lo detiene?"), lazy("Diga qué lo detiene."))
    review_on = DateField(lazy("¿Cuándo se revisa?"), [DataRequired(lazy("Escriba cuándo se revisa."))])


class ResumeForm(MoveForm):
    reason = _reason(lazy("¿Qué cambió?"), lazy("Diga qué cambió."))


class CancelForm(MoveForm):
    ground = StringField(
        lazy("Folio de la asamblea que lo decidió, o del acuerdo que ya dice lo mismo"),
        [DataRequired(lazy("Escriba el folio.")), Length(max=40)],
    )
    reason = _reason(lazy("¿Por qué se cancela?"), lazy("Diga por qué se cancela."))


FORMS = {
    Move.ACCEPT: AcceptForm,
    Move.DECLINE: DeclineForm,
    Move.PLAN: PlanForm,
    Move.PROGRESS: ProgressForm,
    Move.REPORT_DONE: ReportForm,
    Move.HAND_OVER: HandOverForm,
    Move.HOLD: HoldForm,
    Move.RESUME: ResumeForm,
    Move.CANCEL: CancelForm,
}
# The move's address: ``report-done``.
SLUGS = {str(move).replace("_", "-"): move for move in FORMS}
