"""Passwords: what is accepted, kept as argon2id, verified in the same time whoever asks."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app
from flask_security import hash_password, verify_password

from app.accounts.engine import fenced, hashing_slot


def faults(password: str, words: Iterable[str] = ()) -> list[str]:
    """What is wrong with a new password: of ``short``, ``long``, ``common``, ``context``. Empty: accepted.

    ``words`` are those of the person and the place. Rules of ASVS 5.0, 6.2.
    """
    with fenced() as security:
        wrong, _normal = security.password_util.validate(password, False, words=tuple(words))
    return wrong or []


def hashed(password: str) -> str:
    """The argon2id hash to keep, of the keyed digest of the normal form."""
    with fenced() as security, hashing_slot():
        return hash_password(security.password_util.normalize(password))


def verified(password: str, kept: str | None) -> bool:
    """Whether ``password`` is the one kept. With nothing kept it hashes all the same: an account that does
    not exist must not answer sooner than one that does."""
    with fenced() as security, hashing_slot():
        right = verify_password(security.password_util.normalize(password), kept or _nobodys())
    return right and kept is not None


def outdated(kept: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    with fenced() as security:
        return security.pwd_context.needs_update(kept)


def _nobodys() -> str:
    """A hash like the others, made once, that stands in for those that are not there."""
    kept = current_app.extensions
    if "nobodys_password" not in kept:
        kept["nobodys_password"] = hash_password("nobody has this password")
    return kept["nobodys_password"]
