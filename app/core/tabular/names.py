"""Things as lists from elsewhere name them: by code, or by a name that several may share."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Generic, TypeVar

from app.core.i18n import lazy
from app.core.search import fold
from app.core.tabular.fields import Problem, shortened
from app.core.tabular.kinds import Row

# Names compared one by one to find what somebody may have meant: more would take seconds.
MOST_GUESSES = 200
MOST_CANDIDATES = 10
SENTENCES = {
    "unknown": lazy("No hay nada aquí que se llame «%(said)s» (dato «%(field)s»). Escriba su clave, o impórtelo antes."),
    "unknown_near": lazy("No hay nada aquí que se llame «%(said)s» (dato «%(field)s»). ¿Será %(near)s? Escriba su clave."),
    "ambiguous": lazy("«%(said)s» puede ser %(candidates)s. Escriba en «%(field)s» la clave de una."),
}

Thing = TypeVar("Thing")


class Names(Generic[Thing]):
    """A closed list of things, each with a code and perhaps names. ``str()`` of a thing is what people are shown."""

    def __init__(self, entries: Iterable[tuple[Thing, str, Iterable[str]]]):
        self._by_code: dict[str, Thing] = {}
        self._by_name: dict[str, dict[int, Thing]] = {}
        for thing, code, names in entries:
            self._by_code[code.lower()] = thing
            for name in names:
                self._by_name.setdefault(fold(name), {})[id(thing)] = thing
        self._nearest: dict[str, Thing | None] = {}

    def find(self, said: str) -> tuple[Thing, ...]:
        """The thing of that code, else all of that name (accents, case and punctuation aside)."""
        by_code = self._by_code.get(said.strip().lower())
        return (by_code,) if by_code is not None else tuple(self._by_name.get(fold(said), {}).values())

    def nearest(self, said: str) -> Thing | None:
        """The thing whose name is most like ``said``, where one is much like it."""
        key = fold(said)
        if key not in self._nearest and len(self._nearest) < MOST_GUESSES:
            found = difflib.get_close_matches(key, self._by_name, n=1, cutoff=0.8)
            self._nearest[key] = next(iter(self._by_name[found[0]].values())) if found else None
        return self._nearest.get(key)

    def settle(self, row: Row, field: str, label: object, said: str | None = None) -> Thing | None:
        """The one thing a row names in ``field``; None with a problem in the row where it is none or several, and
        None without where it names nothing. ``said`` is the row's value unless given."""
        said = row.values.get(field) if said is None else said
        if not said:
            return None
        found = self.find(said)
        if len(found) == 1:
            return found[0]
        figures = {"said": shortened(said), "field": label}
        if found:
            named = [str(thing) for thing in found[:MOST_CANDIDATES]]
            row.candidates += named
            row.problems.append(Problem(f"ambiguous_{field}", SENTENCES["ambiguous"], {**figures, "candidates": "; ".join(named)}, field))
            return None
        near = self.nearest(said)
        code = "unknown" if near is None else "unknown_near"
        row.problems.append(Problem(f"unknown_{field}", SENTENCES[code], {**figures, "near": near}, field))
        return None
