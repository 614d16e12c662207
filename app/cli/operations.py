"""Commands that prepare, run and check an instance."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.admin.privacy.purge import purge_daily
from app.config import Config, ConfigError
from app.core import clock, idempotency, jobs, migrations, queue, search
from app.core.transaction import database, read_session, transaction
from app.factory import create_app
from app.portal.ledger import verify
from models.ledger import Event, LedgerHead
from territories.layers import shapes
from territories.units import services as units

BATCH = 2000
WORKER_SEEN = "worker.seen"


def application():
    """The application of this command. Raises ConfigError when the database cannot be reached."""
    app = create_app(Config.from_environ())
    with app.app_context():
        try:
            current = migrations.is_current(database().engine)
        except SQLAlchemyError as wrong:
            raise ConfigError(f"No se alcanza la base de datos: {_first_line(wrong)}. Corra «cuadra doctor».") from wrong
    if not current:
        raise ConfigError("La base de datos no está al día: corra «cuadra init».")
    return app


def _first_line(wrong: Exception) -> str:
    return str(getattr(wrong, "orig", wrong)).strip().splitlines()[0]


@click.command()
def init() -> None:
    """Prepara o actualiza la base de datos. Puede correrse las veces que haga falta."""
    config = Config.from_environ()
    config.data_dir.mkdir(parents=True, exist_ok=True)
    app = create_app(config)
    with app.app_context():
        try:
            migrations.upgrade(database().engine)
        except SQLAlchemyError as wrong:
            raise ConfigError(f"No se pudo preparar la base de datos: {_first_line(wrong)}.") from wrong
        with transaction() as session:
            units.declare_levels(session)
            if search.is_empty(session):
                search.reindex(session)
            if shapes.is_empty(session):
                shapes.rebuild(session)
    click.echo("Base de datos lista.", err=True)


class _Server(BaseApplication):
    def __init__(self, config: Config, workers: int):
        self._config, self._workers = config, workers
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": f"{self._config.host}:{self._config.port}",
            "workers": self._workers,
            "worker_class": "gthread",
            "threads": 4,
            "timeout": 60,
            "graceful_timeout": 20,
            "control_socket_disable": True,
            "accesslog": None,
            "loglevel": "warning",
        }
        for key, value in settings.items():
            self.cfg.set(key, value)

    def load(self):
        # Built after the fork: a connection shared by two processes corrupts both.
        return create_app(self._config)


@click.command()
@click.option("--workers", default=2, show_default=True, help="Procesos que atienden.")
def serve(workers: int) -> None:
    """Atiende en HOST:PORT (127.0.0.1:8000 si no se dice otra cosa)."""
    config = Config.from_environ()
    application().extensions["database"].dispose()
    click.echo(f"Cuadra atiende en {config.base_url}  (Ctrl+C para detener)", err=True)
    _Server(config, workers).run()


@click.command()
@click.option("--once", is_flag=True, help="Hace lo pendiente y termina.")
def worker(once: bool) -> None:
    """Hace los trabajos pendientes que dejaron las operaciones."""
    app = application()
    if app.extensions["database"].engine.dialect.name == "postgresql":
        queue.work(app.extensions["config"].database_url, workshop(app), once=once)
        return
    last_sweep = 0.0
    with app.app_context():
        while True:
            (app.extensions["config"].data_dir / WORKER_SEEN).touch(mode=0o600)
            if time.monotonic() - last_sweep > 3600 or once:
                _sweep()
                last_sweep = time.monotonic()
            while jobs.run_one():
                pass
            if once:
                return
            time.sleep(2)


def workshop(app: Flask) -> queue.Work:
    """What Procrastinate's threads do, each with an application context of its own."""

    def inside(act: Callable) -> Callable:
        def acting(*arguments) -> None:
            with app.app_context():
                act(*arguments)

        return acting

    return queue.Work(run=inside(jobs.run), sweep=inside(_sweep))


def _sweep() -> None:
    with transaction() as session:
        idempotency.forget_old(session)
        jobs.forget_done(session)
    purge_daily()


@click.command("verify-ledger")
@click.option("--head", default=None, metavar="SEQ:HASH", help="Una cabeza impresa en papel que la cadena debe contener.")
def verify_ledger(head: str | None) -> None:
    """Recorre el libro entero y dice si alguien lo alteró."""
    app = application()
    with app.app_context():
        session = read_session()
        try:
            chain = verify.Chain(verify.parse_head(head) if head else None)
        except ValueError as wrong:
            raise click.BadParameter(str(wrong), param_hint="--head") from wrong
        try:
            for event in session.scalars(select(Event).order_by(Event.seq).execution_options(yield_per=BATCH)):
                chain.add(event.public())
            chain.finish()
            kept = session.get(LedgerHead, 1)
            if kept is not None and str(kept) != str(chain):
                raise verify.Broken(chain.seq, f"the kept head is {kept}")
        except verify.Broken as wrong:
            click.echo(str(wrong))
            sys.exit(1)
        click.echo(f"ok {chain.seq} events head {chain}")


@click.command()
def recount() -> None:
    """Vuelve a calcular lo que se guarda calculado y dice cuánto difería (0 es lo normal)."""
    app = application()
    with app.app_context(), transaction() as session:
        wrong = {"ancestry": units.rebuild_ancestry(session), "shapes": shapes.rebuild(session)}
    for what, rows in wrong.items():
        click.echo(f"{what}: {rows} rows differed  ({clock.now():%Y-%m-%d %H:%M} UTC)")
    sys.exit(1 if any(wrong.values()) else 0)


@click.command()
@click.option("--check", is_flag=True, help="Solo compara: no escribe nada y termina con 1 si algo difiere.")
def reindex(check: bool) -> None:
    """Vuelve a formar el índice de búsqueda y dice cuánto difería (0 es lo normal)."""
    app = application()
    with app.app_context(), transaction() as session:
        done = search.reindex(session, write=not check)
    click.echo(f"search: {done.entries} entries, {done.wrong} differed  ({clock.now():%Y-%m-%d %H:%M} UTC)")
    sys.exit(1 if check and done.wrong else 0)
