"""Files by content hash under the data folder, outside anything a web server serves."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
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
    return keep_chunks([content])


def keep_chunks(chunks: Iterable[bytes]) -> str:
    """The same for a content that comes in pieces: of a large file one piece at a time is in memory."""
    folder = current_app.extensions["config"].data_dir / "files"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            for chunk in chunks:
                digest.update(chunk)
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        path = _path(digest.hexdigest())
        path.parent.mkdir(exist_ok=True)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def path_of(sha256: str) -> Path:
    """Where the content is kept, for what reads files by name. Raises FileNotFoundError when there is none."""
    path = _path(sha256)
    if not path.is_file():
        raise FileNotFoundError(sha256)
    return path


def read(sha256: str) -> bytes:
    """The content kept under ``sha256``. Raises FileNotFoundError when there is none."""
    return _path(sha256).read_bytes()


def erase(sha256: str) -> None:
    """Take the content away for good; nothing happens when it is gone. Only for what nothing else may share."""
    _path(sha256).unlink(missing_ok=True)
