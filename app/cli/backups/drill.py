"""``cuadra restore-drill``: a backup taken under writing, brought back elsewhere, and looked at until one believes it."""

from __future__ import annotations

import json
import re
import secrets
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import create_engine, delete, func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts import passwords
from app.cli.backups import manifest, restoring, taking
from app.cli.backups.commands import chosen, size
from app.cli.backups.manifest import Manifest
from app.cli.backups.restoring import Restored
from app.cli.operations import application
from app.config import Config, ConfigError
from app.core import clock
from app.core.spatial.indexes import broken_indexes
from app.core.transaction import database, transaction
from app.factory import create_app
from app.portal.ledger import verify
from models import Base, IdempotencyKey, User
from models.ledger import Event

DRILLS = "drill:"
PAUSE = 0.005
BEFORE = 20
BATCH = 2000


class Failed(Exception):
    """A sentence: what does not hold in the copy."""


@dataclass
class Writer:
    """Writes rows that nobody sees (answers nobody will ask for again) to the live instance and notes each that was kept."""

    app: Flask
    key: str = field(default_factory=lambda: DRILLS + uuid.uuid4().hex)
    kept: list[tuple[float, str]] = field(default_factory=list)
    wrong: Exception | None = None

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._begun.wait(timeout=60)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        with self.app.app_context(), transaction() as session:
            session.execute(delete(IdempotencyKey).where(IdempotencyKey.actor_key == self.key))

    def _write(self) -> None:
        try:
            with self.app.app_context():
                while not self._stop.wait(PAUSE):
                    one = str(uuid.uuid4())
                    with transaction() as session:
                        session.add(IdempotencyKey(
                            actor_key=self.key, key=one, body_digest="0" * 64, status=0, answer={}, created_at=clock.now()
                        ))
                    self.kept.append((time.monotonic(), one))
                    if len(self.kept) == BEFORE:
                        self._begun.set()
        except Exception as wrong:
            self.wrong = wrong
        finally:
            self._begun.set()


@click.command("restore-drill")
@click.argument("archive", required=False, type=click.Path(path_type=Path))
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path), help="Dónde trabajar (si no, la carpeta temporal).")
@click.option("--to", "target", metavar="URL", help="Una base vacía para la copia (si no, en PostgreSQL se crea una y se borra).")
@click.option("--json", "as_json", is_flag=True, help="El resultado en JSON.")
def restore_drill(archive: Path | None, folder: Path | None, target: str | None, as_json: bool) -> None:
    """Ensaya una restauración completa sin tocar la instancia, y dice cuánto tardó.

    Respalda mientras se escribe (o toma ARCHIVE, un respaldo ya hecho), restaura en otro lugar y comprueba: lo
    confirmado está, la cadena del libro, los conteos, los índices espaciales, los archivos y que se puede entrar.
    Sale con 0 si todo se sostiene y con 1 si algo no.
    """
    app = application()
    config: Config = app.extensions["config"]
    report: dict[str, object] = {}
    wrong: list[str] = []

    def step(name: str, act: Callable[[], str]) -> None:
        began = time.monotonic()
        try:
            says, fine = act(), True
        except (Failed, verify.Broken) as failure:
            says, fine = str(failure), False
            wrong.append(name)
        report[name] = {"ok": fine, "seconds": round(time.monotonic() - began, 2), "says": says}
        if not as_json:
            click.echo(f"{'bien ' if fine else 'FALLA'} {name}: {says}  ({report[name]['seconds']:.2f} s)")

    with tempfile.TemporaryDirectory(prefix="cuadra-drill-", dir=folder) as room:
        writer = None if archive else Writer(app)
        copy, confirmed = (chosen(archive), []) if archive else _back_up(config, Path(room) / "backups", writer, step)
        began = time.monotonic()
        with _place(config, Path(room), target) as place:
            done = restoring.restore(copy, place)
            report["restore"] = {name: round(seconds, 2) for name, seconds in done.seconds.items()}
            if not as_json:
                for line in (f"      {name}: {seconds:.2f} s" for name, seconds in done.seconds.items()):
                    click.echo(f"restaurar{line}")
            _look(place, done, writer, confirmed, step)
            checked = time.monotonic() - began
    rto = sum(done.seconds.values()) + report["entrar"]["seconds"]
    age = (clock.now() - done.manifest.taken_at).total_seconds()
    report |= {
        "ok": not wrong, "rto_seconds": round(rto, 2), "checked_seconds": round(checked, 2), "rpo_seconds": round(age, 2) if archive else 0,
        "database_bytes": done.manifest.database_bytes, "files": done.manifest.files, "files_bytes": done.manifest.files_bytes,
    }
    if as_json:
        click.echo(json.dumps(report))
    else:
        said = done.manifest
        click.echo(f"base {size(said.database_bytes)}, archivos {said.files:,} ({size(said.files_bytes)})")
        lost = f"lo escrito en las últimas {age / 3600:.1f} horas" if archive else "nada de lo confirmado antes de copiar"
        click.echo(f"RPO: se perdería {lost}   RTO: {rto:.1f} s hasta poder entrar; {checked:.1f} s hasta haberlo comprobado todo")
    sys.exit(1 if wrong else 0)


