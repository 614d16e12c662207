"""How words are compared: without accents, case or punctuation."""

from __future__ import annotations

import re
import unicodedata


def fold(text: str) -> str:
    """``Lomas de San Lorenzo, 2ª sección`` -> ``lomas de san lorenzo 2a seccion``."""
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", bare.lower()))
