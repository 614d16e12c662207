"""PostgreSQL with our settings, gunicorn with our configuration, the worker and nginx with our site: all for real, on loopback.

One story in order: a test that follows meets the machines as the one before left them.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.core import clock, jobs
from app.core.transaction import transaction
from models import OutboxJob
from tests.app.core.test_uploads import photo
from tests.conftest import NOW
from tests.deploy.conftest import TownHall
from tests.deploy.machines import ROOT, environ, free_port, until

pytestmark = [pytest.mark.deploy, pytest.mark.postgis]


@pytest.fixture(scope="module")
def standing(town_hall: TownHall) -> TownHall:
    """One machine that does everything, as docs/deploying.md begins with."""
    behind = free_port()
    town_hall.gunicorn = town_hall.machines.gunicorn(behind)
    town_hall.machines.worker()
    town_hall.machines.nginx(town_hall.port, [behind])
    town_hall.ready()
    return town_hall


def test_a_page_through_nginx_is_small_named_and_leaves_no_cookie(standing):
    page = standing.browser().get("/", Accept_Encoding="gzip, deflate, br, zstd")
    assert page.status == 200
    assert page.headers["Content-Encoding"] == "br" and len(page.body) < 20_000
    assert page.headers["Server"] == "nginx", "no version"
    assert page.headers["Set-Cookie"] is None
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["X-Request-Id"]
    assert standing.browser().get("/.git/HEAD").status == 404


def test_static_files_are_fetched_once_and_kept_a_year_under_their_own_address(standing):
    browser = standing.browser()
    address = re.search(r'href="(/static/vendor/cuadra\.css\?v=[0-9a-f]{8})"', browser.get("/").text).group(1)
    first, again = (browser.get(address, Accept_Encoding="gzip") for _time in range(2))
    assert first.status == again.status == 200
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(again.body) == (ROOT / "static" / "vendor" / "cuadra.css").read_bytes()
    assert browser.get(address, Accept_Encoding="br").headers["Content-Encoding"] == "br", "a copy for each encoding"
    assert browser.get(address, Accept_Encoding="gzip", If_None_Match=again.headers["ETag"]).status == 304
    stale = browser.get(address[:-8] + "00000000")
    assert "immutable" not in stale.headers["Cache-Control"], "another address must not pin today's content"
    lines = [line for line in standing.machines.log("nginx/cuadra.access.log").splitlines() if "cuadra.css" in line]
    assert "cache=MISS" in lines[0] and "cache=HIT" in lines[1]


def test_a_tile_is_made_once_and_then_costs_nginx_alone(standing):
    browser = standing.browser()
    described = json.loads(browser.get("/tiles/municipality.json").text)
    address = "/tiles/" + described["tiles"][0].split("/tiles/")[1].replace("{z}/{x}/{y}", "0/0/0")
    first, again = (browser.get(address, Accept_Encoding="gzip") for _time in range(2))
    assert first.status == again.status and first.body == again.body
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert browser.get("/tiles/waiting-blocks/0/0/0.mvt").status == 404
    lines = [line for line in standing.machines.log("nginx/cuadra.access.log").splitlines() if "/tiles/municipality/0/0/0" in line]
    assert "cache=MISS" in lines[0] and "cache=HIT" in lines[1]


def test_logs_name_nobody_and_give_no_link_away(standing):
    standing.browser().get("/fr/account/activate/a-link-that-opens-an-account")
    standing.browser().get("/search?q=Juana+de+la+calle+Nogal")
    said = until(5, lambda: "/fr/account/activate/..." in standing.machines.log("nginx/cuadra.access.log"))
    log = standing.machines.log("nginx/cuadra.access.log")
    assert said < 5 and "127.0.0.0" in log and "127.0.0.1" not in log
    assert "a-link-that-opens" not in log and "Juana" not in log


def test_what_a_visitor_claims_to_be_does_not_reach_the_application(standing):
    with clock.stopped_at(NOW):
        address = f"/a/{standing.place.agreement('reported_done').folio}/doubt"
    from_elsewhere = standing.browser().post(
        address, {}, Origin="http://evil.example", **{"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "10.9.8.7"}
    )
    assert from_elsewhere.status == 403
    assert standing.browser().post(address, {}).status == 303, "from our own pages it counts"


def test_an_official_signs_in_and_sends_a_photo(standing):
    with clock.stopped_at(NOW):
        agreement = standing.place.agreement("accepted")
    official = standing.official()
    assert all(name == "cuadra" for name in official.cookies)
    address = f"/inbox/{agreement.folio}/report-done"
    page = official.get(address, Accept_Encoding="br, gzip")
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Content-Encoding"] is None
    sent = official.post(address, official.form(address) | {"reason": "Ya alumbra"}, photo())
    assert sent.status == 303, sent.text[:400]
    shown = standing.browser().get(f"/a/{agreement.folio}").text
    picture = standing.browser().get(re.search(r"/evidence/[0-9a-f]{64}", shown).group())
    assert picture.status == 200 and picture.headers["Content-Type"] == "image/jpeg"
    assert official.post(address, {"reason": "x"}, b"0" * (20 * 1024 * 1024 + 200_000)).status == 413


def test_the_application_cannot_drop_what_guards_the_record(standing):
    with pytest.raises(ProgrammingError, match="must be owner"), standing.world.writing() as session:
        session.execute(text("DROP TRIGGER guard_event_update ON event"))
    with pytest.raises(ProgrammingError, match="permission denied"), standing.world.writing() as session:
        session.execute(text("CREATE TABLE elsewhere (id integer)"))


def test_a_restore_is_tried_out_while_it_serves_by_a_role_that_owns_nothing(standing):
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "restore-drill", "--json"], cwd=ROOT, env=environ(standing.machines.config), capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and json.loads(done.stdout)["ok"], done.stdout + done.stderr
    assert standing.cluster.ask("SELECT count(*) FROM pg_database WHERE datname LIKE 'cuadra_drill%'") == "0"


def enqueue(town_hall: TownHall) -> int:
    with town_hall.app.app_context(), transaction() as session:
        return jobs.enqueue(session, "slips.forget", {"batch": 0})


def done(town_hall: TownHall, number: int) -> bool:
    with town_hall.world.writing() as session:
        return session.get_one(OutboxJob, number).done_at is not None


def test_work_written_with_a_change_is_done_by_the_worker(standing):
    number = enqueue(standing)
    until(10, lambda: done(standing, number))


def test_a_killed_process_is_replaced_and_readers_do_not_notice(standing):
    master = psutil.Process(standing.gunicorn.pid)
    before = {child.pid for child in master.children()}
    assert len(before) == 2
    psutil.Process(before.pop()).send_signal(signal.SIGKILL)
    asked = [standing.browser().get("/healthz").status for _n in range(10)]
    until(15, lambda: len(master.children()) == 2)
    assert set(asked) == {200}


def test_without_its_database_it_says_so_and_is_back_within_five_seconds(standing):
    page = f"/t/{standing.place.territory.code}"
    assert standing.browser().get(page).status == 200
    standing.cluster.shut()
    for _time in range(4):
        away = standing.browser().get(page)
        assert away.status == 503 and away.headers["Retry-After"] == "60"
        assert "Estamos de vuelta en un momento" in away.text and "Traceback" not in away.text
    assert standing.browser().get("/healthz").status == 200 and standing.browser().get("/readyz").status == 503
    standing.cluster.open()
    back = until(5, lambda: all(standing.browser().get(page).status == 200 for _time in range(4)))
    number = enqueue(standing)
    until(30, lambda: done(standing, number))
    assert back <= 5


def test_without_any_application_nginx_says_so_itself(standing):
    browser = standing.browser()
    address = re.search(r'href="(/static/vendor/cuadra\.css\?v=[0-9a-f]{8})"', browser.get("/").text).group(1)
    assert browser.get(address).status == 200
    standing.gunicorn.send_signal(signal.SIGQUIT)
    standing.gunicorn.wait(timeout=40)
    away = browser.get("/")
    assert away.status == 503 and away.headers["Retry-After"] == "30" and away.headers["Cache-Control"] == "no-store"
    assert "Estamos de vuelta" in away.text and "We will be back" in away.text
    assert browser.get(address).status == 200, "what was kept is still served"


def test_units_are_sound_and_closed(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd here")
    (tmp_path / "bin").mkdir()
    checkout = tmp_path / "cuadra"
    (checkout / ".venv" / "bin").mkdir(parents=True)
    for program in ("gunicorn", "cuadra"):
        (checkout / ".venv" / "bin" / program).symlink_to(Path(sys.executable).resolve())
    made = tmp_path / "units"
    made.mkdir()
    subprocess.run(
        [sys.executable, ROOT / "deploy" / "render.py", "units", "--checkout", checkout, "--user", "root", "--into", made], check=True
    )
    names = sorted(path.name for path in made.iterdir())
    assert {"cuadra-web.service", "cuadra-worker.service", "cuadra-backup.timer", "cuadra-release.timer"} <= set(names)
    checked = subprocess.run(["systemd-analyze", "verify", *sorted(made.iterdir())], capture_output=True, text=True)
    assert checked.returncode == 0 and "cuadra" not in checked.stderr, checked.stderr
    for service in made.glob("*.service"):
        judged = subprocess.run(["systemd-analyze", "security", "--offline=true", service], capture_output=True, text=True)
        found = re.search(r"exposure level for \S+ (\d+\.\d)", judged.stdout)
        assert found and float(found.group(1)) <= 2.5, f"{service.name}: {judged.stdout[-200:]}"


def test_no_secret_and_no_gap_in_what_is_shipped():
    example = (ROOT / "deploy" / "cuadra.env.example").read_text()
    for name in ("CUADRA_SECRET_KEY", "CUADRA_SLIP_PEPPER", "CUADRA_DATA_KEY"):
        assert re.search(rf"^{name}=$", example, re.M), f"{name} is for the owner to make"
    guide = (ROOT / "docs" / "deploying.md").read_text()
    shipped = (
        "render.py nginx", "render.py units", "cuadra.env.example", "postgresql/cuadra.conf", "postgresql/roles.sql", "cuadra init",
        "cuadra restore-drill",
    )
    for name in shipped:
        assert name in guide, f"docs/deploying.md does not say how to use {name}"
