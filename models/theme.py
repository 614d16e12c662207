"""The one taxonomy of what neighbours talk about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Code, PrimaryKey


class Theme(Base):
    """``sensitive`` themes (security, violence) keep no point and no public place below the territory.

    ``code`` is stable. A theme merged into another keeps its code, which leads to the other's.
    """

    __tablename__ = "theme"
    __table_args__ = (
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name_es: Mapped[str] = mapped_column(String(80))
    name_fr: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    sensitive: Mapped[bool] = mapped_column(default=False)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)


class ThemeMerge(Base):
    """One theme taken into another, and what went along, so that it can be taken apart again."""

    __tablename__ = "theme_merge"

    id: Mapped[PrimaryKey]
    source_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), index=True)
    merged_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ThemeMoved(Base):
    """An agreement or a problem that changed theme in a merge."""

    __tablename__ = "theme_moved"
    __table_args__ = (CheckConstraint("(agreement_id IS NULL) <> (problem_id IS NULL)", name="one_thing"),)

    id: Mapped[PrimaryKey]
    merge_id: Mapped[int] = mapped_column(ForeignKey("theme_merge.id"), index=True)
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"), index=True)


def theme_now(session: Session, code: str) -> Theme | None:
    """The theme a code stands for today: its own, or the one it was merged into. None for an unknown code."""
    theme = session.scalar(select(Theme).where(Theme.code == code))
    while theme is not None and theme.merged_into_id is not None:
        theme = session.get_one(Theme, theme.merged_into_id)
    return theme
