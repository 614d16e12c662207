"""Taking a backup: the database as it is at one moment, then every stored file, then the manifest, then its name."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from app.cli.backups import databases, manifest
from app.cli.backups.manifest import Manifest
from app.config import Config, ConfigError
from app.core import clock

FINISHED = re.compile(r"cuadra-\d{8}T\d{6}Z(-\d+)?")
PARTIAL = ".partial"
STAMP = "backup.json"


@dataclass(frozen=True)
class Taken:
    """A finished backup: where, what it says, how many seconds it took, files copied and files linked to the one before."""

    folder: Path
    manifest: Manifest
    seconds: float
    copied: int
    linked: int


def take(config: Config, into: Path, *, keep: int | None = None) -> Taken:
    """Back up the instance of ``config`` as a new folder inside ``into``; all but the newest ``keep`` go. Raises ConfigError.

    A folder gets its final name when all is on the disk, so whatever has such a name is whole. Files are stored
    under their digest and never change: what the backup before already holds is linked to it and takes no room.
    """
    began = time.monotonic()
    try:
        with private():
            into.mkdir(parents=True, exist_ok=True)
            with _alone(into):
                return _take(config, into, keep, began)
    except OSError as wrong:
        raise ConfigError(f"No se pudo terminar el respaldo en {into}: {wrong.strerror}.") from wrong


@contextmanager
def private() -> Iterator[None]:
    """What is made inside is for its owner alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _take(config: Config, into: Path, keep: int | None, began: float) -> Taken:
    for left in into.glob(f"cuadra-*{PARTIAL}"):
        shutil.rmtree(left)
    before = finished(into)
    moment = clock.now().astimezone(UTC)
    name = f"cuadra-{moment:%Y%m%dT%H%M%SZ}"
    name += next(end for end in ("", *(f"-{n}" for n in range(2, 1000))) if not (into / (name + end)).exists())
    partial = into / (name + PARTIAL)
    partial.mkdir()
    try:
        dialect = make_url(config.database_url).get_backend_name()
        database = partial / databases.FILES[dialect]
        # The database first: a file is stored before the row that names it, so each row copied finds its file.
        seen = databases.copy(config.database_url, database)
        copied, linked, kept_bytes = _copy_files(config.data_dir / "files", partial, before[-1] if before else None)
        said = Manifest(
            engine=databases.ENGINES[dialect], taken_at=moment, version=manifest.version(), database=database.name,
            database_bytes=database.stat().st_size, database_sha256=manifest.digest_of(database), snapshot=seen,
            files=copied + linked, files_bytes=kept_bytes, files_sha256=manifest.digest_of(partial / manifest.LIST),
            keys=manifest.fingerprints(config),
        )
        said.write(partial)
        _settle(partial)
        os.rename(partial, into / name)
        _sync(into)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if keep:
        for old in finished(into)[:-keep]:
            shutil.rmtree(old)
    _stamp(config, into / name, moment)
    return Taken(into / name, said, time.monotonic() - began, copied, linked)


def finished(into: Path) -> list[Path]:
    """The whole backups inside ``into``, oldest first."""
    return sorted(
        (path for path in into.glob("cuadra-*") if FINISHED.fullmatch(path.name) and (path / manifest.NAME).exists()),
        key=lambda path: (path.name[:23], len(path.name), path.name),
    )


@contextmanager
def _alone(into: Path) -> Iterator[None]:
    """Two at once would each take the other's unfinished folder for a leftover."""
    handle = os.open(into / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as busy:
        raise ConfigError(f"Ya hay un respaldo en curso en {into}.") from busy
    finally:
        os.close(handle)


def _copy_files(store: Path, partial: Path, before: Path | None) -> tuple[int, int, int]:
    copied = linked = total = 0
    target_root = partial / "files"
    target_root.mkdir()
    with (partial / manifest.LIST).open("w") as listed:
        for source in sorted(store.glob("??/*")):
            if len(source.name) != 64:
                continue
            target = target_root / source.parent.name / source.name
            target.parent.mkdir(exist_ok=True)
            earlier = before / "files" / source.parent.name / source.name if before else None
            if earlier is not None and earlier.exists():
                os.link(earlier, target)
                linked += 1
            elif _copy_checked(source, target):
                copied += 1
            else:
                continue
            size = target.stat().st_size
            total += size
            listed.write(f"{source.name} {size}\n")
    return copied, linked, total


def _copy_checked(source: Path, target: Path) -> bool:
    """Copy a stored file and make sure that it is what its name says; False when it was erased meanwhile."""
    digest = hashlib.sha256()
    try:
        with source.open("rb") as reading, target.open("xb") as writing:
            while piece := reading.read(manifest.CHUNK):
                digest.update(piece)
                writing.write(piece)
    except FileNotFoundError:
        return False
    if digest.hexdigest() != source.name:
        raise ConfigError(f"El archivo {source.name[:12]}… ya no es el que se guardó: búsquelo en un respaldo anterior.")
    return True


def _settle(folder: Path) -> None:
    for root, _folders, names in os.walk(folder, topdown=False):
        for name in names:
            _sync(Path(root) / name)
        _sync(Path(root))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(config: Config, folder: Path, moment: datetime) -> None:
    """Where and when, for ``cuadra doctor``."""
    (config.data_dir / STAMP).write_text(json.dumps({"at": moment.isoformat(), "folder": str(folder)}) + "\n")


def last(config: Config) -> datetime | None:
    """When this instance was last backed up with success, or None."""
    try:
        return datetime.fromisoformat(json.loads((config.data_dir / STAMP).read_text())["at"])
    except (OSError, ValueError, KeyError):
        return None
