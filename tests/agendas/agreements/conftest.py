from __future__ import annotations

import pytest

from tests.factories import World
from tests.factories.agreements import Neighbourhood


@pytest.fixture
def place(app, world: World) -> Neighbourhood:
    """A neighbourhood ready to agree on things, in an application context."""
    with app.app_context():
        yield Neighbourhood(world)
