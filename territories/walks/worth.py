"""Why a block waits, and what that is worth: the score of a walk is a sum anybody can redo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

NEVER = 10
LONG_AGO = 5
EACH = 90
MOST_FOR_WAITING = 9
MOST_AGREEMENTS = 3
MOST_PROBLEMS = 2


@dataclass(frozen=True)
class Waiting:
    """A block that waits. ``last``: the day it last met, None for never; ``days`` since then; ``over`` days beyond those
    after which it is long ago. ``convened``: the day of the assembly already called for it; ``drafted``: somebody prepares one.

    ``owed`` and ``problems`` are made or raised on the block itself; problems of sensitive themes are not among them.
    """

    id: int
    code: str
    name: str
    streets: tuple[str, ...]
    territory: str | None
    territory_code: str | None
    outline: bytes
    last: date | None = None
    days: int = 0
    over: int = 0
    convened: date | None = None
    drafted: bool = False
    owed: int = 0
    problems: int = 0

    @property
    def for_meeting(self) -> int:
        """Ten points for never; else five, and one more for each ninety days beyond what is long ago, up to nine."""
        if self.last is None:
            return NEVER
        return min(MOST_FOR_WAITING, LONG_AGO + self.over // EACH)

    @property
    def for_agreements(self) -> int:
        return min(MOST_AGREEMENTS, self.owed)

    @property
    def for_problems(self) -> int:
        return min(MOST_PROBLEMS, self.problems)

    @property
    def points(self) -> int:
        """Nothing for a block already convened: it is on the way, and waits no more."""
        return 0 if self.convened else self.for_meeting + self.for_agreements + self.for_problems


@dataclass(frozen=True)
class Walk:
    """Blocks in the order they are walked; ``number`` is its place among those asked for, the most worth first."""

    number: int
    blocks: tuple[Waiting, ...]
    metres: int

    @property
    def code(self) -> str:
        """The block that names the walk: the first by code."""
        return min(block.code for block in self.blocks)

    @property
    def codes(self) -> list[str]:
        return [block.code for block in self.blocks]

    @property
    def to_convene(self) -> list[str]:
        return [block.code for block in self.blocks if block.convened is None]

    @property
    def territory(self) -> str | None:
        return self.blocks[0].territory

    @property
    def never(self) -> list[Waiting]:
        return [block for block in self.blocks if block.last is None]

    @property
    def long_ago(self) -> list[Waiting]:
        return [block for block in self.blocks if block.last is not None]

    @property
    def owed(self) -> int:
        return sum(block.owed for block in self.blocks)

    @property
    def problems(self) -> int:
        return sum(block.problems for block in self.blocks)

    @property
    def points(self) -> int:
        return sum(block.points for block in self.blocks)

    @property
    def parts(self) -> dict[str, int]:
        """The points by their reason: they add up to ``points``."""
        asked = [block for block in self.blocks if not block.convened]
        return {
            "never": sum(block.for_meeting for block in asked if block.last is None),
            "long_ago": sum(block.for_meeting for block in asked if block.last is not None),
            "agreements": sum(block.for_agreements for block in asked),
            "problems": sum(block.for_problems for block in asked),
        }

    @property
    def streets(self) -> list[str]:
        """The streets of its blocks, those of most blocks first."""
        counted: dict[str, int] = {}
        for block in self.blocks:
            for street in block.streets:
                counted[street] = counted.get(street, 0) + 1
        return sorted(counted, key=lambda street: (-counted[street], street))
