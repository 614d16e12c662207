"""Tables of bodies, people, assemblies, agreements: the engine of ``app.core.tabular``, in the shape the pages show."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.admin.imports.plans import Brought, Outcome, Planned, PlannedRow, Stale, Tell, Unclear, Unusable
from app.admin.imports.questions import ASKED, facts_of
from app.core import tabular
from app.core.i18n import _
from app.core.tabular import Row, Table
from app.core.tabular.fields import shortened
from models.ledger import Capacity

# Of a row, what is shown beside its key: enough to know which one it is.
SHOWN, LONGEST = 4, 160


class Tables:
    """The engine of one registered kind. Options: those of ``tabular.Options``.

    Samples of its rows are kept nowhere: they hold names.
    """

    def __init__(self, kind: tabular.Kind):
        self.kind = kind

    def check(self, brought: Brought) -> None:
        self._table(brought)
        self._options(brought)

    def look(self, session: Session, brought: Brought, tell: Tell) -> dict[str, Any]:
        table = self._table(brought)
        tell("reading", len(table.rows), len(table.rows))
        suggested = tabular.suggest(session, self.kind, table)
        more = self.kind.notes(table, suggested) if hasattr(self.kind, "notes") else []
        return {
            "fields": list(table.columns), "guesses": suggested.as_json(), "rows": len(table.rows), "notes": [*table.notes, *more],
        }

    def plan(self, session: Session, brought: Brought, tell: Tell) -> Planned:
        table = self._table(brought)
        try:
            plan = tabular.plan(session, self.kind, table, self._options(brought), progress=tell)
        except tabular.ImpossibleTable as wrong:
            raise Unclear(str(wrong)) from wrong
        rows = [_planned(row) for row in plan.rows]
        rows += [
            PlannedRow(None, Outcome.MISSING, key, "", _("No viene en el archivo; se queda como está.")) for key in plan.missing
        ]
        why = [f"{sentence} ({times:,})" for code, _field, times, sentence in plan.why() if times > 1 and code != ASKED]
        blocked = len(plan.of(tabular.Outcome.REJECTED, tabular.Outcome.AMBIGUOUS))
        return Planned(
            rows=rows, notes=[*plan.notes, *why], prepared=plan, proof=plan.digest,
            facts={"does_nothing": plan.does_nothing, "blocked": blocked, "source": plan.options.source, **facts_of(self.kind, plan.rows)},
        )

    def write(
        self, session: Session, planned: Planned, brought: Brought, *, capacity: Capacity, skip_rejected: bool, tell: Tell
    ) -> dict[str, Any]:
        seen = planned.prepared
        # Made again where it is written: what these rows meet may have changed since it was read elsewhere.
        plan = tabular.plan(session, self.kind, seen.table, seen.options)
        if plan.digest != seen.digest:
            raise Stale
        return dict(tabular.write(session, plan, capacity=capacity, progress=tell, skip_rejected=skip_rejected))

    def _table(self, brought: Brought) -> Table:
        try:
            return tabular.read_table(brought.path.read_bytes(), brought.filename)
        except tabular.UnreadableTable as wrong:
            raise Unusable(str(wrong)) from wrong

    def _options(self, brought: Brought) -> tabular.Options:
        try:
            companion = tabular.Packed(brought.companion.read_bytes()) if brought.companion else None
        except tabular.UnreadableTable as wrong:
            raise Unusable(str(wrong)) from wrong
        return tabular.Options.from_json(brought.options, companion)


def _planned(row: Row) -> PlannedRow:
    says = [*([row.left_out] if row.left_out else []), *(str(problem) for problem in row.problems), *map(str, row.repairs)]
    if row.candidates:
        says.append(_("Puede ser: %(candidates)s.", candidates=", ".join(row.candidates)))
    if not says:
        says = {Outcome.NEW: [_("Se agrega.")], Outcome.CHANGED: [_("Se actualiza.")]}.get(Outcome(row.outcome), [_("Ya está así.")])
    shown = [text for text in row.shown.values() if text != row.key][:SHOWN]
    return PlannedRow(
        row.number, Outcome(row.outcome), row.key, shortened(" · ".join(shown), LONGEST), " ".join(says),
        repaired=bool(row.repairs), ambiguous=row.outcome == tabular.Outcome.AMBIGUOUS,
    )
