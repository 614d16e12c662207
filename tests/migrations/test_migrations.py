"""The schema goes up and down, with data in it, and is what the models say, on both databases."""

from __future__ import annotations

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from app.core import db, migrations
from models import Phase, PhaseUnit
from tests.factories import TODAY


def test_models_and_migrations_agree(database_url):
    engine = db.make_engine(database_url)
    config = migrations.alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)
    engine.dispose()


def test_there_is_one_line_of_migrations():
    assert len(ScriptDirectory.from_config(migrations.alembic_config()).get_heads()) == 1


def test_down_and_up_again_with_data(world, database_url):
    made = world.tree(blocks=2)
    with world.writing() as session:
        # Rows that point at a table which migrations make anew.
        phase = Phase(code="piloto", name_es="Piloto", name_fr="Pilote", name_en="Pilot", starts_on=TODAY)
        session.add(phase)
        session.flush()
        session.add(PhaseUnit(phase_id=phase.id, unit_id=made["territory"][0].id))
    engine = db.make_engine(database_url)
    before = {name for name in inspect(engine).get_table_names() if not name.startswith(("idx_", "spatial"))}
    migrations.downgrade(engine, "0001")
    with engine.begin() as connection:
        # Without the triggers of 0002 the record can be touched: the guard really was theirs.
        connection.execute(text("UPDATE event SET object = object"))
    migrations.upgrade(engine)
    assert migrations.is_current(engine)
    assert {name for name in inspect(engine).get_table_names() if not name.startswith(("idx_", "spatial"))} == before
    migrations.downgrade(engine, "base")
    assert "assembly" not in inspect(engine).get_table_names()
    migrations.upgrade(engine)
    assert migrations.is_current(engine)
    engine.dispose()
