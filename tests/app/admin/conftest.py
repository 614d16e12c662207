"""The administration of a small place: its tree, and somebody signed in for each quality."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import pytest
from sqlalchemy import select

from models import Event, Role, TerritorialUnit
from tests.factories import World
from tests.pages import PageClient, hidden_fields


@dataclass
class Office:
    """``admin`` and ``planning`` are browsers signed in with a role on the root."""

    world: World
    tree: dict[str, list[TerritorialUnit]]
    admin: PageClient
    planning: PageClient

    def send(self, client: PageClient, url: str, form: str | None = None, **fields):
        """Open the page and send its form with ``fields``: the answer to the POST."""
        page = client.get(url)
        assert page.status_code == 200, page.status_code
        return client.post(url if form is None else form, data=hidden_fields(page, form) | {"client_id": str(uuid4())} | fields)

    def events(self, kind: str) -> list[Event]:
        with self.world.writing() as session:
            return list(session.scalars(select(Event).where(Event.kind == kind).order_by(Event.seq)))


@pytest.fixture
def office(world) -> Office:
    tree = world.tree(territories=2, blocks=1)
    root = tree["root"][0]
    return Office(
        world, tree, world.sign_in(world.user(Role.ADMIN, unit=root)), world.sign_in(world.user(Role.PLANNING, unit=root))
    )
