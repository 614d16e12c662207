"""Where the story happens: a neighbourhood made for it, or the real borough, and the accounts of its people."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.accounts import passwords, services
from app.core.transaction import transaction
from models import Body, Role, TerritorialUnit
from models.body import BodyKind, GovernmentLevel
from models.ledger import SYSTEM
from models.territory import LevelRole
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
