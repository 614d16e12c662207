"""Boundaries of units: the import of ``territories.imports``, in the shape the pages show."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.imports.plans import Brought, Outcome, Planned, PlannedRow, Stale, Tell, Unclear, Unusable
from app.core import clock
from app.core.i18n import _
from app.core.labels import label
from app.core.search import fold
from models.intake import ColumnMapping
from models.ledger import Capacity
from models.settings import setting
from models.territory import LevelRole, UnitKind
from territories.imports import services as imports
from territories.imports.choosing import ImpossibleImport, guess_level
from territories.imports.columns import guess_key, guess_name
from territories.imports.plan import KnownUnit, PlannedUnit
from territories.imports.queries import load_tree
from territories.imports.reader import Limits, UnreadableFile, open_boundaries
from territories.imports.sentences import UNREADABLE, say
from territories.imports.services import ImportRequest, SourceFile
from territories.imports.staging import Refusal, stage
from territories.imports.tree import Tree
from territories.units.services import outline_of

LIMITS = Limits()
SAMPLES = 3
MOST_FIELDS = 60


class Boundaries:
    """The engine of kind ``units``. Options: those of ``ImportRequest``, as text, and ``layer``."""

    def check(self, brought: Brought) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="cuadra-import-") as folder:
                stage(brought.path, Path(folder), LIMITS, layer=brought.options.get("layer") or None)
        except Refusal as refusal:
            raise Unusable(say(UNREADABLE, refusal.code, **refusal.figures)) from None

    def look(self, session: Session, brought: Brought, tell: Tell) -> dict[str, Any]:
        rows = []
        try:
            with open_boundaries(brought.path, layer=brought.options.get("layer") or None) as boundaries:
                for row in boundaries:
                    rows.append(row)
                    if len(rows) % 200 == 0:
                        tell("reading", len(rows), boundaries.count)
        except UnreadableFile as wrong:
            raise Unusable(str(wrong)) from wrong
        attributes = [row.attributes for row in rows]
        key = guess_key(boundaries.fields, attributes)
        try:
            level, notes = guess_level(rows, key, load_tree(session))
        except ImpossibleImport:
            level, notes = None, []
        guesses = {"key": key, "name": guess_name(boundaries.fields, attributes), "level": level and str(level)}
        return {
            "fields": list(boundaries.fields[:MOST_FIELDS]),
            "guesses": {what: guess for what, guess in guesses.items() if guess} | _remembered(session, boundaries.fields),
            "samples": [{name: value for name, value in row.items() if value} for row in attributes[:SAMPLES]],
            "rows": len(rows), "crs": boundaries.crs, "notes": [*boundaries.notes, *notes],
        }

    def plan(self, session: Session, brought: Brought, tell: Tell) -> Planned:
        try:
            source = imports.read_file(brought.path, layer=brought.options.get("layer") or None, on_progress=tell)
        except UnreadableFile as wrong:
            raise Unusable(str(wrong)) from wrong
        tree = load_tree(session)
        try:
            prepared = imports.prepare(
                source, tree, _request(brought.options), today=clock.today(setting(session, "time_zone")),
                municipality=setting(session, "municipality"), on_progress=tell,
            )
        except ImpossibleImport as wrong:
            raise Unclear(str(wrong)) from wrong
        plan = prepared.plan
        return Planned(
            rows=_rows(prepared, source, tree), notes=prepared.notes, prepared=prepared,
            facts={
                "level": str(prepared.level), "key": plan.key_field, "name": plan.name_field, "blocked": len(plan.rejected),
                "does_nothing": prepared.does_nothing, "fingerprint": _fingerprint(source.fields),
            },
            proof="".join(f"{unit.code} {unit.digest} " for unit in (*plan.new, *plan.changed)),
        )

    def write(
        self, session: Session, planned: Planned, brought: Brought, *, capacity: Capacity, skip_rejected: bool, tell: Tell
    ) -> dict[str, Any]:
        try:
            written = imports.apply_import(
                session, planned.prepared, capacity=capacity, skip_rejected=skip_rejected, on_progress=tell
            )
        except imports.TreeChanged as changed:
            raise Stale from changed
        _remember(session, planned.facts["fingerprint"], brought.options)
        plan = planned.prepared.plan
        first = next((unit for unit in (*plan.new, *plan.changed)), None)
        return {"written": written, "unit": (first.parent or first.code) if first else None}


def _fingerprint(fields: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(fold(name) for name in fields).encode()).hexdigest()


def _kept(session: Session, fingerprint: str) -> ColumnMapping | None:
    return session.scalar(select(ColumnMapping).filter_by(kind="units", fingerprint=fingerprint))


def _remembered(session: Session, fields: Sequence[str]) -> dict[str, Any]:
    """How a file with these columns was read the last time; the level is not remembered, since its keys tell it better."""
    kept = _kept(session, _fingerprint(fields))
    return {**kept.mapping, **kept.constants, "source": kept.source} if kept else {}


def _remember(session: Session, fingerprint: str, options: dict[str, Any]) -> None:
    kept = _kept(session, fingerprint)
    if kept is None:
        kept = ColumnMapping(kind="units", fingerprint=fingerprint)
        session.add(kept)
    kept.mapping = {name: options.get(name, "") for name in ("key", "name", "parent", "kind_field")}
    kept.constants = {name: options.get(name, "") for name in ("kind", "kind_from_name")}
    kept.source, kept.updated_at = (options.get("source") or "")[:80], clock.now()
    session.flush()


def _request(options: dict[str, Any]) -> ImportRequest:
    def of(name: str) -> str | None:
        return options.get(name) or None

    return ImportRequest(
        level=LevelRole(of("level")) if of("level") else None, key_field=of("key"), name_field=of("name"),
        parent_field=of("parent"), kind_field=of("kind_field"), kind=UnitKind(of("kind")) if of("kind") else None,
        kind_from_name=bool(options.get("kind_from_name")), root=of("root"), root_name=of("root_name"), source=of("source"),
        only=tuple(code for code in (of("only") or "").replace(",", " ").split()),
        valid_from=date.fromisoformat(of("valid_from")) if of("valid_from") else None,
    )


def _rows(prepared: imports.PreparedImport, source: SourceFile, tree: Tree) -> Sequence[PlannedRow]:
    """Every row of the file, in its order, then what the file leaves out."""
    plan = prepared.plan
    shapes = {row.row: row.shape for row in source.rows}
    places = {row.attributes.get(plan.key_field, ""): row.row for row in source.rows} if plan.key_field else {}
    folded = {(code or "").casefold(): row for code, row in places.items()}
    known = {unit.code: unit for unit in tree.at(prepared.level)}
    repairs: dict[str, list[str]] = {}
    for code, what in plan.repaired:
        repairs.setdefault(code, []).append(what)
    choices = dict(plan.ambiguous)

    def told(row: int | None, outcome: Outcome, code: str, name: str, says: str, shape: BaseGeometry | None = None) -> PlannedRow:
        more = [says, *repairs.get(code, ())]
        if code in choices:
            more.append(_("Cabe en %(candidates)s; queda en %(first)s.", candidates=", ".join(choices[code]), first=choices[code][0]))
        outline = outline_of(shape) if shape is not None else None
        return PlannedRow(row, outcome, code, name, " ".join(more), code in repairs, code in choices, outline)

    rows = [told(unit.row, Outcome.NEW, unit.code, unit.name, _added(unit), unit.shape) for unit in plan.new]
    rows += [
        told(
            unit.row, Outcome.CHANGED, unit.code, unit.name, _changes(unit, known[unit.code]), unit.shape,
        )
        for unit in plan.changed
    ]
    rows += [
        told(folded.get(code.casefold()), Outcome.UNCHANGED, code, known[code].name, _("Ya está así."), known[code].shape)
        for code in plan.unchanged
    ]
    rows += [
        told(row.row, Outcome.REJECTED, row.code or "", "", row.message, shapes.get(row.row)) for row in plan.rejected
    ]
    rows.sort(key=lambda row: row.row or 0)
    return [
        *rows,
        *(
            told(None, Outcome.MISSING, code, known[code].name, _("No viene en el archivo; se queda como está."), known[code].shape)
            for code in plan.missing
        ),
    ]


def _added(unit: PlannedUnit) -> str:
    if unit.parent is None:
        return _("Se agrega.")
    return _("Se agrega en %(parent)s.", parent=unit.parent)


def _changes(unit: PlannedUnit, before: KnownUnit) -> str:
    said = []
    if "name" in unit.differs:
        said.append(_("Cambia el nombre; antes: «%(name)s».", name=before.name))
    if "shape" in unit.differs:
        said.append(_("Cambia el límite."))
    if "parent" in unit.differs:
        said.append(_("Pasa de %(before)s a %(after)s.", before=before.parent or "—", after=unit.parent or "—"))
    if "kind" in unit.differs:
        said.append(_("Cambia el tipo a %(kind)s.", kind=label(unit.kind).lower()))
    return " ".join(said)
