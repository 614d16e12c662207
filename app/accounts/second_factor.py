"""The second factor: a code from an authenticator (RFC 6238), or one of ten recovery codes.

A code serves its half minute and the ones before and after, because telephones drift. It opens once.
"""

from __future__ import annotations

import re

from app.accounts.engine import fenced
from models.people import User

METHOD = "authenticator"
DRIFT_SECONDS = 30


def new_secret() -> str:
    """A secret encrypted under the data key: as it may be kept in a cookie or in the database."""
    with fenced() as security:
        return security.totp_factory.generate_totp_secret()


def address(user: User, secret: str) -> str:
    """The ``otpauth:`` address that an authenticator reads from a QR code."""
    with fenced() as security:
        return security.totp_factory.get_totp_uri(user.email, secret)


def spelled(secret: str) -> str:
    """The secret in groups of four letters, for whoever types it."""
    with fenced() as security:
        return security.totp_factory.get_totp_pretty_key(secret)


def set_up(user: User, secret: str, code: str) -> list[str] | None:
    """Take ``secret`` as the second factor of ``user`` (locked) if ``code`` proves that the authenticator has it.

    Returns the recovery codes, to be shown this once, or None when the code is wrong.
    """
    with fenced() as security:
        before = user.tf_last_counter
        user.tf_last_counter = None
        if not security.totp_factory.verify_totp(_digits(code), secret, user, DRIFT_SECONDS):
            user.tf_last_counter = before
            return None
        security.datastore.tf_set(user, METHOD, totp_secret=secret)
        return security.mf_recovery_codes_util.create_recovery_codes(user)


def new_recovery_codes(user: User) -> list[str]:
    """Ten new codes; the old ones stop working."""
    with fenced() as security:
        return security.mf_recovery_codes_util.create_recovery_codes(user)


def proved(user: User, code: str) -> bool:
    """Whether ``code`` opens for ``user``, and spend it. The row must be locked: of two equal codes at once, one opens."""
    if user.tf_totp_secret is None:
        return False
    with fenced() as security:
        digits = _digits(code)
        if re.fullmatch(r"\d{6}", digits):
            return security.totp_factory.verify_totp(digits, user.tf_totp_secret, user, DRIFT_SECONDS)
        recovery = _grouped(code)
        codes = security.mf_recovery_codes_util
        return codes.check_recovery_code(user, recovery) and codes.delete_recovery_code(user, recovery)


def remove(user: User) -> None:
    """Forget the second factor: whoever lost telephone and codes sets it up again at the next signing in."""
    with fenced() as security:
        security.datastore.tf_reset(user)
        security.datastore.mf_set_recovery_codes(user, None)
    user.tf_last_counter = None


def _digits(code: str) -> str:
    return re.sub(r"[\s-]", "", code)


def _grouped(code: str) -> str:
    """``a1b2c3d4e5f6`` or ``A1B2 C3D4 E5F6`` as it was printed: ``a1b2-c3d4-e5f6``."""
    plain = re.sub(r"[^0-9a-f]", "", code.lower())
    return "-".join(plain[at : at + 4] for at in range(0, len(plain), 4))
