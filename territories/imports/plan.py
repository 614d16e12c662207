"""What importing a file would do to the tree, worked out before anything is written (invariant 12). No database.

    plan = make_plan(boundaries, fields=boundaries.fields, options=options, existing=units, above=[...])
    plan.as_json(written=False)

The caller brings what the tree holds as light records, and writes the plan, whole or not at all.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.core.formatters import short_day
from models.territory import UNIT_CODE, TerritorialUnit, UnitKind
from territories.imports.columns import guess_key, guess_name, kind_from_name, kind_from_text
from territories.imports.placing import Container, Place, overlaps, place, share_inside
from territories.imports.reader import SourceFeature, UnreadableFile
from territories.imports.sentences import NOTE, REJECTED, say

# Digits kept of a degree when two shapes are compared: about a centimetre, well under what any survey means.
PRECISION = 7
MOST_NOTES = 50
LONGEST_NAME = TerritorialUnit.name.type.length

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read the file. A field left None is guessed (key, name) or not used (parent, kind).

    `kind` is one kind for all; `kind_from_name` reads it from the suffix of the name, which is kept as published.
    """

    level: str
    key_field: str | None = None
    name_field: str | None = None
    parent_field: str | None = None
    kind_field: str | None = None
    kind: UnitKind | None = None
    kind_from_name: bool = False


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit the tree already has; shape in EPSG:4326."""

    code: str
    name: str
    shape: BaseGeometry | None
    parent: str | None = None
    kind: UnitKind | None = None


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit as the file wants it. `differs` says what changes of one the tree has: name, shape, parent, kind."""

    row: int
    code: str
    name: str
    kind: UnitKind | None
    parent: str | None
    shape: BaseGeometry
    repairs: tuple[str, ...]
    digest: str = ""
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be imported; `row` is None when the whole file is refused."""

    row: int | None
    code: str | None
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the import would do. Rejected rows block writing unless a person skips them on purpose."""

    new: tuple[PlannedUnit, ...] = ()
    changed: tuple[PlannedUnit, ...] = ()
    unchanged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    repaired: tuple[tuple[str, str], ...] = ()
    ambiguous: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    overlaps: tuple[tuple[str, str, float], ...] = ()
    key_field: str | None = None
    name_field: str | None = None

    def as_json(self, *, written: bool | int) -> dict[str, Any]:
        """The answer of `import-units --json`, key by key as INTERFACES says."""
        return {
            "new": [unit.code for unit in self.new],
            "changed": [unit.code for unit in self.changed],
            "unchanged": list(self.unchanged),
            "missing": list(self.missing),
            "repaired": [{"code": code, "what": what} for code, what in self.repaired],
            "ambiguous": [{"code": code, "candidates": list(candidates)} for code, candidates in self.ambiguous],
            "rejected": [{"row": row.row, "code": row.code, "reason": row.reason, "message": row.message} for row in self.rejected],
            "written": written,
        }


def refused(error: UnreadableFile) -> Plan:
    """The plan of a file that could not be read at all: nothing to do, one refusal that says why."""
    return Plan(rejected=(Rejected(None, None, error.reason, str(error)),))


