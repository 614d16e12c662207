"""Requests per second of public pages beside a bare Flask page, in one run on this machine.

    python -m benchmarks.pages [--seconds 5] [--connections 8]

Both are served by the same gunicorn command (one process, four threads) on loopback and asked over kept
connections by as many clients as --connections. The instance is the one of CUADRA_DATA_DIR and
CUADRA_DATABASE_URL, or a small demo built for the run. "first" is the page made anew, each request
under another address; "again" the same address, kept in memory until the data or the minute changes.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
WARM_UP = 1.0
GZIP = "Accept-Encoding: gzip\r\n"


@dataclass(frozen=True)
class Measured:
    """Latencies in milliseconds of answers that were 200; ``failed`` counts the others."""

    seconds: float
    latencies: list[float]
    failed: int
    size: int

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(target: str, environ: dict[str, str], ready: str, *, workers: int = 1, threads: int = 4) -> Iterator[int]:
    """gunicorn serving ``target`` on a free port of loopback, stopped at the end."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(threads),
        "--worker-class", "gthread", "--no-control-socket", "--log-level", "error", target,
    ]
    with running(command, environ, port, ready):
        yield port


@contextmanager
def running(command: list[str], environ: dict[str, str], port: int, ready: str) -> Iterator[None]:
    """``command`` once it answers at ``ready`` on ``port`` of loopback, stopped at the end."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ})
    try:
        for _try in range(600):
            try:
                urlopen(f"http://127.0.0.1:{port}{ready}", timeout=10).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(f"this ended at once: {' '.join(command)}") from None
                time.sleep(0.1)
        else:
            raise SystemExit(f"this never answered: {' '.join(command)}")
        yield
    finally:
        process.terminate()
        process.wait(20)


def _ask(port: int, paths: Sequence[str], headers: str, seconds: float, vary: bool, number: int, out) -> None:
    """One client: the next request leaves when the answer before it is whole. ``{once}`` in ``headers`` is never said again, ``{who}``
    one of 4096 for each client, in hexadecimal."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    latencies, failed, size, asked = [], 0, 0, 0
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        asked += 1
        path = paths[(number + asked) % len(paths)]
        address = f"{path}{'&' if '?' in path else '?'}_={number}.{asked}" if vary else path
        more = headers.replace("{once}", f"{time.time_ns()}").replace("{who}", f"{number * 4096 + asked % 4096:x}")
        connection.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: keep-alive\r\n{more}\r\n".encode())
        # A server that sends head and body apart would otherwise wait 40 ms for us to say that the head came.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        status, size, closing = _read(connection)
        if status == 200:
            latencies.append((time.perf_counter() - began) * 1000)
        else:
            failed += 1
        if closing:
            connection.close()
            connection = socket.create_connection(("127.0.0.1", port))
    connection.close()
    out.put((latencies, failed, size))


def _read(connection: socket.socket) -> tuple[int, int, bool]:
    """Status, bytes of the body and whether the server closes, of one answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return 0, 0, True
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    status = int(lines[0].split(" ")[1])
    if "content-length" in headers:
        length, got = int(headers["content-length"]), len(body)
        while got < length:
            got += len(connection.recv(65536))
        return status, length, headers.get("connection") == "close"
    got, tail = len(body), body[-5:]
    while not tail.endswith(b"0\r\n\r\n"):
        part = connection.recv(65536)
        if not part:
            return status, got, True
        got, tail = got + len(part), (tail + part)[-5:]
    return status, got, headers.get("connection") == "close"


def measure(
    port: int, path: str | Sequence[str], *, seconds: float, connections: int, vary: bool = False, headers: str = GZIP,
) -> Measured:
    """Ask for ``path``, or for several in turn, over ``connections`` kept connections for ``seconds``. ``vary`` gives each
    request its own address; ``headers`` are lines; see :func:`_ask`."""
    paths = [path] if isinstance(path, str) else list(path)
    # Not spawned: each would first import what the benchmark imports, and they would not all ask at once.
    fork = get_context("fork")
    out = fork.Queue()
    clients = [fork.Process(target=_ask, args=(port, paths, headers, seconds, vary, number, out)) for number in range(connections)]
    for client in clients:
        client.start()
    answers = [out.get() for _client in clients]
    for client in clients:
        client.join()
    latencies = [one for each, _failed, _size in answers for one in each]
    return Measured(seconds, latencies, sum(failed for _l, failed, _s in answers), max(size for _l, _f, size in answers))


@contextmanager
def instance() -> Iterator[dict[str, str]]:
    """The environment of the instance to serve: the caller's, or a small demo made for this run."""
    if os.environ.get("CUADRA_DATA_DIR"):
        yield {"CUADRA_ENV": os.environ.get("CUADRA_ENV", "demo")}
        return
    with tempfile.TemporaryDirectory() as folder:
        environ = {"CUADRA_ENV": "demo", "CUADRA_DATA_DIR": folder}
        subprocess.run(
            [sys.executable, "-m", "app.cli", "demo", "--size", "small", "--seed", "7"], cwd=ROOT,
            env={**os.environ, **environ}, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        yield environ


def _pages(port: int) -> list[tuple[str, str]]:
    """(name, path) of a page of each sort in this instance, found through its own API."""
    def get(path: str):
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return json.load(answer)

    agreement = get("/api/v1/agreements")["items"][0]
    unit = get(f"/api/v1/units/{agreement['unit']['code']}")
    while unit["parent"] and unit["level"] != "territory":
        unit = get(f"/api/v1/units/{unit['parent']}")
    assembly = get("/api/v1/assemblies")["items"][0]
    return [
        ("home", "/"), ("unit", f"/t/{unit['code']}"), ("agreement", f"/a/{agreement['folio']}"),
        ("assembly", f"/assemblies/{assembly['folio']}"), ("search", "/search?q=parque"),
        ("JSON", f"/api/v1/agreements/{agreement['folio']}"),
        ("CSV", "/open-data/agreements.csv"),
    ]


def _line(name: str, found: Measured, bare: float) -> str:
    return (
        f"{name:<18}{found.rate:>9.0f}{found.percentile(0.5):>9.1f}{found.percentile(0.99):>9.1f}{found.rate / bare:>9.2f}"
        f"{found.size:>11,}{found.failed:>8}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=4)
    asked = parser.parse_args()
    how = {"seconds": asked.seconds, "connections": asked.connections}
    print(f"{'page':<18}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'of bare':>9}{'bytes':>11}{'failed':>8}")
    with served("benchmarks.bare:app", {}, "/") as port:
        measure(port, "/", seconds=WARM_UP, connections=2)
        before = measure(port, "/", **how)
    print(_line("bare Flask", before, before.rate))
    with instance() as environ, served("app.factory:create_app()", environ, "/healthz") as port:
        for name, path in _pages(port):
            measure(port, path, seconds=WARM_UP, connections=2)
            print(_line(f"{name}, again", measure(port, path, **how), before.rate), flush=True)
            if name not in ("CSV", "search", "JSON"):
                print(_line(f"{name}, first", measure(port, path, **how, vary=True), before.rate), flush=True)
    with served("benchmarks.bare:app", {}, "/") as port:
        after = measure(port, "/", **how)
    print(_line("bare Flask, after", after, before.rate))
    drift = abs(after.rate - before.rate) / statistics.fmean((after.rate, before.rate))
    if drift > 0.2:
        print(f"The machine was busy: the bare page moved by {drift:.0%} during the run.", file=sys.stderr)


if __name__ == "__main__":
    main()
