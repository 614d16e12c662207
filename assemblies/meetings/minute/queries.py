"""The minutes as they stand: assembled from what was recorded, so that nothing is typed twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from agendas.agreements import verification
from agendas.agreements.discretion import discreet
from app.core import clock
from assemblies.meetings import queries as meetings
from assemblies.meetings import reserved
from assemblies.meetings.hold import queries as held
from assemblies.meetings.minute.content import Checked, Promise, Record, Yield, digest_of, written
from models import Addendum, Agreement, Decision, HeadcountCell, Minutes, Problem, Theme, Verification
from models.assembly import Assembly, Item
from models.settings import setting
from models.territory import TerritorialUnit
from territories.units.queries import territory_of

__all__ = ["Sealed", "content_of", "digest_of", "sealed_of"]


def content_of(session: Session, assembly: Assembly) -> dict[str, Any]:
    """Everything the page and the PDF print, as strings and whole numbers: the thing that is sealed.

    Who came is published as the margins that hide small cells; sensitive problems are only counted, by
    territory, and agreements about them are published with their territory, not here.
    """
    items = meetings.items_of(session, assembly.id)
    territory = territory_of(session, assembly.unit)
    return written(
        Record(
            assembly=assembly, unit=assembly.unit, territory=territory, blocks=meetings.blocks_of(session, assembly.id),
            conveners=[
                (convener.role, convener.body.name if convener.body else None)
                for convener in meetings.conveners_of(session, assembly.id)
            ],
            call=held.call_of(session, assembly),
            cells=session.scalars(select(HeadcountCell).filter_by(assembly_id=assembly.id)).all(),
            slips=held.slips_out(session, assembly.id), items=items, yields=_yields(session, items),
            sensitive=_sensitive(session, territory),
        )
    )


@dataclass(frozen=True)
class Sealed:
    """Sealed minutes with what was added since, oldest first."""

    minutes: Minutes
    addenda: list[Addendum]


def sealed_of(session: Session, assembly_id: int) -> Sealed | None:
    """The sealed minutes of an assembly, or None while there are none."""
    minutes = session.scalar(select(Minutes).filter_by(assembly_id=assembly_id).options(selectinload(Minutes.addenda)))
    return None if minutes is None else Sealed(minutes, list(minutes.addenda))


def _yields(session: Session, items: Sequence[Item]) -> dict[int, Yield]:
    ids = [item.id for item in items]
    decisions = {row.item_id: row for row in session.scalars(select(Decision).where(Decision.item_id.in_(ids)))}
    agreements: dict[int, list[Promise]] = {}
    for row in session.scalars(
        select(Agreement).where(Agreement.item_id.in_(ids), ~discreet()).order_by(Agreement.id)
        .options(joinedload(Agreement.owner), joinedload(Agreement.counterpart), joinedload(Agreement.unit))
    ):
        promise = Promise(row, row.owner.name, row.counterpart.name if row.counterpart else None, row.unit)
        agreements.setdefault(row.item_id, []).append(promise)
    problems: dict[int, list[tuple[Problem, Theme, TerritorialUnit]]] = {}
    for problem, theme, unit in session.execute(
        select(Problem, Theme, TerritorialUnit).join(Theme, Theme.id == Problem.theme_id)
        .join(TerritorialUnit, TerritorialUnit.id == Problem.unit_id)
        .where(Problem.item_id.in_(ids), Theme.sensitive.is_(False)).order_by(Problem.id)
    ):
        problems.setdefault(problem.item_id, []).append((problem, theme, unit))
    checked = _checked(session, ids)
    return {
        item_id: Yield(problems.get(item_id, ()), decisions.get(item_id), agreements.get(item_id, ()), checked.get(item_id, ()))
        for item_id in ids
    }


def _checked(session: Session, item_ids: list[int]) -> dict[int, list[Checked]]:
    rows = session.execute(
        select(Verification, Agreement.folio, Agreement.text).join(Agreement, Agreement.id == Verification.agreement_id)
        .where(Verification.item_id.in_(item_ids)).order_by(Verification.id)
    ).all()
    signed = verification.signatures(session, [row.id for row, _folio, _text in rows])
    needed = setting(session, "countersigners")
    found: dict[int, list[Checked]] = {}
    for row, folio, text in rows:
        one = Checked(folio, text, signed.get(row.id, 0), needed, row.completed_at is not None)
        found.setdefault(row.item_id, []).append(one)
    return found


def _sensitive(session: Session, territory: TerritorialUnit) -> list[tuple[Theme, int]]:
    """Sensitive problems of the territory, whichever assembly raised them, as its last closed month left
    them: neither this assembly's count nor what it added can be read off its minutes."""
    counted = reserved.published(session, clock.now(), territory_id=territory.id)
    themes = {theme.id: theme for theme in session.scalars(select(Theme).where(Theme.id.in_([one.theme_id for one in counted])))}
    return [(themes[one.theme_id], one.count) for one in counted]
