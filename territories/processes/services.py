"""The one writer of stages and phases: each change an entry of the record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actors import Actor
from app.core.errors import Misfit
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from models import Level, Phase, PhaseUnit, PrioritySelection, ProcessStep, TerritorialUnit, ledger
from models.ledger import Capacity, EventKind
from models.process import STAGE_ORDER, ProcessStage
from models.settings import setting
from models.territory import LevelRole, path_of
from territories.processes.queries import steps_of


def record_step(session: Session, *, actor: Actor, unit: TerritorialUnit, stage: ProcessStage, reached_on: date) -> ProcessStep:
    """A territory reached ``stage`` on a day. Raises Denied, Misfit for a stage already recorded or a day out of order."""
    capacity = _authorised(session, actor, unit)
    if any(step.stage is stage for step in _locked_steps(session, unit)):
        raise Misfit("stage", _("Esa etapa ya está anotada: corrija su fecha."))
    return reach(session, capacity=capacity, unit=unit, stage=stage, reached_on=reached_on)


def reach(session: Session, *, capacity: Capacity, unit: TerritorialUnit, stage: ProcessStage, reached_on: date) -> ProcessStep:
    """What another part of the programme knows by itself (an agenda approved): recorded once, kept as first recorded.

    Raises Misfit for a unit that is no territory, a day to come, or one out of order with the other stages.
    """
    if session.get_one(Level, unit.level_id).role is not LevelRole.TERRITORY:
        raise Misfit("stage", _("Solo los territorios tienen un proceso de planeación."))
    steps = _locked_steps(session, unit)
    present = next((step for step in steps if step.stage is stage), None)
    if present is not None:
        return present
    _check_day(session, steps, stage, reached_on)
    step = ProcessStep(unit_id=unit.id, stage=stage, reached_on=reached_on, recorded_at=clock.now())
    session.add(step)
    session.flush()
    _record(session, EventKind.STAGE_REACHED, unit, capacity, {"stage": str(stage), "on": reached_on.isoformat()})
    return step


def correct_step(session: Session, *, actor: Actor, unit: TerritorialUnit, step: ProcessStep, reached_on: date) -> None:
    """Another day for a stage already recorded. Raises Denied, Misfit for a day out of order."""
    capacity = _authorised(session, actor, unit)
    _check_day(session, _locked_steps(session, unit), step.stage, reached_on)
    was, step.reached_on = step.reached_on, reached_on
    step.version += 1
    session.flush()
    _record(
        session, EventKind.STAGE_CORRECTED, unit, capacity,
        {"stage": str(step.stage), "from": was.isoformat(), "to": reached_on.isoformat()},
    )


def withdraw_step(session: Session, *, actor: Actor, unit: TerritorialUnit, step: ProcessStep) -> None:
    """Take back a stage recorded by mistake; the record keeps that it was there. Raises Denied."""
    capacity = _authorised(session, actor, unit)
    session.delete(step)
    session.flush()
    _record(session, EventKind.STAGE_WITHDRAWN, unit, capacity, {"stage": str(step.stage), "on": step.reached_on.isoformat()})


def add_phase(
    session: Session, *, actor: Actor, code: str, names: tuple[str, str, str], starts_on: date, ends_on: date | None,
    criteria: str, unit_ids: Collection[int], selection_id: int | None = None,
) -> Phase:
    """A phase of the programme, ``names`` in Spanish, French and English, and the territories chosen for it;
    ``selection_id`` the saved selection they were taken from.

    Raises Denied, Misfit for a code in use, an end before the start or a selection of no territories.
    """
    capacity = authorise(actor, Permission.PHASE_EDIT, Thing(path=frozenset()))
    if session.scalar(select(Phase.id).where(Phase.code == code)) is not None:
        raise Misfit("code", _("Esa clave ya es de otra fase."))
    _check_span(starts_on, ends_on)
    phase = Phase(
        code=code, name_es=names[0], name_fr=names[1], name_en=names[2], starts_on=starts_on, ends_on=ends_on, criteria=criteria,
        selection_id=_selection(session, selection_id),
    )
    session.add(phase)
    session.flush()
    chosen = _choose(session, phase, unit_ids)
    _tell(session, EventKind.PHASE_ADDED, phase, capacity, chosen)
    return phase


def change_phase(
    session: Session, *, actor: Actor, phase: Phase, names: tuple[str, str, str], starts_on: date, ends_on: date | None,
    criteria: str, unit_ids: Collection[int], selection_id: int | None = None,
) -> None:
    """Other names, dates, reasons or territories. Raises Denied, Misfit for an end before the start or a selection of no territories."""
    capacity = authorise(actor, Permission.PHASE_EDIT, Thing(path=frozenset()))
    _check_span(starts_on, ends_on)
    phase.name_es, phase.name_fr, phase.name_en = names
    phase.starts_on, phase.ends_on, phase.criteria = starts_on, ends_on, criteria
    # The one it already has may have been retired since.
    if selection_id != phase.selection_id:
        phase.selection_id = _selection(session, selection_id)
    phase.version += 1
    session.flush()
    _tell(session, EventKind.PHASE_CHANGED, phase, capacity, _choose(session, phase, unit_ids))


def _authorised(session: Session, actor: Actor, unit: TerritorialUnit) -> Capacity:
    return authorise(actor, Permission.STAGE_RECORD, Thing(path=path_of(session, unit.id), unit_id=unit.id))


def _locked_steps(session: Session, unit: TerritorialUnit) -> list[ProcessStep]:
    """The territory's steps, its row locked: two people recording at once would each miss the other's date."""
    session.execute(select(TerritorialUnit.id).where(TerritorialUnit.id == unit.id).with_for_update())
    return steps_of(session, unit.id)


def _check_day(session: Session, steps: Collection[ProcessStep], stage: ProcessStage, day: date) -> None:
    if day > clock.today(setting(session, "time_zone")):
        raise Misfit("reached_on", _("Ese día todavía no llega: anote la etapa cuando se alcance."))
    rank = STAGE_ORDER.index(stage)
    for step in steps:
        other = STAGE_ORDER.index(step.stage)
        if (other < rank and step.reached_on > day) or (other > rank and step.reached_on < day):
            raise Misfit("reached_on", _("Esa fecha no va en orden con las otras etapas del territorio."))


def _check_span(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Misfit("ends_on", _("El final no puede ser antes del inicio."))


def _selection(session: Session, selection_id: int | None) -> int | None:
    """The id of a selection that phases may be made of. Raises Misfit for another."""
    usable = select(PrioritySelection.id).where(
        PrioritySelection.id == selection_id, PrioritySelection.role == LevelRole.TERRITORY, PrioritySelection.retired_on.is_(None)
    )
    if selection_id is not None and session.scalar(usable) is None:
        raise Misfit("selection", _("Esa selección ya no se puede usar. Elija otra."))
    return selection_id


def _choose(session: Session, phase: Phase, unit_ids: Collection[int]) -> tuple[list[str], list[str]]:
    """Make ``unit_ids`` the phase's territories; returns the codes that came in and those that went out."""
    before = set(session.scalars(select(PhaseUnit.unit_id).where(PhaseUnit.phase_id == phase.id)))
    after = set(
        session.scalars(
            select(TerritorialUnit.id).join(Level, Level.id == TerritorialUnit.level_id)
            .where(TerritorialUnit.id.in_(list(unit_ids)), Level.role == LevelRole.TERRITORY)
        )
    )
    if gone := before - after:
        session.execute(delete(PhaseUnit).where(PhaseUnit.phase_id == phase.id, PhaseUnit.unit_id.in_(gone)))
    if come := after - before:
        session.execute(insert(PhaseUnit), [{"phase_id": phase.id, "unit_id": unit_id} for unit_id in sorted(come)])
    codes = dict(
        session.execute(select(TerritorialUnit.id, TerritorialUnit.code).where(TerritorialUnit.id.in_(before ^ after))).all()
    )
    return sorted(codes[one] for one in come), sorted(codes[one] for one in gone)


def _tell(session: Session, kind: EventKind, phase: Phase, capacity: Capacity, chosen: tuple[list[str], list[str]]) -> None:
    moment = clock.now()
    ledger.append(
        session, kind, object=f"phase:{phase.code}", capacity=capacity, occurred_at=moment, recorded_at=moment,
        data={
            "name": phase.name_es, "from": phase.starts_on.isoformat(),
            "to": phase.ends_on.isoformat() if phase.ends_on else None, "added": chosen[0], "removed": chosen[1],
            **_taken_from(session, phase),
        },
        texts={"criteria": phase.criteria},
    )


def _taken_from(session: Session, phase: Phase) -> dict[str, str]:
    if phase.selection_id is None:
        return {}
    return {"selection": session.get_one(PrioritySelection, phase.selection_id).slug}


def _record(session: Session, kind: EventKind, unit: TerritorialUnit, capacity: Capacity, data: dict[str, str]) -> None:
    moment = clock.now()
    ledger.append(session, kind, object=f"unit:{unit.code}", capacity=capacity, occurred_at=moment, recorded_at=moment, data=data)
