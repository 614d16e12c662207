"""What bringing a table in would do, row by row, before anything is written (invariant 12)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, crypto
from app.core.sheets import csv_line
from app.core.tabular.fields import Problem, Unfit, shortened
from app.core.tabular.kinds import LONGEST_KEY, Context, Kind, Options, Outcome, Progress, Row, silent
from app.core.tabular.mapping import ImpossibleTable, check
from app.core.tabular.reader import Table
from app.core.tabular.sentences import NOTE, ROW
from models.intake import ExternalKey

NO_SOURCE = "archivo"
AT_ONCE = 500


@dataclass(frozen=True)
class Plan:
    """Every row with its outcome, and what the file no longer brings (which stays as it is)."""

    kind: Kind
    table: Table
    options: Options
    rows: tuple[Row, ...]
    missing: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, *outcomes: Outcome) -> list[Row]:
        return [row for row in self.rows if row.outcome in outcomes]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(row.outcome for row in self.rows)
        return {str(outcome): found[outcome] for outcome in Outcome} | {
            "missing": len(self.missing), "repaired": sum(1 for row in self.rows if row.repairs),
        }

    @property
    def blocked(self) -> bool:
        """Rows that keep the rest from being written unless somebody leaves them out on purpose."""
        return any(row.blocked for row in self.rows)

    @property
    def does_nothing(self) -> bool:
        return not self.of(Outcome.NEW, Outcome.CHANGED)

    @property
    def digest(self) -> str:
        """The same for plans that would do the same: compare before writing what somebody looked at."""
        lines = (f"{row.number} {row.outcome} {row.digest} {row.object_id or ''}" for row in self.rows)
        return hashlib.sha256("\n".join((self.kind.name, self.options.source, *lines)).encode()).hexdigest()

    def why(self) -> list[tuple[str, str | None, int, str]]:
        """What refuses rows: (code, field, how many rows, the sentence of the first), the most frequent first."""
        first: dict[tuple[str, str | None], str] = {}
        found: Counter[tuple[str, str | None]] = Counter()
        for row in self.rows:
            for problem in {(one.code, one.field): one for one in row.problems}.values():
                first.setdefault((problem.code, problem.field), str(problem))
                found[problem.code, problem.field] += 1
        return [(code, field, times, first[code, field]) for (code, field), times in found.most_common()]

    def as_json(self, *, written: bool) -> dict[str, Any]:
        """The answer for machines: identifiers, never a name."""
        keys = {outcome: [row.key for row in self.of(outcome)] for outcome in Outcome}
        return {
            "new": keys[Outcome.NEW], "changed": keys[Outcome.CHANGED], "unchanged": keys[Outcome.UNCHANGED],
            "missing": list(self.missing),
            "repaired": [{"row": row.number, "id": row.key, "what": what} for row in self.rows for what in row.repairs],
            "ambiguous": [
                {"row": row.number, "id": row.key, "candidates": row.candidates, "message": " ".join(map(str, row.problems))}
                for row in self.of(Outcome.AMBIGUOUS)
            ],
            "rejected": [
                {"row": row.number, "id": row.key, "field": problem.field, "reason": problem.code, "message": str(problem)}
                for row in self.of(Outcome.REJECTED) for problem in row.problems
            ],
            "skipped": [{"row": row.number, "id": row.key, "message": row.left_out} for row in self.of(Outcome.SKIPPED)],
            "unmapped": list(self.unmapped), "written": written,
        }


def plan(session: Session, kind: Kind, table: Table, options: Options, *, progress: Progress = silent) -> Plan:
    """What bringing ``table`` in as ``options`` say would do. Reads only. Raises ImpossibleTable.

    A column that ``options.mapping`` does not name is not used; an empty source is called ``archivo``.
    """
    options = replace(options, source=" ".join(options.source.split()) or NO_SOURCE)
    check(kind, table, options)
    # What is remembered and planned again is the file as it came.
    brought, asked = table, options
    if hasattr(kind, "reshape"):
        table, options = kind.reshape(table, options)
    context = Context(options, clock.now(), progress, table.sha256)
    rows = list(_read(kind, table, options))
    progress("checking", 0, len(rows))
    whole = [row for row in rows if not row.problems]
    kind.understand(session, whole, context)
    for row in rows:
        if row.left_out:
            continue
        if not row.key and not row.problems:
            row.problems.append(Problem("no_key", ROW["no_key"]))
        elif len(row.key) > LONGEST_KEY:
            row.problems.append(Problem("long_key", ROW["long_key"], {"limit": LONGEST_KEY}))
    _refuse_repeated(rows)
    _judge(session, kind, rows, context)
    progress("checking", len(rows), len(rows))
    unmapped = tuple(column for column in table.columns if not options.mapping.get(column))
    notes = [*table.notes]
    if unmapped:
        notes.append(str(NOTE["unmapped"]) % {"columns": ", ".join(unmapped)})
    missing = () if getattr(kind, "in_parts", False) else _missing(session, kind, rows, options)
    return Plan(kind, brought, asked, tuple(rows), missing, unmapped, tuple(notes))


def _read(kind: Kind, table: Table, options: Options) -> Iterable[Row]:
    column_of = {name: column for column, name in options.mapping.items() if name}
    constants: dict[str, Any] = {}
    for field in kind.fields:
        try:
            constants[field.name] = field.read(options.constants.get(field.name, ""))
        except Unfit as wrong:
            raise ImpossibleTable("bad_constant", why=field.refused(wrong, options.constants[field.name])) from wrong
    for record in table.rows:
        row = Row(record.number, {})
        for field in kind.fields:
            raw = record.cells.get(column_of.get(field.name, ""), "")
            value = None
            try:
                value = field.read(raw)
            except Unfit as wrong:
                row.problems.append(field.refused(wrong, raw))
            else:
                value = constants[field.name] if value in (None, "") else value
                if value in (None, ()) and field.required:
                    row.problems.append(field.refused(Unfit("missing"), raw))
            row.values[field.name] = value
            if raw and field.shown and not field.personal:
                row.shown[field.name] = shortened(raw)
        external_id = row.values.get("external_id")
        row.key = external_id or ""
        yield row


def _refuse_repeated(rows: Sequence[Row]) -> None:
    by_key: dict[str, list[Row]] = {}
    for row in rows:
        if row.key and not row.left_out:
            by_key.setdefault(row.key, []).append(row)
    for key, same in by_key.items():
        if len(same) > 1:
            numbers = ", ".join(str(row.number) for row in same[:10])
            code = "repeated_key" if same[0].values.get("external_id") else "repeated"
            for row in same:
                row.problems.append(Problem("repeated_key", ROW[code], {"key": shortened(key), "rows": numbers}))


def _judge(session: Session, kind: Kind, rows: Sequence[Row], context: Context) -> None:
    sound = [row for row in rows if not row.problems and not row.candidates and not row.left_out]
    kept = known_keys(session, context.options.source, kind.name, [row.key for row in sound])
    here = []
    for row in sound:
        row.digest = content_digest(kind.name, row.content)
        before = kept.get(row.key)
        row.known = before is not None
        if before is not None:
            row.object_id = before[0]
            row.outcome = Outcome.UNCHANGED if before[1] == row.digest else Outcome.CHANGED
        elif row.object_id is None:
            row.outcome = Outcome.NEW
        else:
            row.outcome = Outcome.UNCHANGED if row.same else Outcome.CHANGED
        if row.outcome is Outcome.CHANGED:
            here.append(row)
    kind.compare(session, here, context)
    for row in rows:
        if row.left_out:
            row.outcome = Outcome.SKIPPED
        elif row.candidates:
            row.outcome = Outcome.AMBIGUOUS
        elif row.problems:
            row.outcome = Outcome.REJECTED
        elif row.outcome is Outcome.UNCHANGED:
            row.repairs.clear()


def _missing(session: Session, kind: Kind, rows: Sequence[Row], options: Options) -> tuple[str, ...]:
    brought = {row.key for row in rows}
    kept = session.scalars(
        select(ExternalKey.external_id).filter_by(source=options.source, kind=kind.name).order_by(ExternalKey.external_id)
    )
    return tuple(key for key in kept if key not in brought)


def known_keys(session: Session, source: str, kind: str, keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Of those keys, what is here already: key to (object id, digest of what it said). One query per 500."""
    wanted = list(dict.fromkeys(keys))
    found: dict[str, tuple[int, str]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        found |= {
            key: (object_id, digest)
            for key, object_id, digest in session.execute(
                select(ExternalKey.external_id, ExternalKey.object_id, ExternalKey.digest)
                .filter_by(source=source, kind=kind).where(ExternalKey.external_id.in_(wanted[start : start + AT_ONCE]))
            )
        }
    return found


def content_digest(kind: str, content: Any) -> str:
    """Keyed, because a row of a person says little enough to be guessed from a plain digest."""
    return crypto.keyed_hash("intake", kind, json.dumps(content, sort_keys=True, ensure_ascii=False, default=str))


def errors_csv(plan: Plan) -> bytes:
    """The refused rows to mend, as CSV in UTF-8 with the mark by which Excel knows it: one line per problem."""
    labels = {field.name: str(field.label) for field in plan.kind.fields}
    columns = {name: column for column, name in plan.options.mapping.items() if name}
    lines = [["renglon", "identificador", "columna", "dato", "motivo", "que_hacer", "opciones"]]
    for row in plan.of(Outcome.REJECTED, Outcome.AMBIGUOUS):
        for problem in row.problems:
            name = problem.field or ""
            options = " | ".join(row.candidates) if problem.code.startswith("ambiguous") else ""
            lines.append([
                str(row.number), row.key, columns.get(name, ""), labels.get(name, ""), problem.code, str(problem), options,
            ])  # fmt: skip
    return csv_bytes(lines)


def preview_csv(plan: Plan) -> bytes:
    """Every row with what would become of it, as CSV; what is somebody's is left out."""
    fields = [field for field in plan.kind.fields if field.shown and not field.personal]
    lines = [["renglon", "identificador", "resultado", "reparaciones", "motivos", *(str(field.label) for field in fields)]]
    for row in plan.rows:
        lines.append([
            str(row.number), row.key, str(row.outcome), " ".join(row.repairs),
            " ".join([*(str(problem) for problem in row.problems), *([row.left_out] if row.left_out else [])]),
            *(row.shown.get(field.name, "") for field in fields),
        ])  # fmt: skip
    return csv_bytes(lines)


def template_csv(kind: Kind) -> bytes:
    """An empty table of this kind: the names of its columns and one example."""
    fields = [field for field in kind.fields if field.asked]
    return csv_bytes([[field.name for field in fields], [field.example for field in fields]])


def csv_bytes(lines: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with its mark; what a spreadsheet would run as a formula is made text."""
    return "".join(csv_line(line) for line in lines).encode("utf-8-sig")


def words_of(kind: Kind) -> Mapping[str, str]:
    """Field name to the words people read for it."""
    return {field.name: str(field.label) for field in kind.fields}
