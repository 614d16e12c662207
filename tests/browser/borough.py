"""A tiny demo served from this process, with what a year of assemblies leaves out, and a browser for each role."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Thread
from unittest.mock import patch

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.serving import WSGIRequestHandler, make_server

from app.accounts import sessions
from app.admin.requests import services as requests
from app.admin.requests.services import Asked
from app.admin.settings.services import publish_notice
from app.config import Config
from app.core import clock, i18n, jobs
from app.core.actors import load_actor
from app.core.transaction import Database, transaction
from app.core.uploads import receive
from app.factory import Cuadra, create_app
from assemblies.meetings.slips import services as slips
from models import Assembly, Role, SlipBatch, Term, TerritorialUnit, User
from models.assembly import AssemblyState
from models.document import Tongue
from models.privacy import Channel, RequestKind
from territories.documents.forms import Draft
from territories.documents.services import add as add_document
from territories.subjects import Subject
from tests.app.cli.demo.scenes import lived_in
from tests.app.core.test_uploads import PDF
from tests.browser import pseudo
from tests.browser.conftest import free_port
from tests.pages import hidden_fields

ASKED = Asked(RequestKind.ACCESS, "Rosa Vecina", "rosa@example.org", "Qué guardan de mí.")
BODIES = """CVE;Nombre de la instancia;Nivel
RIEGO;Riego y jardines;alcaldía
RIEGO;Otra vez;alcaldía
AGUAS;Sistema de aguas;planeta
BOSQUE;Bosques y barrancas;alcaldía
"""


class Quiet(WSGIRequestHandler):
    def log(self, *_args) -> None:
        """A line for each request of a sweep would bury what it found."""


class Borough:
    """``cookies``: the signed-in browser of one person of each role, all of one territory where the role has one."""

    def __init__(self, app: Cuadra, address: str, confirm: str):
        self.app, self.address, self.confirm = app, address, confirm
        self.clients: dict[str, FlaskClient] = {}

    def cookie(self, who: str) -> dict[str, str]:
        kept = next(iter(self.clients[who]._cookies.values()))  # noqa: SLF001 - its path differs from page to page
        return {"name": kept.key, "value": kept.value, "url": self.address}


@contextmanager
def borough(folder: Path, template: Path) -> Iterator[Borough]:
    """``template``: an empty, migrated SpatiaLite file, which is copied."""
    (folder / "cuadra.sqlite").write_bytes(template.read_bytes())
    port = free_port()
    config = Config(
        environment="test", database_url=f"sqlite:///{folder / 'cuadra.sqlite'}", read_database_url=None, secret_key="k" * 40,
        slip_pepper="p" * 40, data_key="d" * 40, data_dir=folder / "data", base_url=f"http://127.0.0.1:{port}", port=port,
    )
    database = Database.open(config.database_url, None)
    # Under /en the pages speak the made-up language; Spanish is as it is.
    pseudo.write_catalogue(folder / "translations")
    with patch.object(i18n, "TRANSLATIONS", folder / "translations"):
        app = create_app(config, database=database)
    sheet = lived_in(app)
    made = Borough(app, config.base_url, sheet.confirm)
    with app.app_context(), transaction() as session:
        people = {str(one.role): session.scalars(select(User).filter_by(email=one.email)).one() for one in sheet.accounts}
        furnish(session, people)
        tokens = {role: sessions.begin(session, user, "prueba") for role, user in people.items()}
    for role, token in tokens.items():
        client = app.test_client()
        with client.session_transaction("/account") as cookie:
            cookie.update(sessions.cookie(token))
        made.clients[role] = client
    bring_bodies(made)
    # Looking for what opens to whom is refused a thousand times.
    for name in ("werkzeug", "cuadra"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with served(app, port):
            yield made
    finally:
        database.dispose()


@contextmanager
def served(app: Cuadra, port: int) -> Iterator[None]:
    """``app`` answering on loopback from a thread of this process, until the block ends."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def furnish(session: Session, people: dict[str, User]) -> None:
    """What people of the demo have not done yet, in the territory of its lead: documents, a notice, slips to print."""
    today = clock.today("America/Mexico_City")
    actors = {role: load_actor(session, user, today) for role, user in people.items()}
    admin, lead = actors[Role.ADMIN], actors[Role.LEAD]
    home = session.scalars(select(TerritorialUnit).join(Term, Term.unit_id == TerritorialUnit.id).filter_by(user_id=lead.user_id)).one()
    for number, language in enumerate((Tongue.SPANISH, Tongue.ENGLISH)):
        words = Draft(f"Plan parcial de la colonia, hoja {number + 1}", today, language, "Usos del suelo, alturas y áreas verdes.")
        add_document(session, actor=lead, subject=Subject(home), draft=words, file=receive(BytesIO(PDF)))
    publish_notice(session, actor=admin, texts=("Qué datos guardamos y por cuánto tiempo.", "", ""))
    requests.receive(session, asked=ASKED, actor=None, channel=Channel.FORM)
    held = session.scalars(
        select(Assembly).filter_by(state=AssemblyState.HELD).where(Assembly.folio.startswith(f"AS-{home.short_code}-"))
        .order_by(Assembly.id).options(joinedload(Assembly.unit))
    ).first()
    if held is not None:
        for batch in session.scalars(select(SlipBatch).filter_by(assembly_id=held.id)):
            slips.void(session, actor=lead, assembly=held, batch=batch, occurred_at=clock.now())
        session.flush()
        slips.issue(session, actor=lead, assembly=held, count=3, occurred_at=clock.now())
    assert session.scalar(select(func.count()).select_from(SlipBatch).where(SlipBatch.codes_encrypted.is_not(None))), "no slips to print"


def bring_bodies(made: Borough) -> None:
    """An import that was written, one that waits at its preview, one at its columns."""
    browser, new = made.clients[Role.ADMIN], "/staff/import/new/bodies"
    columns = {"column-code": "CVE", "column-name": "Nombre de la instancia", "column-level": "Nivel", "source": "Organigrama"}

    def press(page: str, **fields) -> str:
        answer = browser.post(page, data={**hidden_fields(browser.get(page), page), **fields})
        assert answer.status_code == 303, f"{page}: {answer.text}"
        with made.app.app_context():
            while jobs.run_one():
                pass
        return answer.location

    for name, steps in (("escrita.csv", 2), ("areas.csv", 1), ("otras.csv", 0)):
        run = press(new, file=(BytesIO(BODIES.encode()), name))
        if steps > 0:
            press(f"{run}/columns", **columns)
        if steps > 1:
            press(f"{run}/preview", skip_rejected="y")
