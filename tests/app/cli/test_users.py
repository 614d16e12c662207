"""Accounts made by whoever administers, from the command line."""

from __future__ import annotations

from agendas.agreements import voices
from app.core.actors import load_actor
from models import Agreement, User
from tests.app.cli.test_operations import cuadra
from tests.factories import TODAY
from tests.factories.agreements import Neighbourhood


def test_an_invited_liaison_has_a_voice(world, config):
    place = Neighbourhood(world)
    agreement = place.agreement("reported_done")
    done = cuadra(
        "user", "invite", "vecina@example.org", "--role", "liaison", "--unit", place.block.code, CUADRA_ENV="test",
        CUADRA_DATABASE_URL=config.database_url, CUADRA_DATA_DIR=str(config.data_dir),
    )
    assert done.returncode == 0 and "/account/activate/" in done.stdout
    with world.writing() as session:
        actor = load_actor(session, session.query(User).filter_by(email="vecina@example.org").one(), TODAY)
        voter = voices.liaison_voter(session, actor, session.get_one(Agreement, agreement.id))
    assert voter.capacity.role == "liaison"
