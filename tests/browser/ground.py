"""Where the story happens: a neighbourhood made for it, or the real borough, and the accounts of its people."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.accounts import passwords, services
from app.config import Config
from app.core.transaction import transaction
from models import Body, Role, TerritorialUnit
from models.body import BodyKind, GovernmentLevel
from models.ledger import SYSTEM
from models.territory import Level, LevelRole
from tests.browser.conftest import ROOT, environ_of
from tests.browser.people import PASSWORD
from tests.factories import World


@dataclass(frozen=True)
class Ground:
    """The block where it happens, its territory, what a person types to find it, and the two accounts."""

    block: str
    territory: str
    search: str
    promoter: str = "promotora@example.org"
    area: str = "obras@example.org"


def neighbourhood(world: World) -> Ground:
    """A small invented one: a borough, a directorate, two territories, blocks with streets."""
    with world.writing():
        root = world.unit(LevelRole.ROOT, code="ALCALDIA", name="Alcaldía del Lago")
        office = world.unit(LevelRole.OFFICE, code="DT-1", name="Dirección territorial Sur", parent=root)
        for number, name in enumerate(("Los Fresnos", "El Manantial"), 1):
            territory = world.unit(LevelRole.TERRITORY, code=f"TER-{number}", name=name, parent=office)
            section = world.unit(LevelRole.SECTION, code=f"SEC-{number}", name=f"Sección {number}", parent=territory)
            for block in range(1, 9):
                world.unit(
                    LevelRole.BLOCK, code=f"MZ-{number}{block:02d}", name=f"Manzana {number}{block:02d}", parent=section,
                    streets=("Nogal", "Fresno", f"Callejón {block}"),
                )
    ground = Ground("MZ-103", "TER-1", "Callejón 3")
    people(world, ground)
    return ground


def borough(world: World, config: Config, files: Path) -> Ground:
    """The real one: its boundary, the 293 units as territories, the 14,394 blocks, brought in by the command."""
    for level, name, more in (
        ("root", "limite-de-las-alcaldias_cdmx.geojson", ("--only", "09007")),
        ("territory", "colonias_iztapalapa_293.geojson", ("--kind-from-name",)),
        ("block", "manzanas_SINTETICAS_voronoi_iztapalapa.gpkg", ()),
    ):
        command = [sys.executable, "-m", "app.cli", "import-units", str(files / name), "--level", level, "--skip-rejected", "--json", *more]
        done = subprocess.run(command, cwd=ROOT, env=environ_of(config), capture_output=True, text=True, timeout=900)
        assert done.returncode in (0, 1), done.stderr[-2000:]
        assert json.loads(done.stdout)["written"], done.stdout[:2000]
    with world.app.app_context(), transaction() as session:
        code, above = _median_block(session)
    ground = Ground(code, above, code)
    people(world, ground)
    return ground


def _median_block(session: Session) -> tuple[str, str]:
    """A block, and its territory, from the middle of the list: neither the easiest nor the worst."""
    parent = aliased(TerritorialUnit)
    blocks = (
        select(TerritorialUnit.code, parent.code).join(Level, Level.id == TerritorialUnit.level_id)
        .join(parent, parent.id == TerritorialUnit.parent_id).where(Level.role == LevelRole.BLOCK).order_by(TerritorialUnit.code)
    )
    found = session.execute(blocks).all()
    assert len(found) > 14_000
    return tuple(found[len(found) // 2])


def people(world: World, ground: Ground) -> None:
    """An area with a user, the territory's collective, a theme, and a promoter who knows the territory."""
    with world.app.app_context():
        kept = passwords.hashed(PASSWORD)
    world.theme("alumbrado")
    world.theme("agua")
    world.body("OBRAS", name="Dirección de Obras y Servicios")
    with world.app.app_context(), transaction() as session:
        territory = session.scalars(select(TerritorialUnit).where(TerritorialUnit.code == ground.territory)).one()
        works = session.scalars(select(Body).where(Body.code == "OBRAS")).one()
        session.add(
            Body(
                code="COL-1", name=f"Colectivo de {territory.name}", level=GovernmentLevel.COMMUNITY,
                kind=BodyKind.COLLECTIVE, unit_id=territory.id,
            )
        )
        for email, name, place in (
            (ground.promoter, "Rosa Aguilar", {"role": Role.PROMOTER, "unit": territory}),
            (ground.area, "Luis Ortega", {"role": Role.AREA, "body": works}),
        ):
            token = services.invite(session, email=email, name=name, capacity=SYSTEM, **place)
            services.activate(session, token=token, name=name, password_hash=kept)
