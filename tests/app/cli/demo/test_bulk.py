"""What is written in bulk is what the services would have written, row for row."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.cli.demo.scale import Scale
from app.core.transaction import transaction
from models import Base, EventText
from models.search import SearchEntry
from tests.app.cli.demo.scenes import TINY, Demo, lived_in

LIVED = Scale(TINY, pictures=2, officials=2.5)
# Drawn at random each time, or made of what is; the chain itself is proved by the other tests of a tiny demo.
RANDOM = {
    "code_hash", "voice_key", "password", "fs_uniquifier", "name_encrypted", "codes_encrypted", "salt", "hash", "prev", "head",
}
# Links of invitations nobody was sent, and jobs that forget codes nobody kept.
LEFT_OUT = {"account_token", "outbox_job", "ledger_head", "setting"}


@pytest.fixture(scope="module")
def both(engine_name, empty):
    with empty(engine_name, "lived_demo") as one, empty(engine_name, "written_demo") as other:
        yield Demo(one, lived_in(one, size=LIVED)), Demo(other, lived_in(other, size=replace(LIVED, bulk=True)))


# Their numbers say in what order they were written, and nothing else: these are what they are told apart by.
ORDERED = {EventText: ["event_seq", "field"], SearchEntry: ["kind", "object_id"]}


def rows(demo: Demo, model: type[Base]) -> list[tuple]:
    keys = ORDERED.get(model) or [column.key for column in model.__table__.primary_key]
    columns = [column for column in model.__table__.columns if column.key not in RANDOM | {"geom"} | ({"id"} - set(keys))]
    with demo.app.app_context(), transaction() as session:
        found = session.execute(select(*columns).order_by(*(getattr(model, key) for key in keys))).all()
    at = [column.key for column in columns]
    return [tuple(_told(key, value) for key, value in zip(at, row, strict=True)) for row in found]


def _told(key: str, value: object) -> object:
    return {name: inner for name, inner in value.items() if name != "texts"} if key == "data" else value


MODELS = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__tablename__)


@pytest.mark.parametrize("model", [model for model in MODELS if model.__tablename__ not in LEFT_OUT], ids=lambda model: model.__tablename__)
def test_both_ways_of_telling_leave_the_same_rows(both, model):
    lived, written = (rows(demo, model) for demo in both)
    for one, other in zip(lived, written, strict=False):
        assert one == other
    assert len(lived) == len(written)
