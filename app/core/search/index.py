"""The one writer of the index. Whoever writes a public thing calls :func:`refresh` in the same transaction; whoever
writes many at once (an import, the demo) calls :func:`reindex` at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from app.core.search.documents import INDEXED, Document, documents_of
from app.core.search.engines import COLUMNS, forget_words, learn_words, relearn_words, upsert_of, words_astray
from models import Agreement, Ancestry, Assembly, Base, Problem, TerritorialUnit, Theme
from models.search import SearchEntry, SearchKind

# Below SQLite's limit of parameters in one statement, whatever its build.
BATCH = 500


def refresh(session: Session, model: type[Base], ids: Iterable[int]) -> None:
    """Index anew these rows of ``model`` (TerritorialUnit, Theme, Agreement, Assembly or Problem), or forget those
    that are not public (any more). Four statements a batch; flushes what is pending, never commits.
    """
    for batch in _batches(ids):
        ours = (SearchEntry.kind.in_(INDEXED[model]), SearchEntry.object_id.in_(batch))
        documents = list(documents_of(session, model, batch))
        forget_words(session, select(SearchEntry.id).where(*ours))
        gone = set(batch) - {document["object_id"] for document in documents}
        if gone:
            session.execute(delete(SearchEntry).where(ours[0], SearchEntry.object_id.in_(gone)))
        _write(session, documents)
        learn_words(session, select(SearchEntry.id).where(*ours))


def refresh_units(session: Session, unit_ids: Iterable[int]) -> None:
    """After units changed name, place in the tree or streets: them, all below them, and what hangs there."""
    below: set[int] = set()
    for batch in _batches(unit_ids):
        below |= set(session.scalars(select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(batch))))
    refresh(session, TerritorialUnit, sorted(below))
    for model in (Agreement, Assembly, Problem):
        for batch in _batches(sorted(below)):
            refresh(session, model, session.scalars(select(model.id).where(model.unit_id.in_(batch))).all())


def refresh_themes(session: Session, theme_ids: Iterable[int]) -> None:
    """After themes were added, renamed, merged or became sensitive: them and what bears them."""
    for batch in _batches(theme_ids):
        refresh(session, Theme, batch)
        refresh(session, Problem, session.scalars(select(Problem.id).where(Problem.theme_id.in_(batch))).all())
        # What was raised on the item of an agreement decides whether it is about security, whatever its own theme.
        raised = select(Problem.item_id).where(Problem.theme_id.in_(batch), Problem.item_id.is_not(None))
        borne = or_(Agreement.theme_id.in_(batch), Agreement.item_id.in_(raised))
        refresh(session, Agreement, session.scalars(select(Agreement.id).where(borne)).all())


@dataclass(frozen=True)
class Reindexed:
    """How many entries there are now, and how many were missing, too many or out of date before."""

    entries: int
    wrong: int


def reindex(session: Session, *, write: bool = True) -> Reindexed:
    """Compute every entry from the tables and compare; with ``write`` mend those that differ and make all the words
    again. Flushes, never commits. After it, and after any number of :func:`refresh`, a second one finds nothing wrong.
    """
    present = {
        (row.kind, row.object_id): row[2:]
        for row in session.execute(select(SearchEntry.kind, SearchEntry.object_id, *[getattr(SearchEntry, name) for name in COLUMNS]))
    }
    total, wrong = 0, words_astray(session)
    for model in INDEXED:
        documents = documents_of(session, model)
        while batch := list(islice(documents, BATCH)):
            total += len(batch)
            found = [present.pop((one["kind"], one["object_id"]), None) for one in batch]
            differing = [
                one for one, row in zip(batch, found, strict=True) if row is None or tuple(one[name] for name in COLUMNS) != tuple(row)
            ]
            wrong += len(differing)
            if write:
                _write(session, differing)
    wrong += len(present)
    if not write:
        return Reindexed(total, wrong)
    for kind in SearchKind:
        for batch in _batches(object_id for own, object_id in present if own is kind):
            session.execute(delete(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.object_id.in_(batch)))
    relearn_words(session)
    return Reindexed(total, wrong)


def is_empty(session: Session) -> bool:
    """Whether nothing was ever indexed: a database from before there was an index."""
    return not session.scalar(select(exists().where(SearchEntry.id.is_not(None))))


def _write(session: Session, documents: Sequence[Document]) -> None:
    if not documents:
        return
    session.execute(upsert_of(session), documents)


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    waiting = iter(ids)
    while batch := list(islice(waiting, BATCH)):
        yield batch
