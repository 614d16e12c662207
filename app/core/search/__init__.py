"""Search that forgives accents, case, order and half words; one interface over the two databases.

Writing: ``refresh``, ``refresh_units``, ``refresh_themes`` in the transaction that writes the thing, ``reindex`` after
writing many. Reading: ``groups`` and ``page``. What may be found is decided in ``documents`` alone.
"""

from app.core.search.finding import Group, Hit, groups, page
from app.core.search.index import Reindexed, is_empty, refresh, refresh_themes, refresh_units, reindex
from app.core.search.marks import excerpt, mark
from app.core.search.words import MAX_LENGTH, fold, folio_keys, telling, words_match, words_of

__all__ = [
    "MAX_LENGTH", "Group", "Hit", "Reindexed", "excerpt", "fold", "folio_keys", "groups", "is_empty", "mark", "page", "refresh",
    "refresh_themes", "refresh_units", "reindex", "telling", "words_match", "words_of",
]
