"""One item in the palm of a hand: its notes, its problems, its decision, the agreements born from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import Session

from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Misfit, Refused
from app.core.forms import choices_of
from app.core.i18n import _
from app.core.labels import label, local_name
from app.core.permissions import Permission
from app.core.transaction import read_session
from assemblies.meetings.hold import deliberation, follow_up, queries, services
from assemblies.meetings.hold.forms import (
    Act,
    AgreementForm,
    CountersignForm,
    DecisionForm,
    MethodForm,
    NotesForm,
    ProblemForm,
    ReopenForm,
    UnfulfilledForm,
)
from assemblies.meetings.hold.sending import look, send
from models import Assembly, Item, Theme
from models.assembly import ItemState, ItemType, Method, Outcome
from models.territory import TerritorialUnit
from territories.units.queries import territory_of

blueprint = Blueprint(
    "item", __name__, template_folder="templates", url_prefix="/work/assemblies/<folio>/hold/items/<int:position>"
)
HOLD = requires(Permission.ASSEMBLY_HOLD)


@dataclass(frozen=True)
class Choices:
    """What the selects of an item's forms offer."""

    themes: list[tuple[int, str]]
    places: list[tuple[int, str]]
    bodies: list[tuple[int, str]]
    collective_id: int | None

    @classmethod
    def of(cls, session: Session, assembly: Assembly) -> Choices:
        collective = queries.collective_of(session, territory_of(session, assembly.unit))
        return cls(
            [(theme.id, local_name(theme)) for theme in queries.themes(session)],
            [(unit.id, f"{unit.name} ({unit.code})") for unit in queries.places(session, assembly)],
            [(body.id, f"{body.name} · {label(body.level)}") for body in queries.bodies(session)],
            collective.id if collective else None,
        )

    def into(self, form: ProblemForm | AgreementForm) -> None:
        form.theme_id.choices = choices_of([("", _("Elija un tema")), *self.themes])
        form.unit_id.choices = choices_of(self.places)
        if isinstance(form, AgreementForm):
            form.owner_id.choices = choices_of([("", _("Elija quién")), *self.bodies])
            form.counterpart_id.choices = choices_of([("", _("Elija quién")), *self.bodies])


def _item(session: Session, assembly: Assembly, position: int) -> Item:
    return queries.item_at(session, assembly.id, position) or abort(404)


@blueprint.get("")
@HOLD
def page(folio: str, position: int):
    return _page(folio, position)


def _page(folio: str, position: int, **sent_back: Act):
    """The item's page; ``sent_back`` are forms shown again with what was typed."""
    rows = read_session()
    assembly = look(folio)
    item = _item(rows, assembly, position)
    choices = Choices.of(rows, assembly)
    count = queries.count_of(rows, assembly.id)
    forms: dict[str, Any] = {
        "notes": NotesForm.fresh(notes=item.notes, version=str(item.version)), "method": MethodForm.fresh(),
        "problem": _blank(ProblemForm, choices), "reopen": ReopenForm.fresh(),
        "decision": DecisionForm.fresh(present=count.people),
        "agreement": _blank(AgreementForm, choices, counterpart_id=choices.collective_id),
        **sent_back,
    }
    wrong = next(iter(sent_back.values()), None)
    decision = queries.decision_of(rows, item.id)
    html = render_template(
        "hold/item.html", assembly=assembly, item=item, count=count, decision=decision, plain=Act(), sent=request.args.get("sent"),
        problems=queries.problems_of(rows, item.id), agreements=queries.agreements_of(rows, item.id),
        quorum=queries.quorum_in_force(rows, assembly), vote=item.method is Method.VOTE, is_open=item.state is ItemState.OPEN,
        decides=item.method is not None and item.type is not ItemType.FOLLOW_UP, needs_method=services.NEEDS_METHOD,
        adopted=decision is not None and decision.outcome is Outcome.ADOPTED, forms=forms, wrong=wrong,
        dockets=[
            (docket, CountersignForm.about_one(docket.agreement.folio, wrong), UnfulfilledForm.about_one(docket.agreement.folio, wrong))
            for docket in (follow_up.dockets(rows, assembly) if item.type is ItemType.FOLLOW_UP else [])
        ],
    )
    return html, 422 if sent_back else 200


def _blank(kind: type[ProblemForm] | type[AgreementForm], choices: Choices, **defaults):
    form = kind.fresh(**defaults)
    choices.into(form)
    return form


def _deed(folio: str, position: int, form: Act, deed: Callable[[Session, Assembly, Item], Any], *, anchor: str, name: str = ""):
    """Send ``deed``; what the domain refuses comes back on the page with the form as it was typed."""

    def on_item(session: Session, assembly: Assembly) -> None:
        deed(session, assembly, _item(session, assembly, position))

    try:
        return send(folio, form, on_item, to=lambda: url_for("item.page", folio=folio, position=position, _anchor=anchor))
    except Misfit as no:
        form[no.field].errors = [no.sentence]
        return _page(folio, position, **{name: form})
    except Refused as no:
        if not name:
            raise
        visible = next(field for field in form if field.type != "HiddenField")
        visible.errors = [no.sentence]
        return _page(folio, position, **{name: form})


@blueprint.post("/open")
@HOLD
def open_item(folio: str, position: int):
    form = Act.read()
    return _deed(
        folio, position, form, anchor="main",
        deed=lambda session, assembly, item: services.open_item(
            session, actor=current_actor(), assembly=assembly, item=item, occurred_at=form.moment
        ),
    )


