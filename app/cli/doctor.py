"""What this machine lacks, one line each."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.cli.backups import postgresql, taking
from app.cli.operations import WORKER_SEEN
from app.config import Config, ConfigError
from app.core import clock, db, migrations, queue

WORKER_SILENT = timedelta(minutes=5)
BACKUP_OLD = timedelta(days=1, hours=2)
STATIC = Path(__file__).resolve().parents[2] / "static" / "vendor" / "cuadra.css"


class Missing(Exception):
    """A sentence that says what is missing and how to get it."""


@click.command()
def doctor() -> None:
    """Revisa configuración, base de datos, tipografías, carpetas, llaves, trabajos y respaldos."""
    try:
        config = Config.from_environ()
    except ConfigError as wrong:
        click.echo(f"FALTA configuración: {wrong}")
        sys.exit(2)
    checks: list[tuple[str, Callable[[Config], str]]] = [
        ("configuración", lambda c: f"{c.environment}, {c.base_url}"),
        ("llaves", _keys),
        ("carpeta de datos", _folder),
        ("base de datos", _database),
        ("migraciones", _migrations),
        ("documentos PDF", _paper),
        ("tipografías", _fonts),
        ("lectura de límites", _boundaries),
        ("hojas de estilo", _styles),
        ("trabajos", _worker),
        ("respaldos", _backups),
    ]
    missing = 0
    for name, check in checks:
        try:
            click.echo(f"bien  {name}: {check(config)}")
        except Missing as lack:
            missing += 1
            click.echo(f"FALTA {name}: {lack}")
    sys.exit(1 if missing else 0)


def _keys(config: Config) -> str:
    return "del entorno" if config.environment == "production" else "propias de esta carpeta"


def _folder(config: Config) -> str:
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=config.data_dir):
            pass
    except OSError as wrong:
        raise Missing(f"no se puede escribir en {config.data_dir} ({wrong.strerror})") from wrong
    return str(config.data_dir)


def _database(config: Config) -> str:
    engine = db.make_engine(config.database_url)
    embedded = engine.dialect.name == "sqlite"
    if embedded and not Path(engine.url.database).exists():
        raise Missing("todavía no existe; corra «cuadra init»")
    try:
        with engine.connect() as connection:
            version = connection.scalar(text("SELECT spatialite_version()" if embedded else "SELECT postgis_lib_version()"))
    except SQLAlchemyError as wrong:
        reason = str(getattr(wrong, "orig", wrong)).strip().splitlines()[0]
        if "mod_spatialite" in reason:
            raise Missing("falta SpatiaLite: instale libsqlite3-mod-spatialite") from wrong
        if "postgis" in reason:
            raise Missing("falta PostGIS: instale postgresql-15-postgis-3 y corra «cuadra init»") from wrong
        raise Missing(f"no responde ({reason})") from wrong
    finally:
        engine.dispose()
    return f"{'SpatiaLite' if embedded else 'PostGIS'} {version}"


def _migrations(config: Config) -> str:
    engine = db.make_engine(config.database_url)
    try:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database).exists():
            raise Missing("corra «cuadra init»")
        if not migrations.is_current(engine):
            raise Missing("la base de datos no está al día; corra «cuadra init»")
    except SQLAlchemyError as wrong:
        raise Missing("no se pueden leer sin base de datos") from wrong
    finally:
        engine.dispose()
    return "al día"


def _paper(_config: Config) -> str:
    try:
        return f"WeasyPrint {importlib.import_module('weasyprint').__version__}"
    except ImportError as wrong:
        raise Missing("instale cuadra[pdf]") from wrong
    except OSError as wrong:
        raise Missing("falta Pango: instale libpango-1.0-0, libpangoft2-1.0-0 y libharfbuzz-subset0") from wrong


def _fonts(_config: Config) -> str:
    program = shutil.which("fc-list")
    if program is None:
        raise Missing("falta fontconfig: instale fontconfig y fonts-dejavu-core")
    found = subprocess.run([program, ":lang=es", "family"], capture_output=True, text=True, timeout=30).stdout.splitlines()
    if not found:
        raise Missing("no hay tipografías: instale fonts-dejavu-core")
    return f"{len(set(found))} familias"


def _boundaries(_config: Config) -> str:
    # Asked of another process: GDAL never enters this one (docs/adr/0006).
    asked = subprocess.run(
        [sys.executable, "-c", "import pyogrio; print(pyogrio.__gdal_version_string__)"], capture_output=True, text=True, timeout=60
    )
    if asked.returncode:
        raise Missing("instale cuadra[gis]")
    return f"GDAL {asked.stdout.strip()}"


def _styles(_config: Config) -> str:
    if not STATIC.exists():
        raise Missing("no se han construido; corra «make demo» o «npm ci && npm run build»")
    return f"{STATIC.stat().st_size // 1024} kB"


def _worker(config: Config) -> str:
    """When a worker last said that it lives: in its table on PostgreSQL, by a file's date on the embedded database."""
    engine = db.make_engine(config.database_url)
    try:
        if engine.dialect.name == "postgresql":
            seen = queue.last_heartbeat(engine)
        else:
            mark = config.data_dir / WORKER_SEEN
            seen = datetime.fromtimestamp(mark.stat().st_mtime, UTC) if mark.exists() else None
    except SQLAlchemyError as wrong:
        raise Missing("no se puede saber sin base de datos") from wrong
    finally:
        engine.dispose()
    return _recent(config, seen, WORKER_SILENT, "no hay quien haga los pendientes; arranque cuadra-worker (o «cuadra worker»)", "visto")


def _backups(config: Config) -> str:
    engine = db.make_engine(config.database_url)
    try:
        if engine.dialect.name == "postgresql":
            with engine.connect() as connection:
                major = postgresql.server_version(connection)
            for name in ("pg_dump", "pg_restore", "psql"):
                postgresql.tool(name, major)
    except ConfigError as lack:
        raise Missing(str(lack)) from lack
    except SQLAlchemyError as wrong:
        raise Missing("no se pueden hacer sin base de datos") from wrong
    finally:
        engine.dispose()
    lack = "ninguno en el último día; arranque cuadra-backup.timer (o «cuadra backup»)"
    return _recent(config, taking.last(config), BACKUP_OLD, lack, "el último")


def _recent(config: Config, seen: datetime | None, most: timedelta, lack: str, words: str) -> str:
    """Only production must have it: a demo is thrown away and a test runs nothing in the background."""
    if seen is not None and clock.now() - seen <= most:
        return f"{words} {seen:%Y-%m-%d %H:%M} UTC"
    said = f"{lack}; {words} {seen:%Y-%m-%d %H:%M} UTC" if seen is not None else lack
    if config.environment == "production":
        raise Missing(said)
    return f"{said} (solo hace falta en producción)"