def make_plan(
    features: Iterable[SourceFeature],
    *,
    fields: Sequence[str],
    options: ImportOptions,
    existing: Sequence[KnownUnit],
    above: Sequence[Sequence[KnownUnit]] = (),
    taken: Mapping[str, str] | None = None,
    retired: Mapping[str, date] | None = None,
    on_progress: Progress = lambda step, done, total: None,
) -> Plan:
    """Compare the features with the level's `existing` units and place them under the levels `above`.

    `above` runs from the nearest level to the root; empty for the root itself. `taken` maps codes of all other
    levels to the level's name, `retired` those of units that are no more to the day.
    `on_progress(step, done, total)` hears "reading", "placing" and "comparing".
    Raises UnreadableFile if the file breaks off while it is read.
    """
    rows: list[SourceFeature] = []
    for feature in features:
        rows.append(feature)
        if len(rows) % 500 == 0:
            on_progress("reading", len(rows), 0)
    on_progress("reading", len(rows), len(rows))

    options, notes = _with_guesses(options, fields, rows)
    notes += _unknown_kinds(options, rows)
    known = {unit.code.casefold(): unit for unit in existing}
    drafts, rejected = _keyed(rows, fields, options, known, taken or {}, retired or {})
    on_progress("placing", 0, len(drafts))
    drafts, refusals, ambiguous, climbed = _placed(drafts, rows, options, above, on_progress)
    rejected += refusals
    notes += [say(NOTE, "skipped_level", code=draft.code, parent=draft.parent) for draft in climbed[:MOST_NOTES]]

    on_progress("comparing", 0, len(drafts))
    new, changed, unchanged = _compared(drafts, known)
    in_file = {code.casefold() for code in (_key(row, options.key_field) for row in rows) if code}
    missing = [unit for unit in existing if unit.code.casefold() not in in_file]
    pairs, overlap_notes = _sibling_overlaps(drafts, missing)
    on_progress("comparing", len(drafts), len(drafts))
    return Plan(
        new=tuple(new),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        missing=tuple(sorted(unit.code for unit in missing)),
        repaired=tuple((draft.code, what) for draft in drafts for what in draft.repairs),
        ambiguous=tuple(ambiguous),
        rejected=tuple(sorted(rejected, key=lambda row: row.row or 0)),
        notes=tuple(notes + overlap_notes),
        overlaps=tuple(pairs),
        key_field=options.key_field,
        name_field=options.name_field,
    )


def _with_guesses(options: ImportOptions, fields: Sequence[str], rows: Sequence[SourceFeature]) -> tuple[ImportOptions, list[str]]:
    attributes, notes = [row.attributes for row in rows], []
    if options.key_field is None and (guess := guess_key(fields, attributes)):
        options = replace(options, key_field=guess)
        notes.append(say(NOTE, "key_guessed", field=guess))
    if options.name_field is None and (guess := guess_name(fields, attributes)) and guess != options.key_field:
        options = replace(options, name_field=guess)
        notes.append(say(NOTE, "name_guessed", field=guess))
    return options, notes


def _unknown_kinds(options: ImportOptions, rows: Sequence[SourceFeature]) -> list[str]:
    told = {row.attributes.get(options.kind_field) for row in rows} - {None} if options.kind_field else set()
    return [say(NOTE, "kind_unknown", kind=text) for text in sorted(told) if kind_from_text(text) is None][:MOST_NOTES]


def content_digests(units: Sequence[PlannedUnit | KnownUnit]) -> list[str]:
    """What tells a changed unit from an unchanged one: SHA-256 over name, parent and shape.

    The shape counts to 1e-7 degrees, whatever point its rings start at and in whatever order its parts come, so
    that what a database gives back, or a second reading of the same file, is equal to what was put in.
    """
    shapes = np.asarray([unit.shape for unit in units], dtype=object)
    # Adding 0.0 makes minus zero plus zero, which are equal numbers and different bytes.
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, PRECISION) + 0.0)
    shapes = [shapely.MultiPolygon([shape]) if shape is not None and shape.geom_type == "Polygon" else shape for shape in shapes]
    texts = shapely.to_wkb(shapely.normalize(np.asarray(shapes, dtype=object)), byte_order=1, output_dimension=2)
    return [
        hashlib.sha256("\0".join((unit.name, unit.parent or "", "")).encode() + (wkb or b"")).hexdigest()
        for unit, wkb in zip(units, texts, strict=True)
    ]


