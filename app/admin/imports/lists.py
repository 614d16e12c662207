"""The two lists of imports: those made so far, and the rows of one preview."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import url_for

from app.admin.imports.kinds import UNITS, Kind
from app.admin.imports.plans import Outcome
from app.admin.imports.queries import opened
from app.core.formatters import number
from app.core.i18n import _, lazy
from app.core.labels import role_words
from app.core.listing import FILE, Choice, Column, Listing, Sort
from models.intake import ImportRow, ImportRun, RunState

OUTCOMES = {
    Outcome.NEW: lazy("Nuevo"), Outcome.CHANGED: lazy("Cambia"), Outcome.UNCHANGED: lazy("Sin cambios"),
    Outcome.MISSING: lazy("No viene en el archivo"), Outcome.AMBIGUOUS: lazy("Ambiguo"), Outcome.REPAIRED: lazy("Reparado"),
    Outcome.REJECTED: lazy("Rechazado"), Outcome.SKIPPED: lazy("Se deja fuera"),
}  # fmt: skip
TABS = {
    Outcome.NEW: lazy("Nuevos"), Outcome.CHANGED: lazy("Cambian"), Outcome.UNCHANGED: lazy("Sin cambios"),
    Outcome.MISSING: lazy("No vienen"), Outcome.AMBIGUOUS: lazy("Ambiguos"), Outcome.REPAIRED: lazy("Reparados"),
    Outcome.REJECTED: lazy("Rechazados"), Outcome.SKIPPED: lazy("Se dejan fuera"),
}  # fmt: skip
STATES = {
    RunState.UPLOADED: lazy("Espera a una persona"), RunState.QUEUED: lazy("En espera"), RunState.RUNNING: lazy("En marcha"),
    RunState.DONE: lazy("Terminada"), RunState.FAILED: lazy("Se detuvo"), RunState.DISCARDED: lazy("Descartada"),
}  # fmt: skip
ALL = "all"


def outcome_words(outcome: str) -> str:
    return str(OUTCOMES[Outcome(outcome)])


def runs(kinds: Sequence[Kind]) -> Listing:
    """What was imported of these kinds."""
    titles = {kind.slug: kind.title for kind in kinds}
    return Listing(
        name="imports", title=_("Importaciones hechas"), sort="-when", tie=ImportRun.id, empty=_("Todavía no se ha importado nada."),
        columns=(
            Column(
                "file", _("Archivo"), lambda row: row.ImportRun.filename, link=lambda row: url_for("imports.show", run_id=row.ImportRun.id)
            ),
            Column("kind", _("Qué"), lambda row: str(titles[row.ImportRun.kind])),
            Column("when", _("Cuándo"), lambda row: row.ImportRun.created_at, sort=Sort(ImportRun.created_at, datetime, descending=True)),
            Column("who", _("Quién"), lambda row: row.who or "", show=_who),
            Column("capacity", _("En calidad de"), lambda row: _capacity(row.ImportRun), on=FILE),
            Column("state", _("Estado"), lambda row: str(STATES[row.ImportRun.state])),
            Column("result", _("Resultado"), lambda row: counted(row.ImportRun)),
        ),
        filters=(
            Choice(
                "kind", _("Qué"), titles, lambda query, value: query.where(ImportRun.kind == value),
            ),
            Choice(
                "state", _("Estado"), {str(state): words for state, words in STATES.items()},
                lambda query, value: query.where(ImportRun.state == RunState(value)),
            ),
        ),
    )


def preview(run: ImportRun) -> Listing:
    """Every row of a plan, with a tab per outcome there is."""
    counts = run.plan["counts"]
    tabs: dict[str, Any] = {ALL: f"{_('Todos')} ({number(counts['all'])})"}
    tabs |= {str(outcome): f"{words} ({number(counts[outcome])})" for outcome, words in TABS.items() if counts.get(outcome)}
    return Listing(
        name=f"import-{run.id}", title=_("Qué pasaría con cada renglón"), sort="row", tie=ImportRow.id, enrich=opened, size=50,
        empty=_("Ningún renglón."),
        columns=(
            Column("row", _("Renglón"), lambda row: str(row.row or ""), sort=Sort(ImportRow.id, int), show=lambda row: row.row or "—"),
            Column("outcome", _("Qué pasa"), lambda row: outcome_words(row.outcome)),
            Column("key", _("Clave"), lambda row: row.key),
            Column("name", _("Nombre") if run.kind == UNITS.slug else _("Datos"), lambda row: row.name),
            Column("says", _("Explicación"), lambda row: row.says),
        ),
        filters=(Choice("show", _("Qué pasa"), tabs, _narrow, default=ALL, tabs=True),),
    )


def to_mend(run: ImportRun) -> dict[str, Any]:
    """The tabs of rows that cannot be written, with what their files are called. Boundaries are placed even where ambiguous."""
    counts, kinds = run.plan["counts"], [Outcome.REJECTED] if run.kind == UNITS.slug else [Outcome.REJECTED, Outcome.AMBIGUOUS]
    words = {Outcome.REJECTED: _("Descargar los rechazados (CSV)"), Outcome.AMBIGUOUS: _("Descargar los ambiguos (CSV)")}
    return {str(outcome): words[outcome] for outcome in kinds if counts[outcome]}


def _narrow(query, value: str):
    if value == ALL:
        return query
    if value == Outcome.REPAIRED:
        return query.where(ImportRow.repaired)
    if value == Outcome.AMBIGUOUS:
        return query.where(ImportRow.ambiguous)
    return query.where(ImportRow.outcome == value)


def counted(run: ImportRun) -> str:
    """«Nuevos: 290 · Rechazados: 3»: what the plan counted, or why it stopped."""
    if run.state is RunState.FAILED:
        return run.error
    counts = (run.plan or {}).get("counts") or {}
    return " · ".join(f"{words}: {number(counts[outcome])}" for outcome, words in TABS.items() if counts.get(outcome))


def _capacity(run: ImportRun) -> str:
    capacity = run.capacity or {}
    places = [capacity[where] for where in ("unit", "body") if where in capacity]
    return " · ".join([role_words(capacity["role"]), *places]) if capacity else ""


def who_words(run: ImportRun, who: str | None) -> str:
    """The name of whoever brought it and in what quality."""
    return " · ".join(part for part in (who, _capacity(run)) if part)


def _who(row) -> str:
    return who_words(row.ImportRun, row.who)
