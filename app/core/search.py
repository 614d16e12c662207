"""How words are compared: without accents, case or punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_

from models.folio import SHORT_CODE, folio_key


def fold(text: str) -> str:
    """``Lomas de San Lorenzo, 2ª sección`` -> ``lomas de san lorenzo 2a seccion``."""
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", bare.lower()))


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
