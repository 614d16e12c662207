"""Folios: ``ABC-2026-0042``, read aloud, typed any way, found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping
from contextlib import suppress

from sqlalchemy import Integer, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base

# No I, L, O, U, 0 or 1: they are misheard or misread.
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
SHORT_CODE = re.compile(rf"(?!AS)[{ALPHABET}]{{2,6}}")
ASSEMBLY_PREFIX = "AS-"


class FolioCounter(Base):
    """The last number given per series, territory and year; its row is the lock of the series."""

    __tablename__ = "folio_counter"

    series: Mapped[str] = mapped_column(String(4), primary_key=True)
    short_code: Mapped[str] = mapped_column(String(6), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)


def next_folio(session: Session, *, prefix: str, short_code: str, year: int) -> str:
    """The next folio of a series; the counter row stays locked until the transaction ends."""
    key = {"series": prefix.strip("-") or "A", "short_code": short_code, "year": year}
    locked = select(FolioCounter).filter_by(**key).with_for_update()
    counter = session.scalar(locked)
    if counter is None:
        # Two first folios at once: the second waits here for the first and then counts on from it.
        with suppress(IntegrityError), session.begin_nested():
            session.add(FolioCounter(**key, last=0))
        counter = session.scalars(locked).one()
    counter.last += 1
    session.flush()
    return f"{prefix}{short_code}-{year}-{counter.last:04d}"


def next_folios(session: Session, *, prefix: str, wanted: Mapping[tuple[str, int], int]) -> dict[tuple[str, int], list[str]]:
    """The next folios of several series at once: (short code, year) to how many, to the folios in order.

    The counter rows are locked in one order and stay locked until the transaction ends.
    """
    series = prefix.strip("-") or "A"
    locked = (
        select(FolioCounter)
        .where(
            FolioCounter.series == series, FolioCounter.year.in_({year for _code, year in wanted}),
            FolioCounter.short_code.in_({code for code, _year in wanted}),
        )
        .order_by(FolioCounter.short_code, FolioCounter.year).with_for_update()
    )
    counters = {(one.short_code, one.year): one for one in session.scalars(locked)}
    missing = sorted(set(wanted) - set(counters))
    if missing:
        # Two first folios at once: the second waits here for the first and then counts on from it.
        with suppress(IntegrityError), session.begin_nested():
            session.add_all(FolioCounter(series=series, short_code=code, year=year, last=0) for code, year in missing)
        counters = {(one.short_code, one.year): one for one in session.scalars(locked)}
    found = {}
    for key, count in sorted(wanted.items()):
        if key not in counters:  # somebody began another of these series meanwhile, and ours were all undone
            found[key] = [next_folio(session, prefix=prefix, short_code=key[0], year=key[1]) for _one in range(count)]
            continue
        first = counters[key].last + 1
        counters[key].last += count
        found[key] = [f"{prefix}{key[0]}-{key[1]}-{number:04d}" for number in range(first, first + count)]
    session.flush()
    return found


def folio_key(text: str) -> str:
    """What is compared: upper case, letters and digits only ("abc 2026-42" keeps its digits as typed)."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def short_code_for(name: str, code: str, taken: Container[str]) -> str:
    """A free short code that recalls ``name``; deterministic for the same ``taken``.

    Consonants first because vowels are half missing from the alphabet; a counter in the
    alphabet's own digits resolves what remains.
    """
    plain = unicodedata.normalize("NFD", f"{name} {code}").upper()
    letters = [letter for letter in plain if letter in ALPHABET]
    consonants = [letter for letter in letters if letter not in "AE"]
    stem = "".join((consonants if len(consonants) >= 3 else letters + list("XXX"))[:3])
    if stem.startswith("AS"):
        stem = "Z" + stem[1:]
    if stem not in taken:
        return stem
    number = 0
    while True:
        tail, rest = "", number
        while True:
            tail = ALPHABET[rest % len(ALPHABET)] + tail
            rest //= len(ALPHABET)
            if rest == 0:
                break
        candidate = stem + tail
        if candidate not in taken:
            return candidate
        number += 1
