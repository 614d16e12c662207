"""Imports boundaries: read a file, see what it would do, write it whole or not at all (invariant 12, 001-01, 001-02).

    source = read_file(path)
    prepared = prepare(source, load_tree(session), request, today=...)
    apply_import(session, prepared, capacity=...)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from models import ledger
from models.ledger import Capacity, EventKind
from models.territory import UNIT_CODE, Level, LevelRole, UnitKind
from territories.imports.choosing import ImpossibleImport, choose, dissolve, guess_level, join
from territories.imports.columns import guess_key
from territories.imports.equal_area import area_m2
from territories.imports.plan import ImportOptions, KnownUnit, Plan, PlannedUnit, Progress, Rejected, content_digests, make_plan
from territories.imports.queries import ids_by_code, tree_state
from territories.imports.reader import SourceFeature, open_boundaries
from territories.imports.sentences import NOTE, REJECTED, say
from territories.imports.tree import Tree
from territories.units import services as units
from territories.units.codes import keep_keys

# The root nobody named, made because a tree must have one; its name can be changed, and nothing else hangs on the code.
ROOT_CODE = "MUN"


def silent(_step: str, _done: int, _total: int) -> None:
    """Tells nobody how far it is."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as read: `sha256` is that of the file as given."""

    name: str
    sha256: str
    fields: tuple[str, ...]
    notes: tuple[str, ...]
    rows: tuple[SourceFeature, ...]


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What a person asks. `level` None is guessed, `only` takes the rows with these keys, `valid_from` None is today.

    `root` is the code of a root made by joining the file's shapes: with level root that is the whole import;
    with another, the root is made first, in a tree that has none.
    """

    level: LevelRole | None = None
    key_field: str | None = None
    name_field: str | None = None
    parent_field: str | None = None
    kind_field: str | None = None
    kind: UnitKind | None = None
    kind_from_name: bool = False
    only: tuple[str, ...] = ()
    root: str | None = None
    root_name: str | None = None
    source: str | None = None
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class PreparedImport:
    """What the import will do, and the state of the tree for which that is true."""

    file: str
    sha256: str
    level: LevelRole
    plan: Plan
    source: str
    valid_from: date
    state: str
    root: PlannedUnit | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def does_nothing(self) -> bool:
        return not (self.plan.new or self.plan.changed)


class RejectedRows(Exception):
    """Some rows cannot be imported, and nobody said to leave them out."""


class TreeChanged(Exception):
    """Somebody wrote in the tree after the plan was made: what it would do is no longer true. Plan again."""


def read_file(path: Path | str, *, layer: str | None = None, on_progress: Progress = silent) -> SourceFile:
    """The whole file in memory, its shapes valid and in EPSG:4326. Raises UnreadableFile."""
    path, rows = Path(path), []
    with open_boundaries(path, layer=layer) as boundaries:
        on_progress("reading", 0, boundaries.count)
        for row in boundaries:
            rows.append(row)
            if len(rows) % 200 == 0:
                on_progress("reading", len(rows), boundaries.count)
        on_progress("reading", len(rows), boundaries.count)
        return SourceFile(path.name, boundaries.sha256, boundaries.fields, boundaries.notes, tuple(rows))


def prepare(
    source: SourceFile, tree: Tree, request: ImportRequest, *, today: date, municipality: str = "", on_progress: Progress = silent
) -> PreparedImport:
    """What importing `source` into `tree` would do; nothing is written. Raises ImpossibleImport.

    `municipality` names a root that has to be made and was given no name.
    """
    _check_request(source, tree, request)
    attributes = [row.attributes for row in source.rows]
    key_field = request.key_field or guess_key(source.fields, attributes)
    rows, notes = list(source.rows), []
    if request.only:
        if key_field is None:
            raise ImpossibleImport("no_key_to_choose")
        rows = choose(rows, key_field, request.only)
    level = request.level
    if level is None:
        level, notes = guess_level(rows, key_field, tree)
    options = ImportOptions(
        level=level, key_field=request.key_field, name_field=request.name_field, parent_field=request.parent_field,
        kind_field=request.kind_field, kind=request.kind, kind_from_name=request.kind_from_name,
    )
    fields = source.fields
    if level is LevelRole.ROOT and request.root:
        notes.append(say(NOTE, "dissolved", count=len(rows), code=request.root))
        rows = dissolve(rows, {"code": request.root, "name": request.root_name})
        options, fields = ImportOptions(level=level, key_field="code", name_field="name"), ("code", "name")
    elif level is LevelRole.ROOT and len(rows) > 1:
        raise ImpossibleImport("many_roots", count=len(rows))

    root = None
    if tree.is_empty and level is not LevelRole.ROOT:
        root = _root_over(_plan(rows, fields, options, tree, silent), request, municipality)
    below = tree if root is None else Tree({LevelRole.ROOT: (_known(root),)}, tree.names, state=tree.state)
    plan = _plan(rows, fields, options, below, on_progress)
    if root is not None and plan.new:
        notes.append(say(NOTE, "root_made", code=root.code, name=root.name))
    if request.only:
        # The other rows of the file are left aside on purpose, not missing from it.
        in_file = {(row.attributes.get(key_field) or "").casefold() for row in source.rows}
        plan = replace(plan, missing=tuple(code for code in plan.missing if code.casefold() not in in_file))
    valid_from = request.valid_from or today
    plan = _with_refusals(plan, below, level, valid_from)
    if plan.new and _has_below(below, level):
        notes.append(say(NOTE, "not_moved"))
    return PreparedImport(
        file=source.name, sha256=source.sha256, level=level, plan=plan, source=(request.source or source.name)[:200],
        valid_from=valid_from, state=tree.state, root=root if plan.new else None,
        notes=tuple(dict.fromkeys((*source.notes, *notes, *plan.notes))),
    )


def apply_import(
    session: Session, prepared: PreparedImport, *, capacity: Capacity, skip_rejected: bool = False, on_progress: Progress = silent
) -> bool:
    """Write the plan in the caller's transaction, with its events; False when there is nothing to write.

    Raises RejectedRows, TreeChanged. Retires nothing: what the file leaves out stays as it is.
    """
    plan = prepared.plan
    if plan.rejected and not skip_rejected:
        raise RejectedRows(prepared.file)
    if prepared.does_nothing:
        return False
    levels = units.declare_levels(session)
    # Imports wait for one another here: from this line on the tree is ours, and still the one that was planned for.
    session.execute(select(Level.id).order_by(Level.id).with_for_update()).all()
    if tree_state(session) != prepared.state:
        raise TreeChanged(prepared.file)
    if prepared.root is not None:
        root = prepared.root
        units.add_unit(
            session, code=root.code, name=root.name, level=levels[LevelRole.ROOT], parent=None, shape=root.shape, capacity=capacity,
            area_m2=area_m2(root.shape), source=prepared.source, digest=root.digest, valid_from=prepared.valid_from,
        )
    ids = ids_by_code(session)
    total = len(plan.new) + len(plan.changed)
    on_progress("writing", 0, total)
    units.add_units(
        session, [_new(unit, ids) for unit in plan.new], level=levels[prepared.level], source=prepared.source,
        valid_from=prepared.valid_from, on_progress=lambda done, _all: on_progress("writing", done, total),
    )
    units.change_units(
        session, [_change(unit, ids) for unit in plan.changed], capacity=capacity, source=prepared.source,
        valid_from=prepared.valid_from, on_progress=lambda done, _all: on_progress("writing", len(plan.new) + done, total),
    )
    moment = clock.now()
    told = [*plan.new, *plan.changed]
    ids = ids_by_code(session, prepared.level)
    keep_keys(session, prepared.source, [(unit.code, ids[unit.code], unit.digest) for unit in told], moment)
    ledger.append(
        session, EventKind.IMPORT_APPLIED, object=f"import:{prepared.sha256}", capacity=capacity, occurred_at=moment,
        recorded_at=moment, data=_told(prepared),
    )
    return True


def _check_request(source: SourceFile, tree: Tree, request: ImportRequest) -> None:
    named = (request.key_field, request.name_field, request.parent_field, request.kind_field)
    for name in named:
        # A file without columns is refused row by row, with the reason.
        if name is not None and source.fields and name not in source.fields:
            raise ImpossibleImport("no_such_column", field=name, fields=", ".join(source.fields[:20]))
    if request.root is None:
        return
    if not UNIT_CODE.fullmatch(request.root):
        raise ImpossibleImport("root_code", code=request.root)
    for present in tree.at(LevelRole.ROOT):
        if present.code.casefold() != request.root.casefold():
            raise ImpossibleImport("other_root", code=present.code)


def _plan(
    rows: Sequence[SourceFeature], fields: Sequence[str], options: ImportOptions, tree: Tree, on_progress: Progress
) -> Plan:
    level = LevelRole(options.level)

    def planning(step: str, done: int, total: int) -> None:
        if step != "reading":  # that the rows are here was told while the file was read
            on_progress(step, done, total)

    return make_plan(
        rows, fields=fields, options=options, existing=tree.at(level), above=tree.above(level), taken=tree.elsewhere(level),
        retired=tree.retired, on_progress=planning,
    )


def _root_over(plan: Plan, request: ImportRequest, municipality: str) -> PlannedUnit | None:
    if not plan.new:
        return None
    code = request.root or ROOT_CODE
    root = PlannedUnit(0, code, request.root_name or municipality or code, None, None, join([unit.shape for unit in plan.new]), ())
    return replace(root, digest=content_digests([root])[0])


def _with_refusals(plan: Plan, tree: Tree, level: LevelRole, valid_from: date) -> Plan:
    """The rows that only the tree can refuse: a second root, a boundary older than the one that holds."""
    new, changed, rejected = [], [], list(plan.rejected)
    roots = tree.at(LevelRole.ROOT)
    for unit in plan.new:
        if level is LevelRole.ROOT and roots:
            rejected.append(Rejected(unit.row, unit.code, "invalid", say(REJECTED, "second_root", root=roots[0].code)))
        else:
            new.append(unit)
    for unit in plan.changed:
        since = tree.since.get(unit.code)
        if "shape" in unit.differs and since is not None and valid_from < since:
            rejected.append(Rejected(unit.row, unit.code, "invalid", say(REJECTED, "earlier", since=since.isoformat())))
        else:
            changed.append(unit)
    return replace(plan, new=tuple(new), changed=tuple(changed), rejected=tuple(sorted(rejected, key=lambda row: row.row or 0)))


def _has_below(tree: Tree, level: LevelRole) -> bool:
    return any(units and role in tuple(LevelRole)[tuple(LevelRole).index(level) + 1 :] for role, units in tree.units.items())


def _known(unit: PlannedUnit) -> KnownUnit:
    return KnownUnit(unit.code, unit.name, unit.shape, unit.parent, unit.kind)


def _new(unit: PlannedUnit, ids: dict[str, int]) -> units.NewUnit:
    return units.NewUnit(
        unit.code, unit.name, unit.shape, parent_id=ids[unit.parent] if unit.parent else None, kind=unit.kind,
        area_m2=area_m2(unit.shape), digest=unit.digest,
    )


def _change(unit: PlannedUnit, ids: dict[str, int]) -> units.UnitChange:
    moved = "shape" in unit.differs
    return units.UnitChange(
        ids[unit.code],
        name=unit.name if "name" in unit.differs else None,
        parent_id=ids[unit.parent] if "parent" in unit.differs and unit.parent else None,
        kind=unit.kind if "kind" in unit.differs else None,
        shape=unit.shape if moved else None,
        area_m2=area_m2(unit.shape) if moved else None,
        digest=unit.digest,
    )


def _told(prepared: PreparedImport) -> dict[str, Any]:
    """The ledger's line: counts, and digests by which the file and the new codes and contents can be proved."""
    plan = prepared.plan
    return {
        "file": prepared.file, "sha256": prepared.sha256, "level": str(prepared.level), "source": prepared.source,
        "valid_from": prepared.valid_from.isoformat(), "new": len(plan.new), "changed": len(plan.changed),
        "unchanged": len(plan.unchanged), "missing": len(plan.missing), "rejected": len(plan.rejected),
        "codes_sha256": _sha256(unit.code for unit in plan.new),
        "contents_sha256": _sha256(f"{unit.code} {unit.digest}" for unit in (*plan.new, *plan.changed)),
    }


def _sha256(lines: Iterable[str]) -> str:
    """Of the lines in the order of their code points, each ended by a line feed."""
    return hashlib.sha256("".join(f"{line}\n" for line in sorted(lines)).encode()).hexdigest()
