"""One box for everything: a folio leads to its page, words to whatever public thing holds them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from sqlalchemy import and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.core import search
from app.core.pagination import Page
from models import Agreement, Assembly, Body, SearchEntry, TerritorialUnit
from models.search import SearchKind

SHOWN = 10
# Where the words for a place are: streets, colonias, themes. Misspelt words are compared with these.
_NAMING = (SearchKind.PLACE, SearchKind.BLOCK, SearchKind.THEME)
_CANDIDATES = 12_000


@dataclass(frozen=True)
class Cards:
    """What agreements and assemblies say now, by id: their state is not in the index."""

    agreements: dict[int, tuple[Agreement, TerritorialUnit, Body]] = field(default_factory=dict)
    assemblies: dict[int, tuple[Assembly, TerritorialUnit]] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """What was found with ``words``, which are fewer than were typed when ``loosened``."""

    words: list[str]
    groups: list[search.Group]
    cards: Cards
    loosened: bool = False


def by_folio(session: Session, text: str) -> tuple[str, str] | None:
    """("agreement" or "assembly", folio) of the one thing with that folio, however it was typed; one query."""
    keys = search.folio_keys(text[:40])
    if not keys:
        return None
    found = session.execute(
        union_all(
            select(literal("agreement"), Agreement.folio).where(Agreement.folio_key.in_(keys)),
            select(literal("assembly"), Assembly.folio).where(Assembly.folio_key.in_(keys), Assembly.convened_at.is_not(None)),
        )
    ).all()
    return tuple(found[0]) if len(found) == 1 else None


def overview(session: Session, text: str, *, unit_id: int | None = None) -> Results:
    """What ``text`` finds, the first of each kind; three queries, and one more when its words had to be fewer."""
    words = search.words_of(text)
    found = search.groups(session, words, unit_id=unit_id, shown=SHOWN)
    fewer = _fewer(text, words)
    if found or not fewer:
        return Results(words, found, _cards(session, [hit for group in found for hit in group.hits]))
    found = search.groups(session, fewer, unit_id=unit_id, shown=SHOWN)
    return Results(fewer, found, _cards(session, [hit for group in found for hit in group.hits]), loosened=bool(found))


def whole_list(
    session: Session, text: str, kind: SearchKind, *, unit_id: int | None = None, cursor: str | None, size: int
) -> tuple[Page[search.Hit], list[str], Cards]:
    """A page of everything of one kind, with the words it was found by; three queries at most. Raises BadCursor."""
    words = search.words_of(text)
    fewer = _fewer(text, words)
    found = search.page(session, words, kind=kind, unit_id=unit_id, cursor=cursor, size=size)
    if not found.items and fewer:
        words = fewer
        found = search.page(session, words, kind=kind, unit_id=unit_id, cursor=cursor, size=size)
    return found, words, _cards(session, found.items)


def _fewer(text: str, words: list[str]) -> list[str]:
    """The telling ones among ``words``; empty when those are all of them, or none, or it is a folio that was typed."""
    fewer = search.telling(words)
    return [] if fewer == words or search.folio_keys(text[:40]) else fewer


def _cards(session: Session, hits: Sequence[search.Hit]) -> Cards:
    """One query for both kinds, none when neither was found."""
    wanted = [
        select(table.id.label("id"), literal(kind).label("kind"))
        .where(table.id.in_(ids))
        for table, kind in ((Agreement, SearchKind.AGREEMENT), (Assembly, SearchKind.ASSEMBLY))
        if (ids := [hit.object_id for hit in hits if hit.kind is kind])
    ]
    if not wanted:
        return Cards()
    found = union_all(*wanted).subquery()
    rows = session.execute(
        select(Agreement, Assembly, TerritorialUnit, Body).select_from(found)
        .outerjoin(Agreement, and_(found.c.kind == SearchKind.AGREEMENT, Agreement.id == found.c.id))
        .outerjoin(Assembly, and_(found.c.kind == SearchKind.ASSEMBLY, Assembly.id == found.c.id))
        .join(TerritorialUnit, TerritorialUnit.id == func.coalesce(Agreement.unit_id, Assembly.unit_id))
        .outerjoin(Body, Body.id == Agreement.owner_id)
    ).all()
    return Cards(
        {owed.id: (owed, unit, owner) for owed, _held, unit, owner in rows if owed is not None},
        {held.id: (held, unit) for _owed, held, unit, _owner in rows if held is not None},
    )


@dataclass(frozen=True)
class Advice:
    """What to try when nothing was found: folios close to the one typed, the words as other things spell them."""

    folios: tuple[tuple[str, str], ...] = ()
    spelling: str = ""

    def __bool__(self) -> bool:
        return bool(self.folios or self.spelling)


def advice(session: Session, text: str) -> Advice:
    """For a search that found nothing; one query."""
    keys = search.folio_keys(text[:40])
    if keys:
        return Advice(folios=_nearest_folios(session, keys[0]))
    return Advice(spelling=_spelling(session, search.words_of(text)))


def _nearest_folios(session: Session, key: str) -> tuple[tuple[str, str], ...]:
    """The ones before and after ``key`` of the same series and year."""
    series = key[: re.search(r"20\d\d\d{4,}$", key).start() + 4]
    nearest = []
    for kind, table, public in (("agreement", Agreement, None), ("assembly", Assembly, Assembly.convened_at.is_not(None))):
        for which, side in ((func.max, table.folio_key < key), (func.min, table.folio_key > key)):
            inside = select(which(table.folio_key)).where(side, table.folio_key.startswith(series))
            inside = inside.where(public) if public is not None else inside
            nearest.append(select(literal(kind), table.folio).where(table.folio_key == inside.scalar_subquery()))
    return tuple(dict.fromkeys(tuple(row) for row in session.execute(union_all(*nearest))))


def _spelling(session: Session, words: list[str]) -> str:
    """``words`` with those that no name holds replaced by the most alike; empty when nothing is alike.

    People miss a letter in the middle more often than the first two: only names that share those are compared.
    """
    long = [word for word in words if len(word) > 3 and not word.isdigit()]
    if not long:
        return ""
    alike = [SearchEntry.head.like(f"{start}%") | SearchEntry.head.like(f"% {start}%") for start in {word[:2] for word in long}]
    heads = session.scalars(
        select(SearchEntry.head).where(SearchEntry.kind.in_(_NAMING), or_(*alike)).order_by(SearchEntry.kind.desc(), SearchEntry.id)
        .limit(_CANDIDATES)
    )
    known = {word for head in heads for word in head.split()}
    said = []
    for word in words:
        if word not in long or any(name.startswith(word) for name in known):
            said.append(word)
            continue
        near = sorted(name for name in known if name[:2] == word[:2] and abs(len(name) - len(word)) < 4)
        close = get_close_matches(word, near, n=1, cutoff=0.72)
        said.append(close[0] if close else word)
    return " ".join(said) if said != words else ""
