"""Accounts and what they may do where: roles are held for a term, on a unit or by a body."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Digest, PrimaryKey, enum_type
from models.body import Body
from models.settings import notice_in_force
from models.territory import TerritorialUnit


class Role(StrEnum):
    """The nine rights of INTERFACES.md; ``area``, and ``collective`` are held by a body."""

    ADMIN = "admin"
    PLANNING = "planning"
    DIRECTOR = "director"
    LEAD = "lead"
    OFFICIAL = "official"
    PROMOTER = "promoter"
    AREA = "area"
    LIAISON = "liaison"
    COLLECTIVE = "collective"


STAFF = frozenset({Role.ADMIN, Role.PLANNING, Role.DIRECTOR, Role.LEAD, Role.OFFICIAL, Role.PROMOTER, Role.AREA})


class User(Base):
    """An account. Neighbours need none; the columns from ``password`` on are the sign-in library's.

    ``home_body_id`` is the department an official comes from, which is not where the role is held (001-04).
    ``notice_number``: the privacy notice shown at activation. ``erased_at``: when name and e-mail were taken away.
    """

    __tablename__ = "user_account"

    id: Mapped[PrimaryKey]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2), default="es")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    home_body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    password: Mapped[str | None] = mapped_column(String(255))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_last_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[list | None] = mapped_column(MutableList.as_mutable(JSON))
    reset_asked_at: Mapped[datetime | None]
    notice_number: Mapped[int | None]
    erased_at: Mapped[datetime | None]

    terms: Mapped[list[Term]] = relationship(back_populates="user", lazy="raise")


class Term(Base):
    """A role held from a day to a day (``ends_on`` included), on a unit or by a body.

    ``focal_point`` marks staff who answer for a body without users of its own. A unit has one lead at
    a time (001-45): the database refuses a second whose days overlap (an exclusion constraint on
    PostgreSQL, triggers on SQLite; both in the migrations).
    """

    __tablename__ = "term"
    __table_args__ = (
        CheckConstraint("(unit_id IS NULL) <> (body_id IS NULL)", name="one_place"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("territorial_unit.id"), index=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    focal_point: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    notice_number: Mapped[int | None] = mapped_column(default=notice_in_force())
    version: Mapped[int] = mapped_column(default=1)

    user: Mapped[User] = relationship(back_populates="terms", lazy="raise")
    unit: Mapped[TerritorialUnit | None] = relationship(lazy="raise")
    body: Mapped[Body | None] = relationship(lazy="raise")

    def in_force(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class AccountSession(Base):
    """One signed-in browser, so that its owner can see it and end it.

    Only the SHA-256 of the token is kept: a copy of the database signs nobody in.
    """

    __tablename__ = "account_session"

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    device: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TokenPurpose(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"


class AccountToken(Base):
    """A one-time link: an invitation or a reset. Stored hashed, used once, expires."""

    __tablename__ = "account_token"

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    purpose: Mapped[TokenPurpose] = mapped_column(enum_type(TokenPurpose))
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