def _keyed(
    rows: Sequence[SourceFeature],
    fields: Sequence[str],
    options: ImportOptions,
    known: Mapping[str, KnownUnit],
    taken: Mapping[str, str],
    retired: Mapping[str, date],
) -> tuple[list[PlannedUnit], list[Rejected]]:
    """Rows with a shape and a usable key, and the others with the reason."""
    codes = [_key(row, options.key_field) for row in rows]
    count = Counter(code.casefold() for code in codes if code)
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, code in zip(rows, codes, strict=True):
        if code and count[code.casefold()] > 1:
            rows_of[code.casefold()].append(row.row)
    elsewhere = {code.casefold(): level for code, level in taken.items()}
    gone = {code.casefold(): day for code, day in retired.items()}
    missing_column = _missing_column(fields, options)
    drafts, rejected = [], []
    for row, code in zip(rows, codes, strict=True):
        folded = code.casefold() if code else None
        if row.problem is not None:
            refusal = (row.problem.reason, row.problem.message)
        elif missing_column is not None:
            refusal = missing_column
        elif code is None:
            refusal = ("no_key", say(REJECTED, "no_key", field=options.key_field))
        elif not UNIT_CODE.fullmatch(code):
            refusal = ("format", say(REJECTED, "format", code=code))
        elif folded in rows_of:
            # All of them: taking the first would choose for the person which one is right.
            listed = ", ".join(map(str, rows_of[folded][:10]))
            refusal = ("repeated_key", say(REJECTED, "repeated_key", code=code, rows=listed))
        elif folded in elsewhere:
            refusal = ("repeated_key", say(REJECTED, "taken_key", code=code, level=elsewhere[folded]))
        elif folded in gone:
            refusal = ("invalid", say(REJECTED, "retired_key", code=code, day=short_day(gone[folded])))
        else:
            drafts.append(_draft(row, known[folded].code if folded in known else code, options))
            if len(drafts[-1].name) <= LONGEST_NAME:
                continue
            drafts.pop()
            refusal = ("format", say(REJECTED, "long_name", limit=LONGEST_NAME))
        rejected.append(Rejected(row.row, code, *refusal))
    return drafts, rejected


def _missing_column(fields: Sequence[str], options: ImportOptions) -> tuple[str, str] | None:
    listed = ", ".join(fields[:20])
    if not fields:
        return "no_key", say(REJECTED, "no_columns")
    if options.key_field is None:
        return "no_key", say(REJECTED, "no_key_column", fields=listed)
    for field, reason in (
        (options.key_field, "no_key"),
        (options.name_field, "format"),
        (options.parent_field, "format"),
        (options.kind_field, "format"),
    ):
        if field is not None and field not in fields:
            return reason, say(REJECTED, "no_such_column", field=field, fields=listed)
    return None


def _key(row: SourceFeature, key_field: str | None) -> str | None:
    return row.attributes.get(key_field) if key_field else None


def _draft(row: SourceFeature, code: str, options: ImportOptions) -> PlannedUnit:
    name = (row.attributes.get(options.name_field) if options.name_field else None) or code
    told = row.attributes.get(options.kind_field) if options.kind_field else None
    kind = kind_from_text(told) if told else None
    if kind is None and options.kind_from_name:
        kind = kind_from_name(name)[1]
    return PlannedUnit(row.row, code, name, kind or options.kind, None, row.shape, row.repairs)


