"""Flask-Security-Too, fenced: it hashes, checks passwords, makes and verifies second factors, and no more.

The library lives in an application of its own that answers no address. Given ours, it would look up the
identity before every request, public pages included, put the reader into every template and trust its own
views to commit (docs/adr/0005).
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from flask import Flask, current_app
from flask_security import PasswordUtil, Security, UserDatastore
from flask_security.totp import Totp
from passlib.totp import TOTP, TotpMatch

from app.accounts import common_passwords
from app.config import Config, fernet_key
from app.core import clock
from app.core.errors import RateLimited
from models.people import User

ISSUER = "Cuadra"
SCHEME = "argon2"
RECOVERY_CODES = 10
PASSWORD_MIN = 12
PASSWORD_MAX = 128
# One argon2id hash takes 64 MiB: so many at once in one process, the others wait their turn.
HASHES_AT_ONCE = 2
PATIENCE_SECONDS = 10
_slots = BoundedSemaphore(HASHES_AT_ONCE)


class PasswordPolicy(PasswordUtil):
    """Length, common passwords, words of the context. No rules of composition: they make worse passwords."""

    def validate(self, password: str, is_register: bool, **context) -> tuple[list[str] | None, str]:
        """(what is wrong: ``short``, ``long``, ``common`` or ``context``; None when nothing) and the normal form."""
        normal = self.normalize(password)
        if len(unicodedata.normalize("NFC", password)) < PASSWORD_MIN:
            return ["short"], normal
        if len(normal) > PASSWORD_MAX:
            return ["long"], normal
        if common_passwords.is_common(password):
            return ["common"], normal
        if common_passwords.is_made_of(password, context.get("words", ())):
            return ["context"], normal
        return None, normal


class OnceOnlyTotp(Totp):
    """Codes that open once: the step a code belongs to is kept, and no earlier or equal one passes again."""

    def __init__(self, secrets: dict, issuer: str):
        super().__init__(secrets, issuer)
        self._totp = TOTP.using(issuer=issuer, secrets=secrets, now=lambda: clock.now().timestamp())

    def get_last_counter(self, user: User) -> int | None:
        return user.tf_last_counter

    def set_last_counter(self, user: User, tmatch: TotpMatch) -> None:
        user.tf_last_counter = tmatch.counter


class UnitOfWorkDatastore(UserDatastore):
    """The library changes rows that the caller loaded; the caller's transaction writes them."""

    def __init__(self):
        super().__init__(User, None)

    def put(self, model):
        return model

    def commit(self) -> None:
        """Nothing: only app.core.transaction commits."""


def init_engine(app: Flask) -> None:
    """Build the fenced application from the configuration of ``app``."""
    config: Config = app.extensions["config"]
    fenced = Flask("app.accounts.engine")
    fenced.config.update(
        SECRET_KEY=config.secret_key,
        WTF_CSRF_ENABLED=False,
        SECURITY_PASSWORD_HASH=SCHEME,
        SECURITY_PASSWORD_SCHEMES=[SCHEME],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=_argon2(config),
        SECURITY_PASSWORD_SALT=_derived(config, "password"),
        SECURITY_PASSWORD_LENGTH_MIN=PASSWORD_MIN,
        SECURITY_TOTP_SECRETS={"1": _derived(config, "totp")},
        SECURITY_TOTP_ISSUER=ISSUER,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_N=RECOVERY_CODES,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS=[fernet_key(_derived(config, "recovery"))],
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
    )
    Security(
        fenced, UnitOfWorkDatastore(), register_blueprint=False,
        password_util_cls=PasswordPolicy, totp_cls=OnceOnlyTotp,
    )
    app.extensions["accounts_engine"] = fenced


def _argon2(config: Config) -> dict[str, int]:
    """RFC 9106's second choice, 64 MiB; a test's hash is weaker, because a suite makes hundreds."""
    if config.environment == "test":
        return {"argon2__type": "ID", "argon2__memory_cost": 1024, "argon2__time_cost": 1, "argon2__parallelism": 1}
    return {"argon2__type": "ID", "argon2__memory_cost": 65536, "argon2__time_cost": 3, "argon2__parallelism": 4}


def _derived(config: Config, purpose: str) -> str:
    """A key of its own for each purpose, so that what one leaks opens nothing else."""
    return hmac.new(config.data_key.encode(), f"accounts:{purpose}".encode(), hashlib.sha256).hexdigest()


@contextmanager
def fenced() -> Iterator[Security]:
    """The library, in its own application's context."""
    application: Flask = current_app.extensions["accounts_engine"]
    with application.app_context():
        yield application.extensions["security"]


@contextmanager
def hashing_slot() -> Iterator[None]:
    """A turn to hash. Raises RateLimited when none comes free: better to wait than to run out of memory."""
    if not _slots.acquire(timeout=PATIENCE_SECONDS):
        raise RateLimited(PATIENCE_SECONDS)
    try:
        yield
    finally:
        _slots.release()
