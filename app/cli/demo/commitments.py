"""The agreements of the year: how each will end, dealt when it is born."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.cli.demo.town import Neighbourhood, Town
from app.cli.demo.words import Case


class Ending(StrEnum):
    """Where an agreement is heading; a young one is still on its way there."""

    VOICES = "three voices verify it"
    ASSEMBLY = "an assembly verifies it"
    MENDED = "disputed, mended, verified"
    OVERRIDDEN = "disputed, and an assembly verifies it all the same"
    REOPENED = "verified, and an assembly takes it back"
    DISPUTED = "disputed and not mended yet"
    WAITING = "reported done, waiting for neighbours"
    WORKING = "work goes on"
    ACCEPTED = "accepted and nothing more"
    IGNORED = "nobody answers"
    DECLINED = "declined"
    HELD = "on hold"
    RESUMED = "held, resumed, done"
    HANDED = "handed over to another body"
    CANCELLED = "an assembly lets it go"
    DUPLICATE = "written down twice"


E = Ending
# Cards of each deck: what was agreed long ago has mostly ended, what is recent is mostly open.
_OLD = {
    E.VOICES: 38, E.ASSEMBLY: 17, E.MENDED: 9, E.OVERRIDDEN: 3, E.REOPENED: 3, E.DISPUTED: 1, E.WORKING: 3, E.ACCEPTED: 1, E.IGNORED: 1,
    E.DECLINED: 5, E.HELD: 1, E.RESUMED: 5, E.HANDED: 7, E.CANCELLED: 4, E.DUPLICATE: 2,
}
_RECENT = {
    E.VOICES: 26, E.ASSEMBLY: 6, E.MENDED: 6, E.OVERRIDDEN: 2, E.DISPUTED: 6, E.WAITING: 14, E.WORKING: 12, E.ACCEPTED: 4, E.IGNORED: 3,
    E.DECLINED: 4, E.HELD: 5, E.RESUMED: 2, E.HANDED: 4, E.CANCELLED: 2, E.DUPLICATE: 2,
}
# Where an agreement may stand for good: nobody takes it up again by itself.
LEFT_OPEN = frozenset({E.WAITING, E.WORKING, E.ACCEPTED, E.IGNORED, E.HELD, E.DISPUTED})
# What is years old has ended, but for one in some three hundred on hold, which everybody remembers.
_ANCIENT = {ending: 3 * count for ending, count in _OLD.items() if ending not in LEFT_OPEN} | {E.HELD: 1}
OLD_FROM, ANCIENT_FROM = 130, 540  # days
# The first cards of each deck, so that a demo of any size shows these.
_FIRST = {
    "ancient": (),
    "old": (E.VOICES, E.ASSEMBLY, E.MENDED, E.CANCELLED, E.DECLINED, E.HANDED, E.OVERRIDDEN, E.REOPENED),
    "recent": (E.WAITING, E.DISPUTED, E.HELD, E.WORKING, E.IGNORED, E.ACCEPTED, E.VOICES, E.MENDED, E.DUPLICATE),
}


@dataclass
class Commitment:
    """An agreement while its story is told. ``unit`` a code; ``asks`` while it wants an assembly's word."""

    id: int
    folio: str
    unit: str
    where: Neighbourhood
    case: Case
    ending: Ending
    born: date
    due: date
    asks: bool = False
    objection: str = ""

    @property
    def days(self) -> int:
        return (self.due - self.born).days


class Register:
    """Deals endings and keeps the commitments of each territory in the order they were made."""

    def __init__(self, town: Town):
        self._town = town
        self._decks = {name: self._deal(name, cards) for name, cards in (("ancient", _ANCIENT), ("old", _OLD), ("recent", _RECENT))}
        self._by_territory: dict[str, list[Commitment]] = {}

    def ending_for(self, born: date) -> Ending:
        """The next card for an agreement born that day."""
        age = (self._town.today - born).days
        return next(self._decks["ancient" if age >= ANCIENT_FROM else "old" if age >= OLD_FROM else "recent"])

    def keep(self, made: Commitment) -> None:
        self._town.commitments.append(made)
        self._by_territory.setdefault(made.where.plan.code, []).append(made)

    def of(self, where: Neighbourhood) -> list[Commitment]:
        return self._by_territory.get(where.plan.code, [])

    def _deal(self, name: str, cards: dict[Ending, int]) -> Iterator[Ending]:
        rng = self._town.draw("endings", name)
        yield from _FIRST[name]
        while True:
            deck = [ending for ending, count in cards.items() for _n in range(count)]
            rng.shuffle(deck)
            yield from deck
