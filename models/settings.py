"""What the municipality decides: thresholds, zone, languages. Code holds the defaults."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ScalarSelect, String, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Digest, LongText, PrimaryKey
from models.operations import DataVersion

DEFAULTS: dict[str, Any] = {
    "municipality": "Municipio",
    "time_zone": "America/Mexico_City",
    "projected_srid": 6372,
    # Under which the Open Civic Data ids of units begin.
    "ocd_division": "ocd-division/country:mx",
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
    # https, with {z}, {x} and {y} for pictures or the address of a style; empty: the map needs nothing from elsewhere.
    "base_map_url": "",
    "base_map_attribution": "",
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


_LOADED, _VERSION, _LAST_SEEN = "settings", "version", "last_seen"
# One question whether or not the settings must be fetched: those of a version already seen stay where they are.
_CURRENT = select(DataVersion.number, Setting.key, Setting.value).outerjoin(Setting, DataVersion.number != bindparam("seen"))


class LastSeen:
    """The settings and the version of the data they were read with, for the sessions of one database to share.

    No setting changes without the version: what was read once is good until the number is another.
    """

    def __init__(self) -> None:
        self.moment: tuple[int, dict[str, Any]] = (-1, {})


def for_reading() -> dict[str, Any]:
    """The ``info`` of sessions that only read one database."""
    return {"reads_only": True, _LAST_SEEN: LastSeen()}


def load_settings(session: Session) -> int:
    """Every setting of the instance into a session that only reads, and the number of the data's version;
    one query. The number is as old as the settings: what is read afterwards is of that version or newer."""
    if _LOADED in session.info:
        return session.info[_VERSION]
    last: LastSeen = session.info[_LAST_SEEN]
    seen, values = last.moment
    # The connection itself: this is asked for every kept page, and rows made by the ORM cost as much as all the rest of one.
    rows = session.connection().execute(_CURRENT, {"seen": seen}).all()
    if rows[0].number != seen:
        seen, values = last.moment = rows[0].number, {key: value for _number, key, value in rows if key is not None}
    session.info[_LOADED], session.info[_VERSION] = values, seen
    return seen
