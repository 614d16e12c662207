"""What each public thing is found by: a copy of its public words, folded, beside the thing itself.

Derived data with one writer (``app.core.search``): ``cuadra reindex`` makes it again from the tables and
says whether it differed.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, LongText, PrimaryKey, enum_type


class SearchKind(StrEnum):
    """What can be found, in the order in which results are shown. A place is any unit that is not a block."""

    PLACE = "place"
    BLOCK = "block"
    THEME = "theme"
    AGREEMENT = "agreement"
    ASSEMBLY = "assembly"
    PROBLEM = "problem"


class SearchEntry(Base):
    """One thing. ``title``, ``detail`` and ``context`` are printed as they are; ``head`` and ``body`` are folded
    words, those of the head counting for more. ``ref`` is the code or folio of the page it leads to.

    Of equal hits the one with the smaller ``sort`` comes first. Each database keeps the words in an index of its
    own, made by hand in the migrations: PostgreSQL in the generated column ``words``, SQLite in ``search_words``.
    """

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("kind", "object_id"),)

    id: Mapped[PrimaryKey]
    kind: Mapped[SearchKind] = mapped_column(enum_type(SearchKind))
    object_id: Mapped[int]
    unit_id: Mapped[int | None]
    sort: Mapped[int] = mapped_column(default=0)
    ref: Mapped[str] = mapped_column(String(32))
    title: Mapped[LongText]
    detail: Mapped[LongText] = mapped_column(default="")
    context: Mapped[str] = mapped_column(String(200), default="")
    head: Mapped[LongText]
    body: Mapped[LongText] = mapped_column(default="")
