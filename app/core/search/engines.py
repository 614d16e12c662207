"""Where the two databases differ: how words are kept and asked for. PostgreSQL: a ``tsvector`` column generated from
the entry, with a GIN index. SQLite: an FTS5 table that holds the words and not the text (``search_words``).

Both get words that are folded already, so that what one finds the other finds.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Insert, Select, cast, column, insert, literal, literal_column, select, table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.search.words import beginning
from models.search import SearchEntry

_WORDS = table("search_words", column("rowid"), column("words"))
_TEXT = SearchEntry.head + " " + SearchEntry.body
COLUMNS = ("unit_id", "sort", "ref", "title", "detail", "context", "head", "body")


def _upsert(dialect) -> Insert:
    statement = dialect.insert(SearchEntry.__table__)
    return statement.on_conflict_do_update(
        index_elements=["kind", "object_id"], set_={name: statement.excluded[name] for name in COLUMNS}
    )


_UPSERTS = {"postgresql": _upsert(postgresql), "sqlite": _upsert(sqlite)}


def matching(session: Session, words: Sequence[str]) -> ColumnElement[bool]:
    """Entries that hold every one of the folded ``words``, or words that begin with them."""
    if _is_postgresql(session):
        query = " & ".join(f"'{word}'{':*' if _by_beginning(word) else ''}" for word in map(beginning, words))
        return literal_column("search_entry.words").op("@@")(cast(query, postgresql.TSQUERY))
    query = " AND ".join(f'"{word}"{"*" if _by_beginning(word) else ""}' for word in map(beginning, words))
    return SearchEntry.id.in_(select(_WORDS.c.rowid).where(literal_column("search_words").op("MATCH")(literal(query))))


def upsert_of(session: Session) -> Insert:
    """The statement that writes entries over those of the same things."""
    return _UPSERTS["postgresql" if _is_postgresql(session) else "sqlite"]


def forget_words(session: Session, ids: Select) -> None:
    """Before the entries with these ids change or go."""
    if not _is_postgresql(session):
        session.execute(_WORDS.delete().where(_WORDS.c.rowid.in_(ids)))


def learn_words(session: Session, ids: Select) -> None:
    """After the entries with these ids were written."""
    if not _is_postgresql(session):
        words = select(SearchEntry.id, _TEXT).where(SearchEntry.id.in_(ids))
        session.execute(insert(_WORDS).from_select(["rowid", "words"], words))


def words_astray(session: Session) -> int:
    """How many entries have no words, or words no entry. PostgreSQL itself sees to it that there are none."""
    if _is_postgresql(session):
        return 0
    return len(set(session.scalars(select(_WORDS.c.rowid))) ^ set(session.scalars(select(SearchEntry.id))))


def relearn_words(session: Session) -> None:
    """Make the words of every entry again."""
    if _is_postgresql(session):
        return
    session.execute(text("INSERT INTO search_words(search_words) VALUES ('delete-all')"))
    session.execute(insert(_WORDS).from_select(["rowid", "words"], select(SearchEntry.id, _TEXT)))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _by_beginning(word: str) -> bool:
    # One letter begins a tenth of all words there are: it is looked for as it stands.
    return len(word) > 1
