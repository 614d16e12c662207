"""kill -9 of the worker while an import writes: taken up again after its lease, and written once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from shapely import MultiPolygon
from sqlalchemy import func, select, update

from app.core import clock, jobs
from models import Event, ImportRun, TerritorialUnit
from models.intake import RunState
from models.ledger import EventKind
from models.operations import OutboxJob
from models.territory import LevelRole
from tests.app.admin.imports.conftest import Bringing
from tests.pages import text_of
from tests.territories.imports.files import geojson, square

ROOT = Path(__file__).resolve().parents[2]


def test_an_import_survives_its_worker(world, config, tmp_path):
    with world.writing():
        world.unit(LevelRole.ROOT, code="09007", shape=MultiPolygon([square(-99.1, 19.3, 0.1)]))
    bringing = Bringing(world)
    rows = [
        ({"CVEUT": f"{n:05}", "NOMUT": f"Cuadra {n}"}, square(-99.1 + n % 90 / 1000, 19.3 + n // 90 / 1000, 0.0009)) for n in range(900)
    ]
    run = bringing.bring("units", geojson(tmp_path / "cuadras.geojson", rows)).location
    bringing.work()
    bringing.post(f"{run}/columns", level="block", key="CVEUT", name="NOMUT")
    bringing.work()
    bringing.post(f"{run}/preview")

    environ = os.environ | {
        "CUADRA_ENV": "test", "CUADRA_DATABASE_URL": config.database_url, "CUADRA_DATA_DIR": str(config.data_dir),
        "CUADRA_SECRET_KEY": config.secret_key, "CUADRA_SLIP_PEPPER": config.slip_pepper, "CUADRA_DATA_KEY": config.data_key,
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.import_worker"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout.readline().strip() == "writing", "rows are in its open transaction"
    # From another process, while that transaction is open.
    seen = text_of(bringing.browser.get(run))
    assert "Escribiendo" in seen and "900" in seen, seen
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    told = next((config.data_dir / "progress").iterdir())
    os.utime(told, (0, 0))
    assert "Lleva un rato sin avanzar" in bringing.says(run)

    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(TerritorialUnit)) == 1, "nothing of it was left behind"
        assert session.scalars(select(ImportRun.state)).one() is RunState.RUNNING
        # The lease of the dead runs out.
        waiting = update(OutboxJob).where(OutboxJob.done_at.is_(None), OutboxJob.leased_until.is_not(None))
        assert session.execute(waiting.values(leased_until=clock.now() - timedelta(seconds=1))).rowcount == 1
    with world.app.app_context():
        assert jobs.run_one() and not jobs.run_one()
    assert "Nuevos: 900" in bringing.says(run)
    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(TerritorialUnit)) == 901
        assert session.scalar(select(func.count()).select_from(Event).where(Event.kind == EventKind.IMPORT_APPLIED)) == 1