def _placed(
    drafts: Sequence[PlannedUnit],
    rows: Sequence[SourceFeature],
    options: ImportOptions,
    above: Sequence[Sequence[KnownUnit]],
    on_progress: Progress,
) -> tuple[list[PlannedUnit], list[Rejected], list[tuple[str, tuple[str, ...]]], list[PlannedUnit]]:
    """(drafts with a parent, rejected rows, ambiguous codes with candidates, drafts hung on a farther level)."""
    if not any(above):
        return list(drafts), [], [], []
    containers = [[Container(unit.code, unit.shape) for unit in level if unit.shape is not None] for level in above]
    if options.parent_field:
        placed, rejected = _by_code(drafts, rows, options.parent_field, above)
        return placed, rejected, [], []
    places = place(
        [draft.shape for draft in drafts],
        containers,
        lambda done, total: on_progress("placing", done * len(drafts) // max(1, total), len(drafts)),
    )
    placed, rejected, ambiguous, climbed = [], [], [], []
    for draft, spot in zip(drafts, places, strict=True):
        if spot.is_outside:
            rejected.append(Rejected(draft.row, draft.code, "outside", _outside(draft, spot, containers)))
            continue
        draft = replace(draft, parent=spot.parent)
        placed.append(draft)
        if len(spot.candidates) > 1:
            ambiguous.append((draft.code, spot.candidates))
        if spot.climbed:
            climbed.append(draft)
    return placed, rejected, ambiguous, climbed


def _by_code(
    drafts: Sequence[PlannedUnit], rows: Sequence[SourceFeature], field: str, above: Sequence[Sequence[KnownUnit]]
) -> tuple[list[PlannedUnit], list[Rejected]]:
    parents = {unit.code.casefold(): unit for level in reversed(above) for unit in level}
    attributes = {row.row: row.attributes for row in rows}
    placed, rejected = [], []
    for draft in drafts:
        wanted = attributes[draft.row].get(field)
        parent = parents.get(wanted.casefold()) if wanted else None
        if parent is None:
            sentence = say(REJECTED, "no_parent" if wanted else "no_parent_code", parent=wanted, field=field)
            rejected.append(Rejected(draft.row, draft.code, "invalid", sentence))
            continue
        spot = Place(parent.code, share_inside(draft.shape, parent.shape) if parent.shape is not None else 1.0)
        if spot.is_outside:
            rejected.append(Rejected(draft.row, draft.code, "outside", _outside(draft, spot, [])))
            continue
        placed.append(replace(draft, parent=parent.code))
    return placed, rejected


def _outside(draft: PlannedUnit, spot: Place, levels: Sequence[Sequence[Container]]) -> str:
    if spot.parent is not None:
        return say(REJECTED, "outside", percent=f"{(1 - spot.inside) * 100:.0f}", parent=spot.parent)
    centre = shapely.Point(draft.shape.centroid.y, draft.shape.centroid.x)
    for container in (container for level in levels for container in level):
        if shapely.intersects(container.shape, centre):
            return say(REJECTED, "outside_swapped", parent=container.code)
    return say(REJECTED, "outside_all")


def _compared(drafts: Sequence[PlannedUnit], known: Mapping[str, KnownUnit]) -> tuple[list[PlannedUnit], list[PlannedUnit], list[str]]:
    before = [known[draft.code.casefold()] for draft in drafts if draft.code.casefold() in known]
    stored = dict(zip((unit.code.casefold() for unit in before), content_digests(before), strict=True))
    new, changed, unchanged = [], [], []
    for draft, digest in zip(drafts, content_digests(drafts), strict=True):
        draft, unit = replace(draft, digest=digest), known.get(draft.code.casefold())
        if unit is None:
            new.append(draft)
            continue
        differs = [what for what in ("name", "parent") if getattr(draft, what) != getattr(unit, what)]
        if digest != stored[draft.code.casefold()]:
            same_words = replace(draft, name=unit.name, parent=unit.parent)
            if content_digests([same_words])[0] != stored[draft.code.casefold()]:
                differs.append("shape")
        # A file that says nothing of kinds does not take away those a person set.
        if draft.kind is not None and draft.kind != unit.kind:
            differs.append("kind")
        if differs:
            changed.append(replace(draft, differs=tuple(differs)))
        else:
            unchanged.append(draft.code)
    return new, changed, unchanged


def _sibling_overlaps(drafts: Sequence[PlannedUnit], missing: Sequence[KnownUnit]) -> tuple[list[tuple[str, str, float]], list[str]]:
    """Overlaps are told, not refused: official boundaries have them."""
    siblings = [*drafts, *(unit for unit in missing if unit.shape is not None)]
    pairs = [(siblings[one].code, siblings[other].code, area) for one, other, area in overlaps([unit.shape for unit in siblings])]
    notes = [say(NOTE, "overlaps_more", count=len(pairs))] if len(pairs) > MOST_NOTES else []
    notes += [say(NOTE, "overlap", one=one, other=other, area=f"{area:,.0f}") for one, other, area in pairs[:MOST_NOTES]]
    return pairs, notes
