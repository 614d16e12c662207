"""What a convocation must say before it is published, and what deserves a warning. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from models.assembly import Assembly, Item, ItemType, Mode

# These end in a choice people make together, so how they will choose is said beforehand (DOMAIN.md 6).
NEEDS_METHOD = frozenset({ItemType.DECISION, ItemType.ELECTION, ItemType.FOLLOW_UP})


class Missing(StrEnum):
    """What keeps a draft from being published."""

    PLACE = "place"
    LINK = "online_url"
    FUTURE = "day"
    ITEMS = "items"
    METHOD = "method"


class Caution(StrEnum):
    """What whoever publishes should know, and may go on."""

    SHORT_NOTICE = "short_notice"
    NO_BLOCKS = "no_blocks"


def missing(assembly: Assembly, items: Sequence[Item], now: datetime) -> tuple[Missing, ...]:
    """What the draft lacks, in the order of the form."""
    lacks = {
        Missing.FUTURE: assembly.starts_at <= now,
        Missing.PLACE: assembly.mode is not Mode.ONLINE and not assembly.place,
        Missing.LINK: assembly.mode is not Mode.IN_PERSON and not assembly.online_url,
        Missing.ITEMS: not items,
        Missing.METHOD: bool(without_method(items)),
    }
    return tuple(fact for fact, absent in lacks.items() if absent)


def without_method(items: Sequence[Item]) -> tuple[Item, ...]:
    """Items that decide something and do not say how."""
    return tuple(item for item in items if item.type in NEEDS_METHOD and item.method is None)


def cautions(*, notice: int, wanted: int, blocks: int) -> tuple[Caution, ...]:
    """``notice``: days left until the assembly; ``wanted``: days the municipality asks for; ``blocks`` gathered."""
    found = []
    if notice < wanted:
        found.append(Caution.SHORT_NOTICE)
    if not blocks:
        found.append(Caution.NO_BLOCKS)
    return tuple(found)


def days_of_notice(today: date, day: date) -> int:
    return (day - today).days
