"""Bringing a backup back: checked before anything is touched, compared with its manifest afterwards."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import make_url

from app.cli.backups import databases, manifest
from app.cli.backups.manifest import Manifest
from app.cli.backups.taking import private
from app.config import Config, ConfigError
from app.core import db, migrations, restored
from app.core.storage import DIGEST
from app.core.transaction import transaction
from app.factory import create_app


@dataclass
class Restored:
    """What was brought back, where, what was done to it, and the seconds of each step."""

    manifest: Manifest
    config: Config
    migrated: bool = False
    made_good: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def elsewhere(config: Config, places: tuple[str, ...]) -> Config:
    """``config`` pointed at other places: an address is a database, a folder is where files (and the embedded database) go."""
    for place in places:
        if "://" in place:
            config = replace(config, database_url=place)
        else:
            folder = Path(place).absolute()
            config = replace(config, data_dir=folder, read_database_url=None)
            if make_url(config.database_url).get_backend_name() == "sqlite" and not any("://" in other for other in places):
                config = replace(config, database_url=f"sqlite:///{folder / 'cuadra.sqlite'}")
    return replace(config, read_database_url=None) if places else config


def restore(folder: Path, config: Config, *, force: bool = False, other_keys: bool = False) -> Restored:
    """Bring the backup in ``folder`` back as the instance of ``config``. Raises ConfigError, with nothing changed.

    Without ``force`` the instance must be empty. Without ``other_keys`` its secrets must be those of the backup: with
    others no password works and what is encrypted stays so.
    """
    said = Manifest.read(folder)
    done = Restored(said, config)
    with private():
        _restore(folder, done, force=force, other_keys=other_keys)
    return done


def _restore(folder: Path, done: Restored, *, force: bool, other_keys: bool) -> None:
    said, config = done.manifest, done.config
    with _timed(done, "check"):
        _check(folder, said, config, other_keys)
        if not force:
            _refuse_to_replace(config)
    with _timed(done, "files"):
        _put_files_back(folder, config.data_dir / "files")
    with _timed(done, "database"):
        now = databases.load(folder / said.database, config.database_url)
        if now.counts != said.snapshot.counts or now.head != said.snapshot.head:
            raise ConfigError("Lo restaurado no es lo que dice el respaldo: no lo use, y repita en otra base vacía.")
    with _timed(done, "migrate"):
        done.migrated = _bring_up_to_date(config)
    with _timed(done, "make good"):
        app = create_app(config)
        with app.app_context():
            with transaction() as session:
                done.made_good = restored.make_good(session, said.taken_at)
            app.extensions["database"].dispose()


class _timed:
    def __init__(self, done: Restored, step: str):
        self._done, self._step = done, step

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_exc) -> None:
        self._done.seconds[self._step] = time.monotonic() - self._began


def listed(folder: Path) -> Iterator[tuple[str, int]]:
    """Digest and bytes of each stored file of a backup. Raises ConfigError for a line that is neither."""
    for line in (folder / manifest.LIST).read_text().splitlines():
        digest, _space, size = line.partition(" ")
        if not DIGEST.fullmatch(digest) or not size.isdigit():
            raise ConfigError(f"La lista de archivos de {folder} está dañada.")
        yield digest, int(size)


def _check(folder: Path, said: Manifest, config: Config, other_keys: bool) -> None:
    dialect = make_url(config.database_url).get_backend_name()
    if said.engine != databases.ENGINES[dialect]:
        raise ConfigError(f"Este respaldo es de {said.engine} y la base de destino no lo es: diga otra con --to.")
    if said.database != databases.FILES[dialect]:
        raise ConfigError(f"El {manifest.NAME} de {folder} está dañado.")
    if not manifest.knows(said.snapshot.revision):
        raise ConfigError(f"Este respaldo es de una versión más nueva de Cuadra ({said.version}): instálela y repita.")
    if said.keys != manifest.fingerprints(config) and not other_keys:
        names = ", ".join(name for name, print_ in manifest.fingerprints(config).items() if said.keys.get(name) != print_)
        raise ConfigError(
            f"Las llaves de aquí no son las del respaldo ({names}): ponga las que tenía, o use --other-keys y lo cifrado se perderá."
        )
    try:
        if manifest.digest_of(folder / said.database) != said.database_sha256:
            raise ConfigError(f"{folder / said.database} está dañado: use otro respaldo.")
        if manifest.digest_of(folder / manifest.LIST) != said.files_sha256:
            raise ConfigError(f"La lista de archivos de {folder} está dañada: use otro respaldo.")
        for digest, _size in listed(folder):
            if manifest.digest_of(_inside(folder / "files", digest)) != digest:
                raise ConfigError(f"El archivo {digest[:12]}… del respaldo está dañado: use otro respaldo.")
    except FileNotFoundError as absent:
        raise ConfigError(f"Al respaldo le falta {Path(absent.filename).name}: use otro.") from absent


def _refuse_to_replace(config: Config) -> None:
    if not databases.is_empty(config.database_url):
        raise ConfigError("La base de destino ya tiene datos: diga otra con --to, o repita con --force para reemplazarla.")
    store = config.data_dir / "files"
    if store.exists() and next(store.glob("??/*"), None) is not None:
        raise ConfigError(f"En {store} ya hay archivos: diga otra carpeta con --to, o repita con --force.")


def _inside(store: Path, digest: str) -> Path:
    return store / digest[:2] / digest


def _put_files_back(folder: Path, store: Path) -> None:
    """Copies and not links: what the instance touches must not be able to touch the backup."""
    for digest, _size in listed(folder):
        target = _inside(store, digest)
        if target.exists() and manifest.digest_of(target) == digest:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_suffix(".restoring")
        shutil.copyfile(_inside(folder / "files", digest), aside)
        os.chmod(aside, 0o600)
        os.replace(aside, target)


def _bring_up_to_date(config: Config) -> bool:
    engine = db.make_engine(config.database_url)
    try:
        if migrations.is_current(engine):
            return False
        migrations.upgrade(engine)
        return True
    finally:
        engine.dispose()
