"""Files by content hash under the data folder, outside anything a web server serves."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from flask import current_app

DIGEST = re.compile(r"[0-9a-f]{64}")


def _path(sha256: str) -> Path:
    if not DIGEST.fullmatch(sha256):
        raise ValueError("not a SHA-256 digest")
    return current_app.extensions["config"].data_dir / "files" / sha256[:2] / sha256


def keep(content: bytes) -> str:
    """Store ``content`` and return its SHA-256 in hex. Whole or not at all: written aside, then
    renamed, so that a crash leaves no half file under a digest."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = _path(sha256)
    if path.exists():
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)
    return sha256


def read(sha256: str) -> bytes:
    """The content kept under ``sha256``. Raises FileNotFoundError when there is none."""
    return _path(sha256).read_bytes()


def erase(sha256: str) -> None:
    """Take the content away for good; nothing happens when it is gone. Only for what nothing else may share."""
    _path(sha256).unlink(missing_ok=True)
