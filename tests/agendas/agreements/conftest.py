from __future__ import annotations

import pytest

from tests.factories import World
from tests.factories.agreements import Neighbourhood


@pytest.fixture
def place(world: World) -> Neighbourhood:
    """A neighbourhood ready to agree on things."""
    return Neighbourhood(world)
