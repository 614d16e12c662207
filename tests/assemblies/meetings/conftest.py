"""A block assembly about to be held, and somebody whose job it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core import clock
from models import Role
from models.assembly import ItemType, Method
from models.body import BodyKind, GovernmentLevel
from tests.assemblies.meetings.hold.stage import Stage


@pytest.fixture
def stage(world) -> Stage:
    """Convened on a block: a welcome, problems, a decision by vote, a decision without method, a follow-up."""
    tree = world.tree(territories=2, blocks=2)
    territory, block = tree["territory"][0], tree["block"][0]
    promoter = world.user(Role.PROMOTER, unit=territory)
    assembly = world.assembly(
        block, blocks=tree["block"][:2], convener=promoter, starts_at=clock.now() + timedelta(minutes=30),
        items=(
            ("Bienvenida", ItemType.INFORMATION, None), ("Qué nos preocupa", ItemType.PROBLEMS, None),
            ("La luminaria", ItemType.DECISION, Method.VOTE), ("El parque", ItemType.DECISION, None),
            ("Acuerdos anteriores", ItemType.FOLLOW_UP, Method.CONSENSUS),
        ),
    )
    return Stage(
        world=world, folio=assembly.folio, block=block, territory=territory, elsewhere=tree["territory"][1], promoter=promoter,
        browser=world.sign_in(promoter), theme=world.theme(), sensitive=world.theme(sensitive=True),
        owner=world.body(name="Alumbrado Público"),
        collective=world.body(name="Colectivo", level=GovernmentLevel.COMMUNITY, kind=BodyKind.COLLECTIVE, unit=territory),
    )
