"""What a backup says about itself: one ``manifest.json`` beside the database and the files."""

from __future__ import annotations

import hashlib
import hmac
import json
from configparser import ConfigParser
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic.script import ScriptDirectory

from app.config import Config, ConfigError
from app.core import migrations

FORMAT = 1
NAME = "manifest.json"
LIST = "files.txt"
CHUNK = 1 << 20
SETUP = Path(__file__).resolve().parents[3] / "setup.cfg"


@dataclass(frozen=True)
class Snapshot:
    """What the database held at the moment of the copy: rows by table, ``SEQ:HASH``, migration, what made it."""

    counts: dict[str, int]
    head: str
    revision: str
    server: str


@dataclass(frozen=True)
class Manifest:
    """``engine`` is spatialite or postgis; sizes are bytes; digests SHA-256 in hex; ``taken_at`` aware UTC.

    ``keys`` tells whether a restored instance has the secrets it needs, without giving them away.
    """

    engine: str
    taken_at: datetime
    version: str
    database: str
    database_bytes: int
    database_sha256: str
    snapshot: Snapshot
    files: int
    files_bytes: int
    files_sha256: str
    keys: dict[str, str]

    def write(self, folder: Path) -> None:
        content = {"format": FORMAT, **asdict(self), "taken_at": self.taken_at.isoformat()}
        (folder / NAME).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest in ``folder``. Raises ConfigError with a sentence."""
        try:
            content = json.loads((folder / NAME).read_text())
            if content.pop("format") != FORMAT:
                raise ConfigError(f"{folder} es un respaldo de otra clase: use la versión de Cuadra que lo hizo.")
            content["snapshot"] = Snapshot(**content["snapshot"])
            content["taken_at"] = datetime.fromisoformat(content["taken_at"]).astimezone(UTC)
            return cls(**content)
        except FileNotFoundError as absent:
            raise ConfigError(f"{folder} no es un respaldo terminado: no tiene {NAME}.") from absent
        except (ValueError, KeyError, TypeError) as wrong:
            raise ConfigError(f"El {NAME} de {folder} está dañado.") from wrong


def digest_of(path: Path) -> str:
    """SHA-256 in hex of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def fingerprints(config: Config) -> dict[str, str]:
    """Eight bytes of a keyed hash of each secret: equal secrets have equal ones, and nothing leads back."""
    secrets = {
        "CUADRA_SECRET_KEY": config.secret_key, "CUADRA_SLIP_PEPPER": config.slip_pepper, "CUADRA_DATA_KEY": config.data_key,
    }
    return {name: hmac.new(value.encode(), b"cuadra backup", hashlib.sha256).hexdigest()[:16] for name, value in secrets.items()}


def version() -> str:
    """The version of this checkout, as setup.cfg has it."""
    parser = ConfigParser()
    parser.read(SETUP)
    return parser.get("metadata", "version", fallback="?")


def knows(revision: str) -> bool:
    """Whether this code can bring a database at ``revision`` up to date; a newer one it cannot."""
    script = ScriptDirectory.from_config(migrations.alembic_config())
    return revision in {step.revision for step in script.walk_revisions()}
