"""How words are compared: without accents, case or punctuation, and by their beginning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_

from models.folio import SHORT_CODE, folio_key

MAX_WORDS = 6
MAX_LENGTH = 120
MAX_WORD = 60
# What people put around a name and the name may not have: "calle Nogal esquina con Fresno", "colonia El Nogal".
_FILLERS = frozenset((
    "a", "al", "av", "avenida", "barrio", "c", "calle", "callejon", "cerrada", "col", "colonia", "con", "cuadra", "de", "del", "e",
    "el", "en", "entre", "esq", "esquina", "la", "las", "lote", "los", "manzana", "mz", "no", "num", "numero", "o", "para", "por",
    "privada", "prolongacion", "pueblo", "un", "una", "unidad", "y",
))
_RUNS = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """``Lomas de San Lorenzo, 2ª sección`` -> ``lomas de san lorenzo 2a seccion``."""
    if not text.isascii():
        text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(_RUNS.findall(text.lower()))


def folded(text: str) -> str:
    """``fold``, each word cut where no name goes: PostgreSQL refuses to index a word of thousands of letters."""
    return " ".join(word[:MAX_WORD] for word in fold(text).split(" "))


def words_of(text: str) -> list[str]:
    """The folded words to look for: the first ``MAX_WORDS`` different ones."""
    return list(dict.fromkeys(folded(text[:MAX_LENGTH]).split()))[:MAX_WORDS]


def beginning(word: str) -> str:
    """What a word is looked for by: a plural also finds its singular, which it begins with ("baches" finds "bache")."""
    return word[:-1] if len(word) > 4 and word.endswith("s") else word


def telling(words: Sequence[str]) -> list[str]:
    """``words`` without what is said around a name and without house numbers; empty when nothing is left."""
    return [word for word in words if word not in _FILLERS and not word.isdigit()]


def words_match(column: ColumnElement[str], words: Sequence[str]) -> ColumnElement[bool]:
    """Whether folded ``column`` holds each of the folded ``words``, or a word that begins with it, in any order.

    Folded words hold only letters and digits: nothing in them is a wildcard of LIKE.
    """
    return and_(*[or_(column.like(f"{word}%"), column.like(f"% {word}%")) for word in words])


def folio_keys(text: str) -> list[str]:
    """The folio keys ``text`` may mean: ``abc 2026 42`` -> ``[ABC20260042]``; empty when it is no folio.

    A territory's short code may end in digits, so that a year can be read in more than one place.
    """
    key = folio_key(text)
    found = []
    for year in re.finditer(r"(?=(20\d\d)(\d{1,6})$)", key):
        head, number = key[: year.start()], year.group(2)
        if SHORT_CODE.fullmatch(head.removeprefix("AS")):
            found.append(f"{head}{year.group(1)}{int(number):04d}")
    return found
