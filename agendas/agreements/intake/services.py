"""Writes agreements brought in from a list: new ones in bulk, known ones moved forwards through their one door."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import search
from app.core.i18n import _
from app.core.tabular import Context, Outcome, Row
from models import Agreement, ledger
from models.agreement import STEPS, Move, Origin
from models.agreement import AgreementState as S
from models.folio import folio_key, next_folios
from models.ledger import Capacity, Entry, EventKind
from territories.units.book import AT_ONCE, short_codes

MOVES = {S.ACCEPTED: Move.ACCEPT, S.IN_PROGRESS: Move.PROGRESS, S.REPORTED_DONE: Move.REPORT_DONE}
PROGRESS_EVERY = 500


@dataclass(frozen=True, slots=True)
class Made:
    """The assembly that made an agreement."""

    id: int
    folio: str
    unit_id: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An agreement as a row tells it, its places and bodies found. ``due`` is the first date, never lost."""

    unit_id: int
    unit_code: str
    unit_name: str
    theme_id: int
    theme_code: str
    owner_id: int
    owner_code: str
    counterpart_id: int | None
    counterpart_code: str | None
    assembly: Made | None
    text: str
    place: str
    state: S
    agreed: date | None
    due: date
    reported: date | None
    today: date
    discreet: bool = False

    def told(self) -> list[Any]:
        """What the row says, apart from how it is kept here: the same row says the same tomorrow."""
        return [
            self.unit_code, self.theme_code, self.owner_code, self.counterpart_code, self.assembly and self.assembly.folio,
            self.text, self.place, str(self.state), self.agreed and self.agreed.isoformat(), self.due.isoformat(),
            self.reported and self.reported.isoformat(),
        ]


def present(session: Session, ids: Sequence[int]) -> Iterable[Agreement]:
    """Those agreements; a query per 500."""
    for start in range(0, len(ids), AT_ONCE):
        yield from session.scalars(select(Agreement).where(Agreement.id.in_(ids[start : start + AT_ONCE])))


def bring(session: Session, rows: Sequence[Row], *, capacity: Capacity, context: Context) -> Mapping[str, int]:
    """Write new agreements with origin import, and move forwards those that are here. Nothing is ever verified."""
    new = [row for row in rows if row.outcome is Outcome.NEW]
    _add(session, new, capacity=capacity, context=context)
    moved = 0
    for row in rows:
        if row.outcome is Outcome.CHANGED:
            moved += _move_on(session, row, capacity=capacity, context=context)
    search.refresh(session, Agreement, [row.object_id for row in rows])
    return {"reported_done": sum(1 for row in new if row.draft.state is S.REPORTED_DONE), "moved": moved}


def _add(session: Session, rows: Sequence[Row], *, capacity: Capacity, context: Context) -> None:
    codes = short_codes(session, (row.draft.unit_id for row in rows))
    series: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        series[codes[row.draft.unit_id], (row.draft.agreed or row.draft.today).year].append(row)
    made: list[tuple[Row, Agreement]] = []
    folios = next_folios(session, prefix="", wanted={key: len(same) for key, same in series.items()})
    for key, same in series.items():
        for row, folio in zip(same, folios[key], strict=True):
            made.append((row, _agreement(row.draft, folio, context.moment)))
    made.sort(key=lambda pair: pair[0].number)
    for start in range(0, len(made), PROGRESS_EVERY):
        batch = made[start : start + PROGRESS_EVERY]
        session.add_all(agreement for _row, agreement in batch)
        session.flush()
        for row, agreement in batch:
            row.object_id = agreement.id
        context.progress("writing", start + len(batch), len(made))
    ledger.append_many(
        session, (entry for row, agreement in made for entry in _told(row.draft, agreement, context)), capacity=capacity,
        occurred_at=context.moment, recorded_at=context.moment,
    )


def _agreement(draft: Draft, folio: str, moment: datetime) -> Agreement:
    done = draft.state is S.REPORTED_DONE
    return Agreement(
        folio=folio, folio_key=folio_key(folio), unit_id=draft.unit_id, theme_id=draft.theme_id,
        assembly_id=draft.assembly.id if draft.assembly else None, owner_id=draft.owner_id, counterpart_id=draft.counterpart_id,
        origin=Origin.IMPORT, text=draft.text, place=draft.place,
        search_text=search.fold(f"{folio} {draft.text} {draft.place} {draft.unit_name}"), state=draft.state,
        first_due=draft.due, due=draft.due,
        accepted_at=None if draft.state is S.PROPOSED else moment, round=1 if done else 0, reported_on=draft.reported,
        created_at=moment,
    )


def _told(draft: Draft, agreement: Agreement, context: Context) -> Iterable[Entry]:
    """The entries of an agreement brought in: that it was proposed, and where it stood."""
    origin = {"origin": str(Origin.IMPORT), "source": context.options.source}
    yield Entry(
        EventKind.AGREEMENT_PROPOSED, agreement.object_name,
        {
            "to": str(S.PROPOSED), "unit": draft.unit_code, "theme": draft.theme_code,
            "assembly": draft.assembly.folio if draft.assembly and not draft.discreet else None,
            "owner": draft.owner_code, "counterpart": draft.counterpart_code, "due": draft.due.isoformat(), **origin,
        },
        {"text": draft.text, "place": draft.place}, _moment(draft.agreed, context),
    )
    move = MOVES.get(draft.state)
    if move is None:
        return
    data: dict[str, Any] = {"from": str(S.PROPOSED), "to": str(draft.state), **origin}
    if draft.state is S.REPORTED_DONE:
        data |= {"round": 1, "reported_on": draft.reported.isoformat()}
    yield Entry(STEPS[move].event, agreement.object_name, data, None, _moment(draft.reported, context))


def _moment(day: date | None, context: Context) -> datetime:
    """A day of a list has no hour: noon, UTC, is that day anywhere in the country. Never after now."""
    return context.moment if day is None else min(context.moment, datetime.combine(day, time(12), UTC))


def _move_on(session: Session, row: Row, *, capacity: Capacity, context: Context) -> int:
    agreement = session.scalars(
        select(Agreement).where(Agreement.id == row.object_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    draft, steps = row.draft, 0
    path = [S.PROPOSED, S.ACCEPTED, S.IN_PROGRESS, S.REPORTED_DONE]
    for state in path[path.index(agreement.state) + 1 : path.index(draft.state) + 1] if agreement.state in path else ():
        if state is S.IN_PROGRESS and draft.state is not S.IN_PROGRESS:
            continue
        agreement.advance(
            session, MOVES[state], capacity=capacity, occurred_at=_moment(draft.reported, context), recorded_at=context.moment,
            on=draft.reported, reason=_("Así viene en la lista «%(source)s».", source=context.options.source),
            data={"origin": str(Origin.IMPORT), "source": context.options.source},
        )
        steps += 1
    return int(steps > 0)
