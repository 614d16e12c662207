"""The taxonomy as its pages show it: themes under their parents, with what hangs on each."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Agreement, Problem, Theme


@dataclass(frozen=True)
class Row:
    """A theme, how many agreements and problems it has, and the theme it was merged into."""

    theme: Theme
    agreements: int
    problems: int
    into: Theme | None = None

    @property
    def used(self) -> bool:
        return bool(self.agreements or self.problems)


@dataclass(frozen=True)
class Taxonomy:
    """Themes in use, each parent before its children, and those merged into others."""

    live: list[Row]
    merged: list[Row]


def taxonomy(session: Session) -> Taxonomy:
    """Every theme with its counts, by Spanish name; one query."""
    agreements = _counted(Agreement.theme_id)
    problems = _counted(Problem.theme_id)
    rows = session.execute(select(Theme, agreements, problems).order_by(Theme.name_es, Theme.id)).all()
    by_id = {theme.id: theme for theme, _a, _p in rows}
    every = [Row(theme, a, p, by_id.get(theme.merged_into_id)) for theme, a, p in rows]
    live = [row for row in every if row.into is None]
    ordered = [
        row for top in live if top.theme.parent_id is None
        for row in (top, *(one for one in live if one.theme.parent_id == top.theme.id))
    ]
    return Taxonomy(ordered, [row for row in every if row.into is not None])


def row_of(session: Session, code: str) -> Row | None:
    """One theme with its counts; None for an unknown code."""
    found = session.execute(
        select(Theme, _counted(Agreement.theme_id), _counted(Problem.theme_id)).where(Theme.code == code)
    ).one_or_none()
    if found is None:
        return None
    theme, agreements, problems = found
    into = session.get(Theme, theme.merged_into_id) if theme.merged_into_id else None
    return Row(theme, agreements, problems, into)


def parents_for(session: Session, theme: Theme | None) -> list[Theme]:
    """Themes this one may hang on: those of the first level but itself; none for one that has children."""
    if theme is not None and has_children(session, theme):
        return []
    query = select(Theme).where(Theme.parent_id.is_(None), Theme.merged_into_id.is_(None)).order_by(Theme.name_es)
    return [one for one in session.scalars(query) if theme is None or one.id != theme.id]


def targets_for(session: Session, theme: Theme) -> list[Theme]:
    """Themes this one may merge into: in use, others, and as reserved as it is."""
    query = (
        select(Theme).where(Theme.merged_into_id.is_(None), Theme.id != theme.id, Theme.sensitive == theme.sensitive)
        .order_by(Theme.name_es)
    )
    return list(session.scalars(query))


def has_children(session: Session, theme: Theme) -> bool:
    """Whether other themes in use hang on it."""
    children = select(func.count(Theme.id)).where(Theme.parent_id == theme.id, Theme.merged_into_id.is_(None))
    return bool(session.scalar(children))


def _counted(column):
    return select(func.count()).where(column == Theme.id).correlate(Theme).scalar_subquery()
