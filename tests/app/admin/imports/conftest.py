"""Somebody bringing a file in, and the worker."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from app.core import jobs
from models import Role
from tests.pages import PageClient, hidden_fields, text_of


class Bringing:
    """A browser at the pages of imports, and a worker that does what they leave."""

    def __init__(self, world, role: Role = Role.PLANNING):
        self.world = world
        self.browser: PageClient = world.sign_in(world.user(role, body=world.body("PLAN")))

    def work(self) -> None:
        with self.world.app.app_context():
            while jobs.run_one():
                pass

    def bring(self, kind: str, path: Path, *, prefix: str = ""):
        """Send a file from the page of its kind; ``prefix`` is that of a language."""
        address = f"{prefix}/staff/import/new/{kind}"
        form = hidden_fields(self.browser.get(address), address)
        return self.browser.post(address, data={**form, "file": (BytesIO(path.read_bytes()), path.name)})

    def post(self, page: str, action: str | None = None, **fields):
        """Send the form of a page that posts to ``action``, as the page filled it."""
        form = hidden_fields(self.browser.get(page), action or page)
        return self.browser.post(action or page, data={**form, **fields})

    def says(self, address: str) -> str:
        return text_of(self.browser.get(address, follow_redirects=True))


@pytest.fixture
def bringing(world) -> Bringing:
    """Somebody of planning."""
    return Bringing(world)


@pytest.fixture
def admin(world) -> Bringing:
    return Bringing(world, Role.ADMIN)
