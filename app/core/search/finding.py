"""Asking the index: what holds these words, best first, the same on both databases.

The order is a rule that a person can follow, not a score: the thing called exactly so; what begins so; what has
all the words in its name or text; what has them in its place, folio, theme. Then places before what happened in
them, the larger before the smaller and the newer before the older.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, select
from sqlalchemy.orm import Session

from app.core.pagination import Page, keyset
from app.core.search.engines import matching
from app.core.search.words import beginning, words_match
from models import Ancestry, Level, TerritorialUnit, Theme
from models.search import SearchEntry, SearchKind

E = SearchEntry


@dataclass(frozen=True)
class Hit:
    """One thing found. ``unit`` is where it lies (a place: itself), ``theme`` set when it is one, ``context`` a block's
    territory, ``ended`` the first day on which a place no longer was."""

    kind: SearchKind
    object_id: int
    ref: str
    title: str
    detail: str
    context: str
    unit_code: str | None
    unit_name: str | None
    level: Level | None
    theme: Theme | None
    ended: date | None = None


@dataclass(frozen=True)
class Group:
    """The first hits of a kind, and how many there are in all."""

    kind: SearchKind
    hits: tuple[Hit, ...]
    total: int


def groups(session: Session, words: Sequence[str], *, unit_id: int | None = None, shown: int) -> list[Group]:
    """What the folded ``words`` find, by kind, at most ``shown`` of each; in a unit and below it when given. One query."""
    if not words:
        return []
    order = (_tier(words), E.sort, E.object_id)
    found = (
        select(
            E.id, E.kind, func.row_number().over(partition_by=E.kind, order_by=order).label("place"),
            func.count().over(partition_by=E.kind).label("total"),
        )
        .where(_found(session, words, unit_id)).subquery()
    )
    rows = session.execute(
        _told(select(found.c.total).select_from(E).join(found, found.c.id == E.id)).where(found.c.place <= shown)
        .order_by(_rank(), found.c.place)
    ).all()
    return [
        Group(kind, tuple(_hit(row) for row in rows if row.kind is kind), next(row.total for row in rows if row.kind is kind))
        for kind in dict.fromkeys(row.kind for row in rows)
    ]


def page(
    session: Session, words: Sequence[str], *, kind: SearchKind | None = None, unit_id: int | None = None, cursor: str | None, size: int
) -> Page[Hit]:
    """One page of what the folded ``words`` find, of one kind or of all. Raises BadCursor."""
    if not words:
        return Page([], None)
    query = _told(select().select_from(E)).where(_found(session, words, unit_id))
    if kind is not None:
        query = query.where(E.kind == kind)
    keys = [(_tier(words), False, int), (_rank(), False, int), (E.sort, False, int), (E.object_id, False, int)]
    found = keyset(session, query, keys, cursor=cursor, size=size)
    return Page([_hit(row) for row in found.items], found.next)


def _found(session: Session, words: Sequence[str], unit_id: int | None) -> ColumnElement[bool]:
    here = matching(session, words)
    if unit_id is None:
        return here
    return and_(here, E.unit_id.in_(select(Ancestry.unit_id).where(Ancestry.ancestor_id == unit_id)))


def _tier(words: Sequence[str]) -> ColumnElement[int]:
    whole = " ".join(words)
    named = words_match(E.head, [beginning(word) for word in words])
    return case((E.head == whole, 0), (E.head.like(f"{whole}%"), 1), (named, 2), else_=literal(3))


def _rank() -> ColumnElement[int]:
    return case({kind: number for number, kind in enumerate(SearchKind)}, value=E.kind)


def _told(query: Select) -> Select:
    """``query`` with what is printed of each entry: its place and the names that a language chooses."""
    return (
        query.add_columns(
            E.kind, E.object_id, E.ref, E.title, E.detail, E.context, TerritorialUnit.code.label("unit_code"),
            TerritorialUnit.name.label("unit_name"), Level, Theme, TerritorialUnit.valid_to.label("ended"),
        )
        .outerjoin(TerritorialUnit, TerritorialUnit.id == E.unit_id)
        .outerjoin(Level, Level.id == TerritorialUnit.level_id)
        .outerjoin(Theme, and_(E.kind == SearchKind.THEME, Theme.id == E.object_id))
    )


def _hit(row: Row) -> Hit:
    return Hit(
        row.kind, row.object_id, row.ref, row.title, row.detail, row.context, row.unit_code, row.unit_name, row.Level, row.Theme, row.ended
    )
