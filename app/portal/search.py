"""One box for everything: folios, places, streets, agreements, assemblies."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from app.core.search import fold, folio_keys, words_match
from models import Agreement, Ancestry, Assembly, Body, Level, TerritorialUnit
from models.territory import LEVEL_ORDER, LevelRole

SHOWN = 10
MAX_WORDS = 6
MAX_LENGTH = 120


@dataclass(frozen=True)
class Found:
    """A unit with its level and, for a block, the territory it lies in and the streets that matched."""

    code: str
    name: str
    level: Level
    territory: str | None
    streets: tuple[str, ...]


@dataclass(frozen=True)
class Results:
    """Up to ``SHOWN`` + 1 of each, so that the page knows whether there are more."""

    places: list[Found]
    blocks: list[Found]
    agreements: list
    assemblies: list

    def __bool__(self) -> bool:
        return bool(self.places or self.blocks or self.agreements or self.assemblies)


def words_of(text: str) -> list[str]:
    return fold(text[:MAX_LENGTH]).split()[:MAX_WORDS]


def by_folio(session: Session, text: str) -> tuple[str, str] | None:
    """("agreement" or "assembly", folio) of the one thing with that folio, however it was typed; one query."""
    keys = folio_keys(text[:40])
    if not keys:
        return None
    found = session.execute(
        union_all(
            select(literal("agreement"), Agreement.folio).where(Agreement.folio_key.in_(keys)),
            select(literal("assembly"), Assembly.folio).where(Assembly.folio_key.in_(keys), Assembly.convened_at.is_not(None)),
        )
    ).all()
    return tuple(found[0]) if len(found) == 1 else None


def search(session: Session, text: str) -> Results | None:
    """What ``text`` finds, grouped; None when it holds no word. Four queries."""
    words = words_of(text)
    if not words:
        return None
    return Results(
        _units(session, words, blocks=False), _units(session, words, blocks=True),
        _agreements(session, words), _assemblies(session, words),
    )


def _units(session: Session, words: list[str], *, blocks: bool) -> list[Found]:
    above, territory, territory_level = aliased(Ancestry), aliased(TerritorialUnit), aliased(Level)
    name = (
        select(territory.name)
        .join(above, above.ancestor_id == territory.id)
        .join(territory_level, territory_level.id == territory.level_id)
        .where(above.unit_id == TerritorialUnit.id, territory_level.role == LevelRole.TERRITORY)
        .scalar_subquery()
    )
    whole = " ".join(words)
    rank = case(
        (TerritorialUnit.code_key == whole, 0), (TerritorialUnit.search_name.like(f"{whole}%"), 1), else_=2
    )
    order = case(*[(Level.role == role, depth) for depth, role in enumerate(LEVEL_ORDER)], else_=9)
    rows = session.execute(
        select(TerritorialUnit.code, TerritorialUnit.name, TerritorialUnit.streets, Level, name)
        .join(Level, Level.id == TerritorialUnit.level_id)
        .where(
            words_match(TerritorialUnit.search_name, words), TerritorialUnit.valid_to.is_(None),
            (Level.role == LevelRole.BLOCK) if blocks else (Level.role != LevelRole.BLOCK),
        )
        .order_by(rank, order, TerritorialUnit.name, TerritorialUnit.id).limit(SHOWN + 1)
    )
    return [
        Found(code, name, level, territory_name, tuple(street for street in streets.split("\n") if street))
        for code, name, streets, level, territory_name in rows
    ]


def _agreements(session: Session, words: list[str]) -> list:
    return session.execute(
        select(Agreement, TerritorialUnit, Body)
        .join(TerritorialUnit, TerritorialUnit.id == Agreement.unit_id)
        .join(Body, Body.id == Agreement.owner_id)
        .where(words_match(Agreement.search_text, words))
        .order_by(Agreement.created_at.desc(), Agreement.id.desc()).limit(SHOWN + 1)
    ).all()


def _assemblies(session: Session, words: list[str]) -> list:
    title = func.lower(Assembly.title)
    each = [
        or_(
            Assembly.place_key.like(f"{word}%"), Assembly.place_key.like(f"% {word}%"),
            title.like(f"{word}%"), title.like(f"% {word}%"), words_match(TerritorialUnit.search_name, [word]),
        )
        for word in words
    ]
    return session.execute(
        select(Assembly, TerritorialUnit)
        .join(TerritorialUnit, TerritorialUnit.id == Assembly.unit_id)
        .where(and_(*each), Assembly.convened_at.is_not(None))
        .order_by(Assembly.starts_at.desc(), Assembly.id.desc()).limit(SHOWN + 1)
    ).all()
