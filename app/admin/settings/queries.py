"""The settings of a page with the version they stand at, and the notices published."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import PrivacyNotice, Setting
from models.settings import DEFAULTS


def values(session: Session, keys: Iterable[str]) -> dict[str, Any]:
    """The value of each key, its default where nobody changed it; one query."""
    kept = dict(session.execute(select(Setting.key, Setting.value).where(Setting.key.in_(list(keys)))).all())
    return {key: kept.get(key, DEFAULTS[key]) for key in keys}


def version_of(session: Session, keys: Iterable[str]) -> int:
    """A number that grows with every change of one of these settings: what a form was looking at."""
    return session.scalar(select(func.coalesce(func.sum(Setting.version), 0)).where(Setting.key.in_(list(keys))))


def notices(session: Session) -> list[PrivacyNotice]:
    """Every notice published, the present one first."""
    return list(session.scalars(select(PrivacyNotice).order_by(PrivacyNotice.number.desc())))


def notice(session: Session, number: int | None = None) -> PrivacyNotice | None:
    """The notice of a number, or the present one; None when there is none."""
    query = select(PrivacyNotice).order_by(PrivacyNotice.number.desc()).limit(1)
    return session.scalar(query if number is None else query.where(PrivacyNotice.number == number))
