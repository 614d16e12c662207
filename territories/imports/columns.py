"""Which column of a published file is the key and which the name, and what kind a name tells.

Guesses, always shown before anything is written, and never needed: the person may say.
"""

import re
from collections.abc import Mapping, Sequence

from models.territory import UnitKind

# In order of trust: keys of IECM, INEGI and their likes first, plain "id" last, since exports number rows with it.
KEY_NAMES = (
    "cveut", "cvegeo", "cve_sint", "cve_mza", "cvemza", "cve_ageb", "cve_mun", "clave", "cve", "code", "codigo",
    "código", "key", "nomenclatu", "nomenclatura", "folio", "id", "gid", "fid",
)  # fmt: skip
NAME_NAMES = ("nomut", "nomgeo", "nom_ut", "nom_mun", "nombre", "name", "nom", "denominacion", "colonia", "nom_loc")
# Suffixes of the electoral institute's territorial units (IECM, 2022), and the kind each one tells.
KINDS = (
    (UnitKind.PUEBLO, r"PBLO\.?|PUEBLO"),
    (UnitKind.BARRIO, r"BARR\.?|BARRIO"),
    (UnitKind.UNIDAD_HABITACIONAL, r"U\.?\s?HABS?\.?|CONJ\.?\s?HAB\.?|UNIDAD HABITACIONAL"),
    (UnitKind.COLONIA, r"FRACC\.?|COL\.?|AMPL\.?|RDCIAL"),
)
# "(U HAB) II" numbers a part of the estate: the numeral belongs to the name and stays.
IN_BRACKETS = r"\s*\(\s*(?:%s)\s*\)(?=\s*(?:[IVX]+|\d+)?\s*$)"
AT_THE_END = r"\s+(?:%s)\s*$"
BARE = {UnitKind.UNIDAD_HABITACIONAL}

Rows = Sequence[Mapping[str, str | None]]


def guess_key(fields: Sequence[str], rows: Rows) -> str | None:
    """The first column named like a key whose values are all present and distinct; else the best-named one."""
    named = _by_rank(fields, KEY_NAMES, prefix="cve")
    for field in named:
        values = [row.get(field) for row in rows]
        if all(values) and len({value.casefold() for value in values}) == len(values):
            return field
    # A trusted name with repeated values is still what people mean: the repetition is then told row by row.
    return next((field for field in named if field.casefold() in KEY_NAMES[:11]), None)


def guess_name(fields: Sequence[str], rows: Rows) -> str | None:
    """The first column named like a name that says something on most rows."""
    for field in _by_rank(fields, NAME_NAMES):
        if sum(1 for row in rows if row.get(field)) * 2 > len(rows):
            return field
    return None


def kind_from_name(name: str) -> tuple[str, UnitKind | None]:
    """("SANTA CRUZ MEYEHUALCO", UnitKind.PUEBLO) from "SANTA CRUZ MEYEHUALCO (PBLO)"; the name alone where none is told."""
    for kind, words in KINDS:
        patterns = (IN_BRACKETS, AT_THE_END) if kind in BARE else (IN_BRACKETS,)
        for pattern in patterns:
            plain, found = re.subn(pattern % words, "", name, flags=re.IGNORECASE)
            if found and plain.strip():
                return plain.strip(), kind
    return name, None


def kind_from_text(text: str) -> UnitKind | None:
    """The kind a column of kinds names ("Unidad habitacional", "BARR", "u hab"); None where it is none of ours."""
    for kind, words in KINDS:
        if text.casefold().replace(" ", "_") == kind or re.fullmatch(words, text, flags=re.IGNORECASE):
            return kind
    return None


def _by_rank(fields: Sequence[str], names: Sequence[str], *, prefix: str | None = None) -> list[str]:
    rank = {name: place for place, name in enumerate(names)}
    # Other columns of the "cve…" family come after the named keys and before the plain counters.
    family = names.index("id") - 0.5 if prefix else None
    ranked = []
    for field in fields:
        plain = field.casefold()
        if plain in rank:
            ranked.append((rank[plain], field))
        elif prefix and plain.startswith(prefix):
            ranked.append((family, field))
    return [field for _, field in sorted(ranked, key=lambda pair: pair[0])]
