"""Where the planning processes stand, and the phases of the programme."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Flask, abort, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.fields import Asked
from app.admin.sending import answer
from app.admin.stages import queries
from app.admin.stages.forms import CorrectionForm, NewPhaseForm, PhaseForm, StepForm
from app.core import navigation, versions
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Field
from app.core.formatters import day, short_day
from app.core.i18n import _, lazy
from app.core.labels import label, local_name
from app.core.listing import Choice, Column, Listing, Sort, Text, respond
from app.core.permissions import Permission, Thing, authorise, can
from app.core.search import fold, words_match
from app.core.transaction import read_session
from models import Phase, PhaseUnit, PrioritySelection, ProcessStep, TerritorialUnit
from models.process import ProcessStage
from models.territory import UNIT_CODE, LevelRole, path_of
from territories.priorities.queries import chosen_ids, selections_of, usable
from territories.processes import services
from territories.processes.queries import phases, phases_of, stage_counts, steps_of
from territories.units.queries import Place, find_place

blueprint = Blueprint("stages", __name__, template_folder="templates")
RECORDS = requires(Permission.STAGE_RECORD)
PLANS = requires(Permission.PHASE_EDIT)
NOT_BEGUN = "none"


def init_stages(app: Flask) -> None:
    navigation.offer(app, "stages.index", lazy("Etapas y fases"), Permission.STAGE_RECORD, order=70, within=Permission.ADMIN_SEE)


@blueprint.get("/admin/stages")
@RECORDS
def index():
    session = read_session()
    return respond(
        "stages/index.html", _listing(session), queries.board(), counts=stage_counts(session), stages=list(ProcessStage),
        not_begun=NOT_BEGUN, may_plan=can(current_actor(), Permission.PHASE_EDIT, Thing(path=frozenset())),
    )


def _listing(session: Session) -> Listing:
    known = phases(session)
    standing = queries.board().selected_columns
    return Listing(
        name="etapas", title=_("Procesos de planeación"), sort="name", tie=TerritorialUnit.id,
        columns=(
            Column(
                "name", _("Territorio"), lambda row: row.name, sort=Sort(TerritorialUnit.search_name),
                link=lambda row: url_for("stages.process", code=row.code),
            ),
            Column("code", _("Clave"), lambda row: row.code, on=frozenset({"file"})),
            Column("office", _("Dirección territorial"), lambda row: row.office),
            Column(
                "stage", _("Etapa"), lambda row: row.stage, sort=Sort(standing["rank"], int, descending=True),
                show=lambda row: label(row.stage) if row.stage else _("Sin empezar"),
            ),
            Column("since", _("Desde"), lambda row: row.since, sort=Sort(standing["since"], date, nullable=True)),
        ),
        filters=(
            Text("q", _("Nombre o clave"), lambda query, said: query.where(words_match(TerritorialUnit.search_name, fold(said).split()))),
            Choice(
                "stage", _("Etapa"),
                {NOT_BEGUN: _("Sin empezar"), **{str(stage): label(stage) for stage in ProcessStage}}, _at_stage,
            ),
            Choice("phase", _("Fase"), {phase.code: local_name(phase) for phase, _units in known}, _in_phase),
        ),
        empty=_("No hay territorios con esos filtros."),
    )


def _at_stage(query, value: str):
    stage = query.selected_columns["stage"]
    return query.where(stage.is_(None) if value == NOT_BEGUN else stage == ProcessStage(value))


def _in_phase(query, code: str):
    chosen = select(PhaseUnit.unit_id).join(Phase, Phase.id == PhaseUnit.phase_id).where(Phase.code == code)
    return query.where(TerritorialUnit.id.in_(chosen))


@blueprint.route("/admin/stages/<code>", methods=["GET", "POST"])
@RECORDS
def process(code: str):
    place, session, actor = _place_or_404(code), read_session(), current_actor()
    steps = steps_of(session, place.unit.id)
    form = StepForm.read()
    form.offer([stage for stage in ProcessStage if stage not in {step.stage for step in steps}])

    entered = phases_of(session, place.unit.id)

    def show() -> str:
        return render_template(
            "stages/process.html", place=place, steps={step.stage: step for step in steps}, stages=list(ProcessStage), form=form,
            phases=entered, selections=selections_of(session, entered), allowed=_may(actor, session, place.unit),
        )

    if request.method == "GET":
        return show()
    authorise(actor, Permission.STAGE_RECORD, _thing(session, place.unit))

    def act(writing: Session) -> str:
        services.record_step(
            writing, actor=actor, unit=writing.get_one(TerritorialUnit, place.unit.id), stage=ProcessStage(form.stage.data),
            reached_on=form.reached_on.data,
        )
        return url_for(".process", code=place.unit.code)

    return answer(form, act=act, show=show)


@blueprint.route("/admin/stages/<code>/<stage>", methods=["GET", "POST"])
@RECORDS
def correct(code: str, stage: str):
    place, step, actor = *_step_or_404(code, stage), current_actor()
    form = CorrectionForm.read(obj=step)

    def act(session: Session) -> str:
        locked = _locked(session, step, form, url_for(".correct", code=place.unit.code, stage=stage))
        services.correct_step(
            session, actor=actor, unit=session.get_one(TerritorialUnit, place.unit.id), step=locked, reached_on=form.reached_on.data
        )
        return url_for(".process", code=place.unit.code)

    def show() -> str:
        return render_template("stages/step.html", place=place, step=step, form=form)

    return show() if request.method == "GET" else answer(form, act=act, show=show)


@blueprint.route("/admin/stages/<code>/<stage>/withdraw", methods=["GET", "POST"])
@RECORDS
def withdraw(code: str, stage: str):
    place, step, actor = *_step_or_404(code, stage), current_actor()
    form = Asked.read(version=step.version)

    def act(session: Session) -> str:
        locked = _locked(session, step, form, url_for(".process", code=place.unit.code))
        services.withdraw_step(session, actor=actor, unit=session.get_one(TerritorialUnit, place.unit.id), step=locked)
        return url_for(".process", code=place.unit.code)

    def show() -> str:
        return render_template("stages/withdraw.html", place=place, step=step, form=form)

    return show() if request.method == "GET" else answer(form, act=act, show=show)


def _place_or_404(code: str) -> Place:
    place = find_place(read_session(), code) if UNIT_CODE.fullmatch(code) else None
    if place is None or place.level.role is not LevelRole.TERRITORY:
        abort(404)
    return place


def _step_or_404(code: str, stage: str) -> tuple[Place, ProcessStep]:
    place = _place_or_404(code)
    step = next((one for one in steps_of(read_session(), place.unit.id) if one.stage == stage), None)
    if step is None:
        abort(404)
    authorise(current_actor(), Permission.STAGE_RECORD, _thing(read_session(), place.unit))
    return place, step


def _thing(session: Session, unit: TerritorialUnit) -> Thing:
    return Thing(path=path_of(session, unit.id), unit_id=unit.id)


def _may(actor, session: Session, unit: TerritorialUnit) -> bool:
    return can(actor, Permission.STAGE_RECORD, _thing(session, unit))


def _locked(session: Session, step: ProcessStep, form, back: str) -> ProcessStep:
    """The step as it is now, its row locked. 404 when somebody withdrew it; raises StaleVersion."""
    found = session.scalar(
        select(ProcessStep).where(ProcessStep.id == step.id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        abort(404)
    mine = day(form.reached_on.data) if "reached_on" in form else ""
    versions.check(
        found.version, form.version.data, fields=lambda: [Field(label(found.stage), day(found.reached_on), mine)], back=back
    )
    return found


@blueprint.get("/admin/phases")
@PLANS
def phase_list():
    found = phases(read_session())
    return render_template(
        "stages/phases.html", phases=found, selections=selections_of(read_session(), [phase for phase, _units in found])
    )


@blueprint.route("/admin/phases/new", methods=["GET", "POST"])
@PLANS
def new_phase():
    form, actor = NewPhaseForm.read(), current_actor()
    _offer(form, None)

    def act(session: Session) -> str:
        services.add_phase(session, actor=actor, code=form.code.data, **_facts(form))
        return url_for(".phase_list")

    return _phase_page(form, None, act)


@blueprint.route("/admin/phases/<code>", methods=["GET", "POST"])
@PLANS
def edit_phase(code: str):
    session, actor = read_session(), current_actor()
    phase = session.scalar(select(Phase).where(Phase.code == code))
    if phase is None:
        abort(404)
    form = PhaseForm.read(obj=phase, selection=phase.selection_id)
    _offer(form, phase)
    if request.method == "GET" and not form.recalled:
        form.units.data = list(queries.chosen(session, phase))

    def act(writing: Session) -> str:
        found = writing.scalars(
            select(Phase).where(Phase.id == phase.id).with_for_update().execution_options(populate_existing=True)
        ).one()
        versions.check(
            found.version, form.version.data, fields=lambda: _both(found, form), back=url_for(".edit_phase", code=code)
        )
        services.change_phase(writing, actor=actor, phase=found, **_facts(form))
        return url_for(".phase_list")

    return _phase_page(form, phase, act)


def _facts(form: PhaseForm) -> dict:
    return {
        "names": form.names, "starts_on": form.starts_on.data, "ends_on": form.ends_on.data, "criteria": form.criteria.data,
        "unit_ids": form.units.data or [], "selection_id": form.selection.data,
    }


def _offer(form: PhaseForm, phase: Phase | None) -> None:
    """The saved selections of territories, and the one the phase has though it was retired since."""
    session = read_session()
    found = usable(session, LevelRole.TERRITORY)
    own = session.get(PrioritySelection, phase.selection_id) if phase is not None and phase.selection_id else None
    if own is not None and own not in found:
        found.append(own)
    form.offer([(one.id, local_name(one)) for one in found])


def _both(phase: Phase, form: PhaseForm) -> list[Field]:
    def span(one: date, other: date | None) -> str:
        return f"{short_day(one)} – {short_day(other) if other else ''}"

    return [
        Field(form.name_es.label.text, phase.name_es, form.name_es.data),
        Field(_("Fechas"), span(phase.starts_on, phase.ends_on), span(form.starts_on.data, form.ends_on.data)),
        Field(form.criteria.label.text, phase.criteria, form.criteria.data),
    ]


def _phase_page(form: PhaseForm, phase: Phase | None, act):
    session = read_session()

    def show() -> str:
        chosen = session.get(PrioritySelection, form.selection.data) if form.selection.data else None
        return render_template("stages/phase.html", form=form, phase=phase, groups=queries.groups(session), selection=chosen)

    if request.form.get("do") == "fill":
        # Nothing is saved yet: the territories of the selection are ticked, to be looked at.
        if form.selection.validate(form) and form.selection.data:
            form.units.data = chosen_ids(session, form.selection.data)
        return show()
    return show() if request.method == "GET" else answer(form, act=act, show=show)
