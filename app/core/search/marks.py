"""Showing why something was found: the part of its text that holds the words, with the words marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from app.core.search.words import beginning, fold

_WORD = re.compile(r"\w+")


def mark(text: str, words: Sequence[str]) -> Markup:
    """``text`` escaped, each word of it that begins with one of the folded ``words`` inside ``<mark>``."""
    pieces, done = [], 0
    for found in _WORD.finditer(text):
        if _hit(found.group(), words):
            pieces += [escape(text[done : found.start()]), Markup("<mark>"), escape(found.group()), Markup("</mark>")]
            done = found.end()
    return Markup("").join([*pieces, escape(text[done:])])


def excerpt(text: str, words: Sequence[str], length: int = 160) -> str:
    """About ``length`` letters of ``text`` around the first hit, cut between words."""
    if len(text) <= length:
        return text
    first = next((found.start() for found in _WORD.finditer(text) if _hit(found.group(), words)), 0)
    start = 0 if first < length * 3 // 4 else text.rfind(" ", 0, first - length // 3) + 1
    end = text.rfind(" ", start, start + length) if start + length < len(text) else len(text)
    end = end if end > start else start + length
    return f"{'… ' if start else ''}{text[start:end].strip()}{' …' if end < len(text) else ''}"


def _hit(word: str, words: Sequence[str]) -> bool:
    # An underscore parts words for us and not for the pattern.
    return any(piece.startswith(beginning(sought)) for piece in fold(word).split() for sought in words)
