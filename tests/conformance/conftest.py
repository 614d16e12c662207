"""A small town with everything that is published, and a real server for clients that speak HTTP."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from werkzeug.serving import make_server

from app.core import clock
from models import Agreement, Assembly, HeadcountCell, Minutes, Problem, TerritorialUnit
from models.agreement import AgreementState
from models.assembly import AgeBand, AssemblyState, Gender, Mode
from models.territory import LevelRole
from tests.app.portal import scenes
from tests.factories import TODAY


@dataclass(frozen=True)
class Town:
    root: TerritorialUnit
    territory: TerritorialUnit
    block: TerritorialUnit
    assembly: Assembly
    agreement: Agreement


@pytest.fixture
def town(world) -> Town:
    """Agreements whose words try every encoder, assemblies of each kind of place, problems, minutes."""
    made = world.tree(territories=2, blocks=3)
    territory, block = made["territory"][0], made["block"][0]
    owner, theme, guarded = world.body("OBRAS", name="Obras, «parques» & <mercados>"), world.theme("alumbrado"), world.theme(sensitive=True)
    texts = ('Reparar "pronto"\nla luminaria; y, además, <b>pintar</b>', "=1+1", "Ñandú 🌳 de Nogal")
    agreements = [scenes.agreement(world, block, owner, theme, text=text, due=TODAY - timedelta(days=n)) for n, text in enumerate(texts)]
    scenes.agreement(world, territory, owner, guarded, text="Rondines", state=AgreementState.VERIFIED, reported_on=TODAY, round=1)
    held = scenes.assembly(world, territory, *made["block"][:2], title="Asamblea; de la calle, Nogal\\Fresno")
    coming = scenes.assembly(
        world, territory, block, state=AssemblyState.CONVENED, starts_at=clock.now() + timedelta(days=3), title="Asamblea de mañana",
    )
    gone = scenes.assembly(world, block, state=AssemblyState.CANCELLED, starts_at=clock.now() + timedelta(days=4))
    with world.writing() as session:
        session.merge(Assembly(id=gone.id, mode=Mode.ONLINE, online_url="https://reunion.example/x"))
        session.add(HeadcountCell(assembly_id=held.id, gender=Gender.WOMEN, age_band=AgeBand.ADULTS, people=31, first_timers=2))
        session.add(Minutes(assembly_id=held.id, content={}, digest="0" * 64, head="1:x", sealed_at=clock.now()))
        session.add(Problem(assembly_id=held.id, unit_id=block.id, theme_id=theme.id, text="Falta luz", raised_at=clock.now()))
    world.unit(LevelRole.BLOCK, parent=made["section"][0], name='Cuadra "con" comillas, y coma')
    return Town(made["root"][0], territory, block, coming, agreements[0])


@pytest.fixture
def served(app) -> Iterator[str]:
    """The address of the application on loopback, its clock stopped like the test's."""
    context = contextvars.copy_context()

    def stopped(environ, start_response):
        return context.copy().run(app, environ, start_response)

    server = make_server("127.0.0.1", 0, stopped, threaded=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