def _back_up(config: Config, into: Path, writer: Writer, step: Callable) -> tuple[Path, list[str]]:
    """A backup taken while ``writer`` writes, and what had been confirmed to it before the copy began."""
    found: list[Path] = []
    stamp = config.data_dir / taking.STAMP
    before = stamp.read_bytes() if stamp.exists() else None
    writer.start()
    confirmed = [one for _at, one in writer.kept]

    def act() -> str:
        taken = taking.take(config, into)
        during = len(writer.kept) - len(confirmed)
        found.append(taken.folder)
        if writer.wrong is not None:
            raise Failed(f"no se pudo escribir mientras se respaldaba ({writer.wrong})")
        longest = max((b[0] - a[0] for a, b in zip(writer.kept, writer.kept[1:], strict=False)), default=0)
        return f"{during} escrituras entretanto, la más lenta {longest:.2f} s"

    try:
        step("respaldar", act)
    finally:
        writer.stop()
        # A copy that is thrown away in a minute is no backup: the doctor must go on asking for one.
        if before is None:
            stamp.unlink(missing_ok=True)
        else:
            stamp.write_bytes(before)
    return found[0], confirmed


@contextmanager
def _place(config: Config, room: Path, target: str | None) -> Iterator[Config]:
    """Where the copy comes back: a folder of its own and, on PostgreSQL, a database that is made and dropped."""
    here = replace(config, data_dir=room / "data", read_database_url=None)
    url = make_url(config.database_url)
    if target:
        yield replace(here, database_url=target)
        return
    if url.get_backend_name() == "sqlite":
        yield replace(here, database_url=f"sqlite:///{room / 'data' / 'cuadra.sqlite'}")
        return
    name = f"cuadra_drill_{secrets.token_hex(4)}"
    engine = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except DBAPIError as refused:
        raise ConfigError("No se pudo crear una base para el ensayo: dé CREATEDB al usuario, o diga una vacía con --to.") from refused
    try:
        yield replace(here, database_url=url.set(database=name).render_as_string(hide_password=False))
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def _look(place: Config, done: Restored, writer: Writer | None, confirmed: list[str], step: Callable) -> None:
    copy, said = create_app(place), done.manifest
    with copy.app_context():
        if writer is not None:
            step("lo confirmado", lambda: _nothing_confirmed_is_missing(writer, confirmed))
        step("libro", lambda: _chain(said))
        if not done.migrated:
            # Compared while restoring in any case; a migration may add rows of its own.
            step("conteos", lambda: _counts(said))
        step("índices", _indexes)
        step("archivos", lambda: _files(place, said))
    step("entrar", lambda: _sign_in(copy, place))
    copy.extensions["database"].dispose()


def _nothing_confirmed_is_missing(writer: Writer, confirmed: list[str]) -> str:
    """All confirmed before the copy began is there, and what came during it is there up to one moment, without gaps."""
    order = [one for _at, one in writer.kept]
    with transaction() as session:
        present = set(session.scalars(select(IdempotencyKey.key).where(IdempotencyKey.actor_key == writer.key)))
    if missing := set(confirmed) - present:
        raise Failed(f"faltan {len(missing)} de {len(confirmed)} escrituras confirmadas antes de copiar")
    if present - set(order[: len(present) + 1]):
        raise Failed("la copia mezcla dos momentos: tiene una escritura y no otra anterior")
    return f"{len(confirmed)} de {len(confirmed)}, y las {len(present) - len(confirmed)} siguientes sin huecos"


def _chain(said: Manifest) -> str:
    with transaction() as session:
        chain = verify.Chain(verify.parse_head(said.snapshot.head))
        for event in session.scalars(select(Event).order_by(Event.seq).execution_options(yield_per=BATCH)):
            chain.add(event.public())
        chain.finish()
    return f"{chain.seq:,} asientos, termina donde dice el respaldo"


def _counts(said: Manifest) -> str:
    with database().engine.connect() as connection:
        for name, expected in said.snapshot.counts.items():
            found = connection.scalar(select(func.count()).select_from(Base.metadata.tables[name]))
            if found != expected:
                raise Failed(f"{name} tiene {found:,} renglones y el respaldo dice {expected:,}")
    return f"{sum(said.snapshot.counts.values()):,} renglones en {len(said.snapshot.counts)} tablas"


def _indexes() -> str:
    with database().engine.connect() as connection:
        if broken := broken_indexes(connection):
            raise Failed(f"no sirven: {', '.join(broken)}")
        if connection.dialect.name == "sqlite" and (sound := connection.scalar(text("PRAGMA integrity_check(1)"))) != "ok":
            raise Failed(str(sound))
    return "los espaciales encuentran lo mismo que la tabla entera"


def _files(place: Config, said: Manifest) -> str:
    store = place.data_dir / "files"
    found = [path for path in store.glob("??/*")]
    for path in found:
        if manifest.digest_of(path) != path.name:
            raise Failed(f"{path.name[:12]}… no es lo que dice su nombre")
    if len(found) != said.files:
        raise Failed(f"hay {len(found)} y el respaldo dice {said.files}")
    return f"{len(found)} con la huella que dice su nombre"


def _sign_in(copy: Flask, place: Config) -> str:
    """An account made in the copy signs in by the page, as a person does: keys, cookies, sessions and templates all work."""
    email, password = f"drill-{secrets.token_hex(6)}@example.org", secrets.token_urlsafe(24)
    with copy.app_context(), transaction() as session:
        session.add(User(
            email=email, name="Ensayo", created_at=clock.now(), fs_uniquifier=secrets.token_hex(32), password=passwords.hashed(password)
        ))
    client = copy.test_client()
    page = client.get("/signin", base_url=place.base_url)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.get_data(as_text=True)))
    answer = client.post("/signin", base_url=place.base_url, data=hidden | {"email": email, "password": password})
    home = client.get("/account", base_url=place.base_url, follow_redirects=True)
    if answer.status_code != 303 or home.status_code != 200 or email not in home.get_data(as_text=True):
        raise Failed(f"la página de entrada respondió {answer.status_code} y la cuenta {home.status_code}")
    return "una cuenta nueva entra y ve su página"
