"""Callables that make the things tests talk about, each with good defaults."""

from __future__ import annotations

import itertools
import secrets
from contextlib import contextmanager
from datetime import date, timedelta

from shapely import MultiPolygon, box

from app.accounts import sessions
from app.core import clock, search
from app.core.transaction import transaction
from app.factory import Cuadra
from models import Body, Liaison, LiaisonField, Role, Term, TerritorialUnit, Theme, User
from models.body import BodyKind, GovernmentLevel
from models.ledger import SYSTEM
from models.liaison import Field
from models.territory import LevelRole
from territories.units import services as units
from tests.factories.indicators import IndicatorMakers
from tests.factories.meetings import MeetingMakers
from tests.pages import PageClient

TODAY = date(2026, 3, 14)


class World(IndicatorMakers, MeetingMakers):
    """One test's makers. Each call runs in its own transaction unless inside ``writing()``."""

    def __init__(self, app: Cuadra):
        self.app = app
        self._numbers = itertools.count(1)
        self._session = None

    @contextmanager
    def writing(self):
        """A write session in the application's context; calls nested inside share it."""
        if self._session is not None:
            yield self._session
            return
        with self.app.app_context(), transaction() as session:
            self._session = session
            try:
                yield session
            finally:
                self._session = None

    def unit(
        self, level: LevelRole = LevelRole.TERRITORY, *, parent: TerritorialUnit | None = None,
        code: str | None = None, name: str | None = None, shape: MultiPolygon | None = None, **facts,
    ) -> TerritorialUnit:
        """A unit; squares of 0.01° side by side unless ``shape`` is given."""
        number = next(self._numbers)
        with self.writing() as session:
            levels = units.declare_levels(session)
            west = -99.1 + 0.01 * (number % 40)
            return units.add_unit(
                session, code=code or f"U{number:03d}", name=name or f"Unidad {number}", level=levels[level],
                parent=parent, shape=shape or MultiPolygon([box(west, 19.3, west + 0.01, 19.31)]),
                capacity=SYSTEM, **facts,
            )

    def tree(self, *, territories: int = 1, blocks: int = 3) -> dict[str, list[TerritorialUnit]]:
        """A root, one office, territories, a section each, blocks each: ``{"root": […], "block": […], …}``."""
        made: dict[str, list[TerritorialUnit]] = {role: [] for role in ("root", "office", "territory", "section", "block")}
        with self.writing():
            root = self.unit(LevelRole.ROOT, name="Alcaldía de prueba")
            office = self.unit(LevelRole.OFFICE, parent=root)
            made["root"], made["office"] = [root], [office]
            for _n in range(territories):
                territory = self.unit(LevelRole.TERRITORY, parent=office)
                section = self.unit(LevelRole.SECTION, parent=territory)
                made["territory"].append(territory)
                made["section"].append(section)
                made["block"] += [
                    self.unit(LevelRole.BLOCK, parent=section, streets=("Nogal", "Fresno")) for _b in range(blocks)
                ]
        return made

    def body(
        self, code: str | None = None, *, level=GovernmentLevel.BOROUGH, kind=BodyKind.AREA, name: str | None = None,
        unit: TerritorialUnit | None = None,
    ) -> Body:
        number = next(self._numbers)
        with self.writing() as session:
            body = Body(
                code=code or f"AREA{number}", name=name or f"Área {number}", level=level, kind=kind,
                unit_id=unit.id if unit else None,
            )
            session.add(body)
            session.flush()
            return body

    def theme(self, code: str | None = None, *, sensitive: bool = False) -> Theme:
        number = next(self._numbers)
        with self.writing() as session:
            theme = Theme(
                code=code or f"tema{number}", name_es=f"Tema {number}", name_fr=f"Thème {number}",
                name_en=f"Theme {number}", sensitive=sensitive,
            )
            session.add(theme)
            session.flush()
            search.refresh_themes(session, [theme.id])
            return theme

    def user(self, role: Role | None = None, *, unit: TerritorialUnit | None = None, body: Body | None = None, **facts) -> User:
        """An account; with ``role``, a term in force on ``unit`` or by ``body``."""
        number = next(self._numbers)
        with self.writing() as session:
            user = User(
                email=f"persona{number}@example.org", name=f"Persona {number}", created_at=clock.now(),
                fs_uniquifier=secrets.token_hex(32), **facts,
            )
            session.add(user)
            session.flush()
            if role is not None:
                session.add(
                    Term(
                        user_id=user.id, role=role, unit_id=unit.id if unit else None,
                        body_id=body.id if body else None, starts_on=TODAY - timedelta(days=30),
                    )
                )
                session.flush()
            return user

    def liaison(self, block: TerritorialUnit, *fields: Field, account: bool = True) -> Liaison:
        """A liaison of a block, with an account that holds the role there."""
        user = self.user(Role.LIAISON, unit=block) if account else None
        with self.writing() as session:
            liaison = Liaison(
                unit_id=block.id, user_id=user.id if user else None, starts_on=TODAY - timedelta(days=30),
                fields=[LiaisonField(field=field) for field in fields or (Field.PEACE,)],
            )
            session.add(liaison)
            session.flush()
            return liaison

    def sign_in(self, user: User) -> PageClient:
        """A browser signed in as ``user``."""
        client = PageClient(self.app)
        with self.writing() as session:
            token = sessions.begin(session, user, "prueba")
        with client.session_transaction("/account") as cookie:
            cookie.update(sessions.cookie(token))
        return client
