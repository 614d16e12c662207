"""What the municipality decides: thresholds, zone, languages. Code holds the defaults."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ScalarSelect, String, func, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Digest, LongText, PrimaryKey
from models.operations import DataVersion

DEFAULTS: dict[str, Any] = {
    "municipality": "Municipio",
    "time_zone": "America/Mexico_City",
    "projected_srid": 6372,
    "languages": ["es", "fr", "en"],
    "notice_days": 3,
    "voices_to_verify": 3,
    "countersigners": 2,
    "objections_to_dispute": 1,
    "slip_term_days": 365,
    "met_long_ago_days": 365,
    "quorum": 0,
    "contact": "",
    # Of personal data: who answers for it and before whom one complains, and what the law says each use rests on.
    "privacy_office": "",
    "privacy_authority": "",
    "basis_accounts": "",
    "basis_liaisons": "",
    "basis_voices": "",
    "basis_assemblies": "",
    "basis_imports": "",
    "basis_requests": "",
    "basis_operation": "",
    "request_days": 20,
    "request_extension_days": 10,
    "holidays": [],
    "keep_sessions_days": 30,
    "keep_accounts_days": 365,
    "keep_liaisons_days": 730,
    "keep_hidden_days": 90,
    "keep_requests_days": 1095,
    "media_hosts": ["youtube.com", "youtu.be", "vimeo.com", "archive.org", "soundcloud.com"],
    # {"sha256": …, "media_type": …} of the kept image.
    "logo": None,
    "colour": "#0e5a5e",
    "colour_accent": "#a5441c",
}


class Setting(Base):
    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class PrivacyNotice(Base):
    """One version of what the municipality says about personal data. A published text never changes."""

    __tablename__ = "privacy_notice"

    id: Mapped[PrimaryKey]
    number: Mapped[int] = mapped_column(unique=True)
    text_es: Mapped[LongText]
    text_fr: Mapped[LongText]
    text_en: Mapped[LongText]
    digest: Mapped[Digest]
    published_at: Mapped[datetime]


def notice_in_force() -> ScalarSelect[int | None]:
    """The number of the notice published last, as a default of rows made about a person: whoever writes one need not think of it."""
    return select(func.max(PrivacyNotice.number)).scalar_subquery()


def setting(session: Session, key: str) -> Any:
    """The instance's value for ``key``, else the default. Raises KeyError for a key nobody declared.

    A session that only reads fetches all of them at the first question.
    """
    default = DEFAULTS[key]
    if session.info.get("reads_only"):
        if _LOADED not in session.info:
            load_settings(session)
        return session.info[_LOADED].get(key, default)
    row = session.get(Setting, key)
    return default if row is None else row.value


_LOADED, _VERSION = "settings", "version"


def load_settings(session: Session) -> int:
    """Every setting of the instance into a session that only reads, and the number of the data's version;
    one query. The number is as old as the settings: what is read afterwards is of that version or newer."""
    if _LOADED in session.info:
        return session.info[_VERSION]
    rows = session.execute(select(DataVersion.number, Setting.key, Setting.value).outerjoin(Setting, true())).all()
    session.info[_LOADED] = {key: value for _number, key, value in rows if key is not None}
    session.info[_VERSION] = rows[0].number
    return rows[0].number
