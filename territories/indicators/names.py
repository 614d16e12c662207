"""Which of our units a name from somebody else's list stands for: proposed, with how sure it is, never guessed.

A wrong match puts one neighbourhood's figures on another and nobody notices; a question costs a minute. So a name is
settled without asking only when it reads like one unit's beyond ``SURE`` and like no other's within ``GAP``, and, unless
it reads exactly the same, no other name of the list claims that unit («San Pablo» beside «Barrio San Pablo»).
``benchmarks/names.py`` measures it on 2,224 pairs; docs/adr/0017 says why.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz, process

from app.core.search import fold
from models.territory import UnitKind

SURE, GAP = 0.97, 0.06
# What is worth proposing: so like it, or so much of its words; and how many.
WORTH, WORDS, MOST = 0.60, 0.90, 6
EXACT = 1.0

# What lists write before, after or in brackets beside a name to say what kind of place it is.
_KINDS = {
    UnitKind.BARRIO: ("barrio", "barr", "bo"), UnitKind.PUEBLO: ("pueblo", "pblo", "pbo"),
    UnitKind.UNIDAD_HABITACIONAL: (
        "unidad habitacional", "unidad hab", "u habitacional", "u hab", "uhab", "uh", "u h", "conjunto habitacional",
        "conj habitacional", "conjunto hab", "conj hab", "c h", "unidad",
    ),
    # The usual kind, which no list needs to say.
    None: ("colonia", "col", "fraccionamiento", "fracc", "frac"),
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}
_ANY_KIND = "|".join(sorted(_KIND_OF, key=len, reverse=True))
_KIND_FIRST = re.compile(rf"^({_ANY_KIND}) (?:de |del )?(?=.)")
_KIND_LAST = re.compile(rf"(?<=.) ({_ANY_KIND})$")
_BRACKET = re.compile(r"\(([^()]*)\)\s*$")
_INITIALS = re.compile(r"\b[a-z](?: [a-z]\b)+")
_SHORT = {
    "sta": "santa", "sto": "santo", "sn": "san", "gral": "general", "dr": "doctor", "dra": "doctora", "ing": "ingeniero",
    "lic": "licenciado", "prof": "profesor", "cnel": "coronel", "pdte": "presidente", "ma": "maria", "ampl": "ampliacion",
    "amp": "ampliacion", "secc": "seccion", "sec": "seccion", "jard": "jardines", "cd": "ciudad", "hda": "hacienda", "nte": "norte",
    "ote": "oriente", "pte": "poniente", "coop": "cooperativa", "mz": "manzana", "mza": "manzana", "lt": "lote", "cda": "cerrada",
    "priv": "privada", "pto": "puerto", "pje": "paraje", "rdcial": "residencial", "ej": "ejido", "ejto": "ejercito",
}
_NUMBERS = (
    "primera primero primer 1a 1ra 1o 1ro 1er 1era i uno un", "segunda segundo 2a 2da 2o 2do ii dos",
    "tercera tercero tercer 3a 3ra 3o 3ro 3er 3era iii tres", "cuarta cuarto 4a 4ta 4o 4to iv cuatro",
    "quinta quinto 5a 5ta 5o 5to v cinco", "sexta sexto 6a 6ta 6o 6to vi seis", "septima septimo 7a 7ma 7o 7mo vii siete",
    "octava octavo 8a 8va 8o 8vo viii ocho", "novena noveno 9a 9na 9o 9no ix nueve", "decima decimo 10a 10ma 10o x diez",
    "xi once", "xii doce",
)
_NUMBER = {word: str(figure) for figure, words in enumerate(_NUMBERS, 1) for word in words.split()}
# These number only where something is numbered: «Sección V» and «La Pradera I», but not «V. Carranza».
_LETTERS = frozenset({"i", "v", "x", "un"})
_NUMBERED = frozenset({"seccion", "etapa", "zona", "ampliacion", "manzana"})
_JOINING = frozenset({"de", "del", "y", "e", "en"})
_ARTICLES = frozenset({"la", "el", "las", "los"})
# One of these, or a figure, on one side alone, and it is another place however alike the rest is.
_TELLING = frozenset({
    "ampliacion", "seccion", "norte", "sur", "oriente", "poniente", "este", "oeste", "alto", "alta", "altos", "altas", "bajo",
    "baja", "centro", "nuevo", "nueva", "viejo", "vieja", "super", "manzana", "lote", "etapa", "zona", "cerro", "ejido", "ex",
    "ctm", "infonavit", "fovissste", "issste", "industrial", "residencial", "campestre", "predio", "paraje", "rancho", "granjas",
    "lomas", "jardines", "bosques", "villa", "hacienda", "cooperativa", "reacomodo", "unidad", "parque",
})


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart. ``whole``: folded, numbers as figures, abbreviations written out, its kind and the words that only
    join left out; ``core``: the same without articles; ``aside``: what it says in brackets that is no kind; ``telling``: what sets
    it apart from names that read alike."""

    whole: str
    core: str
    kind: UnitKind | None
    aside: str
    telling: tuple[str, ...]


