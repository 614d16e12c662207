"""Monthly releases: the files as they stood, frozen under ``open-data/releases/YYYY-MM`` of the data folder.

A release is written aside and moved into place whole; what is in place is never written again, so a
checksum that somebody noted down stays true.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import one_moment
from app.core.links import whole
from app.portal.open_data import queries
from app.portal.open_data.exports import RESOURCES, Site, pieces
from app.portal.open_data.package import Written, package
from models.ledger import rfc3339
from models.settings import setting

DESCRIPTOR = "datapackage.json"
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


class WrongMonth(ValueError):
    """Only the present month and the one before it can be frozen: files of another would bear its name and hold today's rows."""


@dataclass(frozen=True)
class Release:
    """A frozen month: where it lies and what its descriptor says."""

    month: str
    folder: Path
    descriptor: dict[str, Any]

    @property
    def frozen_at(self) -> datetime:
        return datetime.fromisoformat(self.descriptor["created"])

    @property
    def head(self) -> str:
        return self.descriptor["ledger"]["head"]

    @property
    def files(self) -> dict[str, Written]:
        """Size and SHA-256 by name of file."""
        return {one["path"]: Written(one["bytes"], one["hash"].removeprefix("sha256:")) for one in self.descriptor["resources"]}


def folder_of(data_dir: Path) -> Path:
    return data_dir / "open-data" / "releases"


def months_of(today: date) -> tuple[str, str]:
    """The months that can be frozen on ``today``: the one that ended last, the present one."""
    ended = today.replace(day=1) - timedelta(days=1)
    return f"{ended:%Y-%m}", f"{today:%Y-%m}"


def released(data_dir: Path) -> list[Release]:
    """Every release, the newest first."""
    folder = folder_of(data_dir)
    months = sorted((one.name for one in folder.iterdir() if MONTH.fullmatch(one.name)), reverse=True) if folder.is_dir() else []
    return [found for month in months if (found := release_of(data_dir, month)) is not None]


def release_of(data_dir: Path, month: str) -> Release | None:
    """The release of a month, or None."""
    if not MONTH.fullmatch(month):
        return None
    folder = folder_of(data_dir) / month
    try:
        return Release(month, folder, json.loads((folder / DESCRIPTOR).read_text("utf-8")))
    except FileNotFoundError:
        return None


def freeze(session: Session, data_dir: Path, month: str | None = None) -> tuple[Release, bool]:
    """Freeze a month (the one that ended last unless said) and whether it was done now: a second time changes nothing.

    ``session`` is a read session that has read nothing yet. Raises WrongMonth.
    """
    one_moment(session)
    edition = queries.edition_of(session)
    months = months_of(edition.day)
    month = month or months[0]
    site = Site(whole(""), edition.day)
    earlier = release_of(data_dir, month)
    if earlier is not None:
        return earlier, False
    if month not in months:
        raise WrongMonth(", ".join(months))
    above = folder_of(data_dir)
    above.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".frozen-", dir=above))
    try:
        written = {one.file: _write(aside / one.file, pieces(one.write(session, site))) for one in RESOURCES}
        descriptor = package(
            edition, municipality=setting(session, "municipality"), sources=queries.sources(session),
            created=rfc3339(clock.now()), version=month, written=written,
        )
        _write(aside / DESCRIPTOR, [json.dumps(descriptor, ensure_ascii=False, indent=1).encode() + b"\n"])
        aside.chmod(0o755)
        try:
            aside.rename(above / month)
        except OSError:
            # Somebody froze it meanwhile: theirs stands.
            if release_of(data_dir, month) is None:
                raise
            return release_of(data_dir, month), False
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Release(month, above / month, descriptor), True


def _write(path: Path, content: Iterable[bytes]) -> Written:
    """A read-only file, on disk before it is named; its size and checksum."""
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as stream:
        for piece in content:
            digest.update(piece)
            size += len(piece)
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())
    path.chmod(0o444)
    return Written(size, digest.hexdigest())
