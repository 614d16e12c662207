"""The little Spanish that a template needs: articles, contractions, capital letters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.territory import UnitKind

NUMBERS = ("dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve")
_MASCULINE = ("camino", "callejón", "andador", "retorno", "eje", "libramiento", "periférico")
_FEMININE = ("calle", "avenida", "calzada", "cerrada", "privada", "vereda", "carretera", "ribera", "vía")
_ORDINALS = ("segunda", "segundo")
_CONTRACTIONS = ((re.compile(r"\b([Dd])e el (?=[a-záéíóúñ])"), r"\1el "), (re.compile(r"\b([Aa]) el (?=[a-záéíóúñ])"), r"\1l "))


def with_article(street: str) -> str:
    """A street as it is said inside a sentence: "Callejón Nogal" is "el callejón Nogal"."""
    words = street.split()
    lowered = 0
    for word in words:
        if word.lower() not in (*_MASCULINE, *_FEMININE, *_ORDINALS):
            break
        lowered += 1
    kind = words[lowered - 1].lower() if lowered else "calle"
    said = " ".join([word.lower() for word in words[:lowered]] + words[lowered:]) if lowered else f"calle {street}"
    return f"{'el' if kind in _MASCULINE else 'la'} {said}"


def territory_with_article(name: str, kind: UnitKind) -> str:
    """A territory inside a sentence: "la colonia Los Telares", "el barrio San Eloy"."""
    bare = re.sub(r"^(Barrio|Unidad Habitacional|Colonia) ", "", name)
    return {
        UnitKind.COLONIA: f"la colonia {bare}",
        UnitKind.BARRIO: f"el barrio {bare}",
        UnitKind.PUEBLO: f"el pueblo {bare}",
        UnitKind.UNIDAD_HABITACIONAL: f"la unidad habitacional {bare}",
    }[kind]


def sentence(text: str) -> str:
    """Contract "de el" and "a el", and begin each sentence with a capital. Proper names ("El Comal") are left alone."""
    for pattern, said in _CONTRACTIONS:
        text = pattern.sub(said, text)
    return re.sub(r"(^|[.:?!] )([a-záéíóúñ])", lambda found: found[1] + (found[2].upper() if found[1] != ": " else found[2]), text)


def listed(things: Sequence[str]) -> str:
    """One, two and three in a row: "uno, dos y tres"; "e" before the sound of an i."""
    if len(things) < 2:
        return "".join(things)
    link = "e" if re.match(r"(?i)h?[ií](?![aeo])", things[-1]) else "y"
    return f"{', '.join(things[:-1])} {link} {things[-1]}"
