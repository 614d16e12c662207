"""Files that rows name (minutes, say), in a ZIP or a folder: read one at a time, by name, never unpacked to disk."""

from __future__ import annotations

import io
import zipfile
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from app.core.tabular.reader import MB, UnreadableTable

MAX_FILE = 10 * MB
MAX_FILES = 20_000


class Companion(Mapping[str, bytes]):
    """Content by file name, whatever its case and folder; one over 10 MB reads as nothing. Raises UnreadableTable
    for a ZIP that is none."""

    def __init__(self, names: Mapping[str, object]):
        self._names = names

    def __getitem__(self, name: str) -> bytes:
        return self._read(self._names[bare(name)])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bare(name) in self._names

    @abstractmethod
    def _read(self, where: object) -> bytes:
        """The content of a file, empty when it is too large."""


class Folder(Companion):
    """The files directly in a folder."""

    def __init__(self, path: Path):
        super().__init__({bare(one.name): one for one in sorted(path.iterdir()) if one.is_file() and not one.is_symlink()})

    def _read(self, where: Path) -> bytes:
        return where.read_bytes() if where.stat().st_size <= MAX_FILE else b""


class Packed(Companion):
    """The files of a ZIP, in whatever folder of it."""

    def __init__(self, content: bytes):
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            parts = [part for part in self._zip.infolist() if not part.is_dir()]
        except zipfile.BadZipFile as wrong:
            raise UnreadableTable("broken_zip") from wrong
        if len(parts) > MAX_FILES:
            raise UnreadableTable("too_many_files", limit=f"{MAX_FILES:,}")
        super().__init__({bare(part.filename): part for part in parts})

    def _read(self, where: zipfile.ZipInfo) -> bytes:
        try:
            with self._zip.open(where) as stream:
                content = stream.read(MAX_FILE + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
            return b""
        return content if len(content) <= MAX_FILE else b""


def bare(name: str) -> str:
    """The name of a file alone: people write folders and either slash."""
    return PurePosixPath(name.replace("\\", "/")).name.casefold()
