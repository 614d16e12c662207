"""The real server and the real browser: gunicorn on loopback, Debian's Chromium, axe and html-validate."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from app.config import Config
from app.core.transaction import Database
from app.factory import create_app
from tests.conftest import CI
from tests.factories import World

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
PHONE, LAPTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        if CI:
            pytest.fail("Chromium is required here: install chromium")
        pytest.skip("no Chromium")
    if not (ROOT / "static" / "vendor" / "cuadra.css").exists():
        pytest.fail("build the styles first: npm ci && npm run build")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Site:
    """A running server over a database of its own, and the makers of what is in it."""

    def __init__(self, address: str, world: World, config: Config, process: subprocess.Popen):
        self.address, self.world, self.config, self.process = address, world, config, process


def environ_of(config: Config) -> dict[str, str]:
    """The environment in which ``cuadra`` means this instance and no other."""
    return {key: value for key, value in os.environ.items() if not key.startswith("CUADRA_")} | {
        "CUADRA_ENV": "test", "CUADRA_DATABASE_URL": config.database_url, "CUADRA_DATA_DIR": str(config.data_dir),
        "CUADRA_SECRET_KEY": config.secret_key, "CUADRA_SLIP_PEPPER": config.slip_pepper, "CUADRA_DATA_KEY": config.data_key,
        "CUADRA_BASE_URL": config.base_url, "PORT": str(config.port),
    }


@contextmanager
def serving(config: Config, *, workers: int = 2) -> Iterator[subprocess.Popen]:
    """``cuadra serve`` for real, until the block ends."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    with open(config.data_dir / "server.log", "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--workers", str(workers)], cwd=ROOT, env=environ_of(config), stderr=log, stdout=log
        )
    try:
        for _try in range(300):
            try:
                urllib.request.urlopen(f"{config.base_url}/readyz", timeout=2).read()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError((config.data_dir / "server.log").read_text()) from None
                time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    port = free_port()
    config = Config(
        environment="test", database_url=database_url, read_database_url=None, secret_key="k" * 40, slip_pepper="p" * 40,
        data_key="d" * 40, data_dir=tmp_path / "data", base_url=f"http://127.0.0.1:{port}", port=port,
    )
    database = Database.open(config.database_url, None)
    world = World(create_app(config, database=database))
    with serving(config) as process:
        yield Site(config.base_url, world, config, process)
    database.dispose()


class Reader:
    """Somebody at a browser. Every page it rests on may be swept: axe, no console error, no sideways scroll."""

    def __init__(self, context: BrowserContext, address: str, kept: Path):
        self.context, self.address, self.kept = context, address, kept
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.document: Response | None = None
        self.page.on("response", self._keep_document)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _keep_document(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.frame == self.page.main_frame:
            self.document = response

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path if path.startswith("/") else path)
        return self.page

    def sweep(self, name: str) -> None:
        """Judge the page as it stands and keep its HTML and a picture under ``name``."""
        page = self.page
        self.kept.mkdir(parents=True, exist_ok=True)
        # The source as sent: the browser's own tree has already mended what was wrong in it.
        (self.kept / f"{name}.html").write_text(self.document.text())
        page.screenshot(path=self.kept / f"{name}.png", full_page=True)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{name} scrolls sideways by {width} px"
        found = Axe().run(page).response["violations"] if self.scripts else self._judged_with_scripts()
        told = [f"{one['id']}: {one['help']} — {[node['html'][:120] for node in one['nodes']][:3]}" for one in found]
        assert not told, f"{name}: " + "\n".join(told)
        assert not self.errors, f"{name}: {self.errors}"

    def _judged_with_scripts(self) -> list[dict]:
        """axe is a script itself: where scripts are off, the same address is judged in a twin browser where they are on."""
        twin = self.context.browser.new_context(
            viewport=self.page.viewport_size, locale="es-MX", storage_state=self.context.storage_state()
        )
        try:
            page = twin.new_page()
            page.goto(self.page.url)
            return Axe().run(page).response["violations"]
        finally:
            twin.close()

    @property
    def scripts(self) -> bool:
        return self.context._impl_obj._options.get("javaScriptEnabled", True)


@pytest.fixture
def reader(chromium: Browser, site: Site, tmp_path: Path) -> Iterator:
    """``reader(width, scripts=True)``: another person at another browser."""
    contexts: list[BrowserContext] = []

    def open_one(width: dict[str, int] = PHONE, *, scripts: bool = True, locale: str = "es-MX") -> Reader:
        context = chromium.new_context(
            viewport=width, java_script_enabled=scripts, locale=locale, has_touch=width is PHONE,
            base_url=site.address, timezone_id="America/Mexico_City",
        )
        context.set_default_timeout(30000)
        contexts.append(context)
        return Reader(context, site.address, pictures(tmp_path))

    yield open_one
    for context in contexts:
        context.close()


def pictures(tmp_path: Path) -> Path:
    """Where pages are kept: CUADRA_TEST_PICTURES keeps them after the run, for people to look at."""
    wanted = os.environ.get("CUADRA_TEST_PICTURES")
    return Path(wanted) if wanted else tmp_path / "pages"


def validate_html(folder: Path) -> None:
    """html-validate over every page kept in ``folder``."""
    if not (ROOT / "node_modules" / "html-validate").exists():
        if CI:
            pytest.fail("html-validate is required here: npm ci")
        pytest.skip("no html-validate: npm ci")
    here = ROOT / "tests" / "browser"
    node = shutil.which("node") or str(Path(sys.executable).parent / "node")
    done = subprocess.run(
        [node, str(here / "validate.mjs"), str(here / "html-validate.json"), *map(str, sorted(folder.glob("*.html")))],
        capture_output=True, text=True, timeout=180, cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
