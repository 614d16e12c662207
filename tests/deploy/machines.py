"""Machines of a town hall on loopback, each started by the files of deploy/ as an operator would."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path

from app.config import Config

ROOT = Path(__file__).resolve().parents[2]
NGINX = "/usr/sbin/nginx"
WRAPPER = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site;
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(seconds: float, holds: Callable[[], object]) -> float:
    """Wait until ``holds()``; returns the seconds it took. Other processes start and stop in their own time."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {holds}"
        time.sleep(0.05)
    return time.monotonic() - began


def environ(config: Config, **more: str) -> dict[str, str]:
    own = {
        "CUADRA_ENV": "demo", "CUADRA_DATABASE_URL": config.database_url, "CUADRA_DATA_DIR": str(config.data_dir),
        "CUADRA_SECRET_KEY": config.secret_key, "CUADRA_SLIP_PEPPER": config.slip_pepper, "CUADRA_DATA_KEY": config.data_key,
        "CUADRA_BASE_URL": config.base_url, "CUADRA_TRUSTED_PROXIES": "127.0.0.1",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith(("CUADRA_", "PG"))} | own | more


@dataclass
class Machines:
    """Starts processes in ``folder`` and stops them all at the end."""

    folder: Path
    config: Config
    running: list[subprocess.Popen] = field(default_factory=list)

    def start(self, name: str, *command: str | Path, **more: str) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(part) for part in command], cwd=ROOT, env=environ(self.config, **more), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log,
            )
        self.running.append(process)
        return process

    def gunicorn(self, port: int, *, processes: int = 2, **more: str) -> subprocess.Popen:
        return self.start(
            f"gunicorn-{port}", sys.executable, "-m", "gunicorn", "-c", ROOT / "deploy" / "gunicorn.conf.py",
            PORT=str(port), WEB_CONCURRENCY=str(processes), **more,
        )

    def worker(self) -> subprocess.Popen:
        return self.start("worker", sys.executable, "-m", "app.cli", "worker")

    def nginx(self, port: int, upstreams: list[int], *options: str) -> subprocess.Popen:
        """The site of deploy/nginx, run by somebody who is nobody."""
        home = self.folder / "nginx"
        home.mkdir()
        shutil.copy(ROOT / "deploy" / "nginx" / "unavailable.html", home)
        rendered = subprocess.run(
            [
                sys.executable, ROOT / "deploy" / "render.py", "nginx", "--name", "127.0.0.1", "--listen", f"127.0.0.1:{port}",
                "--logs", home, "--cache", home / "cache", "--pages", home, *options,
                *(part for upstream in upstreams for part in ("--upstream", f"127.0.0.1:{upstream}")),
            ],
            capture_output=True, text=True, check=True,
        )
        (home / "site").write_text(rendered.stdout)
        (home / "nginx.conf").write_text(WRAPPER.format(folder=home))
        as_nobody: list[str] = []
        if os.geteuid() == 0:
            as_nobody = ["runuser", "-u", "nobody", "--"]
            for path in [home, *home.iterdir()]:
                shutil.chown(path, "nobody")
        return self.start("nginx", *as_nobody, NGINX, "-c", home / "nginx.conf", "-e", home / "error.log", "-g", "daemon off;")

    def complaints(self) -> str:
        """The end of every log, for whoever reads a failure."""
        logs = [*self.folder.glob("*.log"), *self.folder.glob("nginx/*.log")]
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-1500:]}" for path in logs)

    def log(self, name: str) -> str:
        return (self.folder / name).read_text(errors="replace")

    def stop(self) -> None:
        for process in reversed(self.running):
            if process.poll() is None:
                # At once for gunicorn, which would let idle connections end; runuser passes on only the other.
                process.send_signal(signal.SIGTERM if "runuser" in process.args[0] else signal.SIGINT)
        for process in reversed(self.running):
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def open_folder() -> Path:
    """A folder others may walk into: pytest's own is closed to nginx, which runs as nobody."""
    folder = Path(tempfile.mkdtemp(prefix="cuadra-deploy-"))
    folder.chmod(0o755)
    return folder


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Browser:
    """Keeps cookies, follows nothing, undoes no compression."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, sent)
            got = connection.getresponse()
            answer = Answer(got.status, got.headers, got.read())
        finally:
            connection.close()
        for line in got.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer

    def answers(self, path: str = "/healthz") -> bool:
        try:
            return self.get(path).status == 200
        except OSError:
            return False

    def post(self, path: str, fields: dict[str, str], photo: bytes | None = None, **headers: str) -> Answer:
        """A form as a browser sends it, with a file named ``photo`` where there is one."""
        line = uuid.uuid4().hex
        parts = [f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
        if photo is not None:
            named = f'--{line}\r\nContent-Disposition: form-data; name="photo"; filename="foto.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
            parts.append(named.encode() + photo + b"\r\n")
        sent = {"Content-Type": f"multipart/form-data; boundary={line}", "Origin": f"http://127.0.0.1:{self.port}", **headers}
        return self.ask("POST", path, b"".join(parts) + f"--{line}--\r\n".encode(), sent)

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of a page."""
        return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.get(path).text))

    def sign_in(self, email: str, password: str) -> Answer:
        return self.post("/signin", self.form("/signin") | {"email": email, "password": password})