@lru_cache(maxsize=20_000)
def understand(said: str) -> Name:
    """Take ``said`` apart."""
    kind, aside = None, ""
    if bracket := _BRACKET.search(said):
        aside, said = fold(bracket[1]), said[: bracket.start()]
        if aside in _KIND_OF or aside == "u":
            kind, aside = _KIND_OF.get(aside, UnitKind.UNIDAD_HABITACIONAL), ""
        elif _SHORT.get(aside, aside) == "ampliacion":
            aside, said = "", f"ampliacion {said}"
    plain = fold(said)
    for form in (_KIND_FIRST, _KIND_LAST):
        found = form.search(plain)
        if found is not None and kind is None:
            kind = _KIND_OF[found[1]]
            plain = f"{plain[: found.start()]} {plain[found.end() :]}".strip()
    words = _written_out(plain)
    words = [word for word in words if word not in _JOINING] or words
    core = [word for word in words if word not in _ARTICLES] or words
    told = [*core, *_written_out(aside)]
    telling = sorted(word for word in told if word in _TELLING or word[0].isdigit() or len(word) == 1)
    return Name(" ".join(words), " ".join(core), kind, aside, tuple(telling))


def _written_out(text: str) -> list[str]:
    words = [_SHORT.get(word, word) for word in _INITIALS.sub(lambda run: run[0].replace(" ", ""), text).split()]
    words = [
        _NUMBER[word] if word in _NUMBER and (word not in _LETTERS or place == len(words) - 1 or words[place - 1] in _NUMBERED) else word
        for place, word in enumerate(words)
    ]
    # «5a sección» is «sección V», and «San Miguel 8a ampliación» «Ampliación 8 de San Miguel».
    for place in range(len(words) - 1):
        if words[place].isdigit() and words[place + 1] in _NUMBERED:
            words[place], words[place + 1] = words[place + 1], words[place]
    tail = 1 if words[-1:] == ["ampliacion"] else 2 if words[-2:-1] == ["ampliacion"] and words[-1].isdigit() else 0
    return words[-tail:] + words[:-tail] if tail else words


def alike(one: Name, other: Name) -> float:
    """How alike two names are, from 0 to 1, which is the same.

    An article more or less may be another place («Las Arboledas», «Arboledas»), and an estate is often a part of the
    neighbourhood that has its name: neither is ever beyond ``SURE``.
    """
    if (one.whole, one.kind, one.aside) == (other.whole, other.kind, other.aside):
        return EXACT
    score = 0.94 if one.core == other.core else min(fuzz.ratio(one.core, other.core), 98.0) / 100
    score = 0.99 if one.whole == other.whole else score
    if one.kind is not other.kind:
        kinds = {one.kind, other.kind}
        score -= 0.15 if None not in kinds else 0.05 if UnitKind.UNIDAD_HABITACIONAL in kinds else 0.01
    if one.aside != other.aside:
        score -= 0.05
    if one.telling != other.telling:
        score -= 0.15
    return max(score, 0.0)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit that may be meant; ``contexts`` are the folded names and codes of what it lies in."""

    id: int
    code: str
    name: str
    contexts: frozenset[str] = frozenset()
    kind: UnitKind | None = None

    @property
    def read(self) -> Name:
        """Its name taken apart; its kind is what the name says, else what is kept of it."""
        told = understand(self.name)
        known = None if self.kind is UnitKind.COLONIA else self.kind
        return told if told.kind is not None or known is None else replace(told, kind=known)


@dataclass(frozen=True, slots=True)
class Candidate:
    place: Place
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """What is thought of a name: the unit it stands for without asking, or None, and those it might, the likeliest first."""

    place: Place | None
    candidates: tuple[Candidate, ...] = ()


class Gazetteer:
    """The units of one level, to be found by name."""

    def __init__(self, places: Iterable[Place]):
        self._places = tuple(places)
        self._pools: dict[str, tuple[Sequence[Place], list[str]]] = {}
        self.contexts = frozenset(context for place in self._places for context in place.contexts)

    def settle(self, said: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Match]:
        """What each (name, context) of one list stands for. ``context`` is the borough or the like that the list gives,
        "" for none: what lies elsewhere is never considered."""
        found = {pair: self._candidates(*pair) for pair in dict.fromkeys(said)}
        claims: dict[tuple[str, int], set[str]] = defaultdict(set)
        for (name, context), candidates in found.items():
            for one in candidates[:1]:
                if one.score >= SURE:
                    claims[context, one.place.id].add(fold(name))
        return {
            (name, context): Match(self._sure(name, context, candidates, claims), candidates)
            for (name, context), candidates in found.items()
        }

    @staticmethod
    def _sure(
        name: str, context: str, candidates: Sequence[Candidate], claims: Mapping[tuple[str, int], set[str]]
    ) -> Place | None:
        if not candidates or candidates[0].score < SURE:
            return None
        best, second = candidates[0], candidates[1].score if len(candidates) > 1 else 0.0
        if best.score == EXACT:
            return best.place if second < EXACT else None
        alone = claims[context, best.place.id] == {fold(name)}
        return best.place if alone and best.score - second >= GAP else None

    def _candidates(self, name: str, context: str) -> tuple[Candidate, ...]:
        places, cores = self._pool(fold(context))
        wanted = understand(name)
        # Like it letter by letter, or holding all its words: a list's one name is often several units here.
        near = {
            at
            for scorer, limit, least in ((fuzz.ratio, 4 * MOST, 100 * WORTH), (fuzz.token_set_ratio, MOST, 100 * WORDS))
            for _core, _score, at in process.extract(wanted.core, cores, scorer=scorer, limit=limit, score_cutoff=least)
        }
        folded = fold(name)
        scored = [
            Candidate(places[at], EXACT if fold(places[at].name) == folded else alike(wanted, places[at].read)) for at in near
        ]
        return tuple(sorted(scored, key=lambda one: (-one.score, one.place.code))[:MOST])

    def _pool(self, context: str) -> tuple[Sequence[Place], list[str]]:
        if context not in self._pools:
            places = [place for place in self._places if not context or context in place.contexts]
            self._pools[context] = places, [place.read.core for place in places]
        return self._pools[context]