@blueprint.post("/close")
@HOLD
def close_item(folio: str, position: int):
    form = Act.read()

    def deed(session: Session, assembly: Assembly) -> None:
        item = _item(session, assembly, position)
        services.close_item(session, actor=current_actor(), assembly=assembly, item=item, occurred_at=form.moment)

    return send(folio, form, deed, to=lambda: url_for("hold.session", folio=folio, _anchor="items"))


@blueprint.post("/method")
@HOLD
def fix_method(folio: str, position: int):
    form = MethodForm.read()
    if not form.validate():
        return _page(folio, position, method=form)
    return _deed(
        folio, position, form, anchor="main", name="method",
        deed=lambda session, assembly, item: services.fix_method(
            session, actor=current_actor(), assembly=assembly, item=item, method=Method(form.method.data)
        ),
    )


@blueprint.post("/notes")
@requires(Permission.ASSEMBLY_HOLD, Permission.MINUTES_SEAL)
def keep_notes(folio: str, position: int):
    form = NotesForm.read()
    if not form.validate():
        return _page(folio, position, notes=form)
    back = url_for("item.page", folio=folio, position=position, dropped=form.client_id.data, _anchor="notes")
    return _deed(
        folio, position, form, anchor="notes", name="notes",
        deed=lambda session, assembly, item: services.keep_notes(
            session, actor=current_actor(), assembly=assembly, item=item, notes=form.notes.data or "", seen=form.seen, back=back
        ),
    )


@blueprint.post("/problems")
@HOLD
def raise_problem(folio: str, position: int):
    form = ProblemForm.read()
    Choices.of(read_session(), look(folio)).into(form)
    if not form.validate():
        return _page(folio, position, problem=form)
    return _deed(
        folio, position, form, anchor="problems", name="problem",
        deed=lambda session, assembly, item: deliberation.raise_problem(
            session, actor=current_actor(), assembly=assembly, item=item, text=form.text.data,
            theme=session.get_one(Theme, form.theme_id.data), unit=session.get_one(TerritorialUnit, form.unit_id.data),
            occurred_at=form.moment,
        ),
    )


@blueprint.post("/decision")
@HOLD
def decide(folio: str, position: int):
    form = DecisionForm.read()
    if not form.validate():
        return _page(folio, position, decision=form)
    show = deliberation.Show(form.present.data, form.in_favour.data or 0, form.against.data or 0, form.abstaining.data or 0)
    return _deed(
        folio, position, form, anchor="decision", name="decision",
        deed=lambda session, assembly, item: deliberation.decide(
            session, actor=current_actor(), assembly=assembly, item=item, outcome=Outcome(form.outcome.data), text=form.text.data,
            show=show, objections=form.objections.data or "", occurred_at=form.moment,
        ),
    )


@blueprint.post("/agreements")
@HOLD
def agree(folio: str, position: int):
    form = AgreementForm.read()
    Choices.of(read_session(), look(folio)).into(form)
    if not form.validate():
        return _page(folio, position, agreement=form)
    return _deed(
        folio, position, form, anchor="agreements", name="agreement",
        deed=lambda session, assembly, item: deliberation.agree(
            session, actor=current_actor(), assembly=assembly, item=item, text=form.text.data, theme_id=form.theme_id.data,
            owner_id=form.owner_id.data, counterpart_id=form.counterpart_id.data, due=form.due.data, unit_id=form.unit_id.data,
            place=form.place.data or "", occurred_at=form.moment,
        ),
    )


@blueprint.post("/agreements/<agreement_folio>/done")
@HOLD
def decide_done(folio: str, position: int, agreement_folio: str):
    form = Act.read()
    return _deed(
        folio, position, form, anchor=agreement_folio,
        deed=lambda session, assembly, item: follow_up.decide_done(
            session, actor=current_actor(), assembly=assembly, item=item, agreement_folio=agreement_folio, occurred_at=form.moment
        ),
    )


@blueprint.post("/agreements/<agreement_folio>/countersign")
@HOLD
def countersign(folio: str, position: int, agreement_folio: str):
    form = CountersignForm.read()
    if not form.validate():
        return _page(folio, position, countersign=form)
    try:
        return send(
            folio, form, to=lambda: url_for("item.page", folio=folio, position=position, _anchor=agreement_folio),
            deed=lambda session, assembly: follow_up.countersign(
                session, actor=current_actor(), assembly=assembly, agreement_folio=agreement_folio, code=form.code.data,
                occurred_at=form.moment,
            ),
        )
    except Refused as no:
        form.code.errors = [no.sentence]
        return _page(folio, position, countersign=form)


@blueprint.post("/agreements/<agreement_folio>/not-done")
@HOLD
def not_done(folio: str, position: int, agreement_folio: str):
    form = UnfulfilledForm.read()
    if not form.validate():
        return _page(folio, position, unfulfilled=form)
    return _deed(
        folio, position, form, anchor=agreement_folio, name="unfulfilled",
        deed=lambda session, assembly, item: follow_up.not_done(
            session, actor=current_actor(), assembly=assembly, item=item, agreement_folio=agreement_folio, reason=form.reason.data,
            occurred_at=form.moment,
        ),
    )


@blueprint.post("/reopen")
@HOLD
def reopen(folio: str, position: int):
    form = ReopenForm.read()
    if not form.validate():
        return _page(folio, position, reopen=form)
    return _deed(
        folio, position, form, anchor="reopen", name="reopen",
        deed=lambda session, assembly, item: follow_up.reopen(
            session, actor=current_actor(), assembly=assembly, item=item, folio=form.folio.data, reason=form.reason.data,
            occurred_at=form.moment,
        ),
    )
