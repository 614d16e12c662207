"""Passwords everybody tries first, without asking anybody on the network.

``common_passwords.txt.gz`` is the list of 20,000 that Django ships (made by Royce Williams, BSD licence).
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("common_passwords.txt.gz")
OURS = (
    "alcaldia asamblea bienvenido bienvenida borough chilango ciudad ciudaddemexico colonia contrasena contrasenya "
    "cuadra entrar guadalupe hola mexico motdepasse municipio neighbourhood secreta secreto teamo territorio vecino vecinos"
)
LOOKALIKES = str.maketrans("0134578@$!", "oieastbasi")
ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890", "1qaz2wsx3edc4rfv5tgb", "qazwsxedcrfv")
SHORTEST_WORD = 4
LONGEST_REPEATED = 32


def is_common(password: str) -> bool:
    """Whether it is on the list, is a listed word dressed with digits and signs, repeats itself or runs along the keys."""
    plain = _plain(password)
    if plain in _listed() or (_unit(plain) != plain and len(plain) <= LONGEST_REPEATED) or _runs(plain):
        return True
    return any(len(core) >= SHORTEST_WORD and _unit(core) in _listed() for core in _cores(password))


def is_made_of(password: str, words: Iterable[str]) -> bool:
    """Whether little is left of it once ``words`` (a name, an e-mail, the place) are taken out."""
    left = _plain(password)
    for part in sorted({part for word in words for part in _parts(word)}, key=len, reverse=True):
        left = left.replace(part, "")
    return len(left) < len(_plain(password)) and len(re.sub(r"[^a-z]", "", left)) < SHORTEST_WORD


def _plain(text: str) -> str:
    """Lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _cores(password: str) -> set[str]:
    """The word inside ``P4ssw0rd_2026!``: read with digits stripped off the ends, then with look-alikes undone."""
    bare = re.sub(r"^[^a-z]+|[^a-z]+$", "", _plain(password))
    undressed = re.sub(r"[^a-z]+", "", bare.translate(LOOKALIKES))
    stripped = re.sub(r"[\d\W_]+$", "", _plain(password)).translate(LOOKALIKES)
    return {bare, undressed, re.sub(r"[^a-z]+", "", stripped), re.sub(r"[^a-z]+", "", bare)}


def _parts(word: str) -> set[str]:
    pieces = {_plain(piece) for piece in re.split(r"[\s@._\-+]+", word)}
    return {piece for piece in pieces | {re.sub(r"\s", "", _plain(word))} if len(piece) >= SHORTEST_WORD}


def _unit(plain: str) -> str:
    """What ``plain`` repeats over and over, or itself."""
    for size in range(1, len(plain) // 2 + 1):
        if plain == (plain[:size] * len(plain))[: len(plain)]:
            return plain[:size]
    return plain


def _runs(plain: str) -> bool:
    """Made of pieces of keyboard rows or of the alphabet, forwards or backwards, at least four long."""
    rows = [row for one in ROWS for row in (one, one[::-1])]
    position = 0
    while position < len(plain):
        longest = max(
            (size for size in range(len(plain) - position, 3, -1) if any(plain[position : position + size] in row for row in rows)),
            default=0,
        )
        if not longest:
            return False
        position += longest
    return True


@cache
def _listed() -> frozenset[str]:
    with gzip.open(LIST, "rt", encoding="utf-8") as lines:
        return frozenset(_plain(line.strip()) for line in lines) | frozenset(OURS.split())
