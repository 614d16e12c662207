"""Keyed hashes for what must be recognised but not read, encryption for what must come back."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app

from app.config import Config, fernet_key
from models.folio import ALPHABET

SLIP_CODE_LENGTH = 10


def _config() -> Config:
    return current_app.extensions["config"]


def keyed_hash(*parts: str | int) -> str:
    """HMAC-SHA-256 in hex of ``parts`` under the slip pepper; parts cannot run into each other."""
    message = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (str(part).encode() for part in parts))
    return hmac.new(_config().slip_pepper.encode(), message, hashlib.sha256).hexdigest()


def token_hash(token: str) -> str:
    """SHA-256 in hex of a random token of 256 bits: enough where guessing is hopeless."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(32)


def new_slip_code() -> str:
    """Ten letters or digits (about 49 bits) that survive being read aloud."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SLIP_CODE_LENGTH))


def slip_code_hash(code: str) -> str:
    """The keyed hash under which a slip is kept; accepts the code typed any way."""
    return keyed_hash("slip", "".join(letter for letter in code.upper() if letter.isalnum()))


def encrypt(data: bytes) -> bytes:
    return Fernet(fernet_key(_config().data_key)).encrypt(data)


def decrypt(token: bytes) -> bytes | None:
    """The plain bytes, or None when the key is another or the data was touched."""
    try:
        return Fernet(fernet_key(_config().data_key)).decrypt(token)
    except InvalidToken:
        return None
