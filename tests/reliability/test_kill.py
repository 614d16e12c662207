"""kill -9 in mid-write: what was acknowledged is there once, what was not is there whole or not at all."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path

from sqlalchemy import func, select, text

from models import Ancestry, Event, IdempotencyKey, TerritorialUnit, ledger
from models.territory import LevelRole

ROOT = Path(__file__).resolve().parents[2]
KILLS = 2
WRITERS = 2
KEYS = 30


def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(world, config):
    with world.writing():
        world.unit(LevelRole.ROOT)
    environ = os.environ | {
        "CUADRA_ENV": "test", "CUADRA_DATABASE_URL": config.database_url, "CUADRA_DATA_DIR": str(config.data_dir),
        "CUADRA_SECRET_KEY": config.secret_key, "CUADRA_SLIP_PEPPER": config.slip_pepper, "CUADRA_DATA_KEY": config.data_key,
    }
    chance = random.Random(7)
    keys = [[str(uuid.UUID(int=chance.getrandbits(128))) for _k in range(KEYS)] for _w in range(WRITERS)]
    acknowledged: set[str] = set()

    def write(number: int) -> None:
        # Each life of a writer starts at the first key nobody acknowledged: that one may have been
        # committed just before the kill, and is sent again.
        for life in range(KILLS + 1):
            waiting = [key for key in keys[number] if key not in acknowledged]
            if not waiting:
                return
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.reliability.writer", str(number), ",".join(waiting)],
                cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True,
            )
            enough = chance.randint(3, 12) if life < KILLS else KEYS + 1
            for count, line in enumerate(process.stdout, 1):
                acknowledged.add(line.strip())
                if count == enough:
                    process.send_signal(signal.SIGKILL)
            process.wait()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert acknowledged == {key for some in keys for key in some}
    with world.writing() as session:
        codes = session.scalars(select(TerritorialUnit.code).where(TerritorialUnit.code.like("K%"))).all()
        assert sorted(codes) == sorted(f"K{key[:8]}" for some in keys for key in some), "each once"
        assert session.scalar(select(func.count()).select_from(IdempotencyKey).where(IdempotencyKey.status == 201)) == len(codes)
        assert session.scalar(select(func.count()).select_from(Ancestry)) == 1 + 2 * len(codes)
        previous = ledger.GENESIS
        for event in session.scalars(select(Event).order_by(Event.seq)):
            assert event.prev == previous and ledger.entry_hash(event.public()) == event.hash
            previous = event.hash
        if session.get_bind().dialect.name == "sqlite":
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert session.scalar(text("SELECT CheckSpatialIndex('territorial_unit', 'geom')")) == 1
