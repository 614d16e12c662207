"""Tiles and features of blocks a second: ours, what PostGIS alone could make, and two servers from PyPI, in one run.

    python -m benchmarks.tiles [--peers FOLDER] [--seconds 5] [--zooms 12,14,16] [--tiles 24] [--plan]

For the instance of CUADRA_DATA_DIR and CUADRA_DATABASE_URL, on PostGIS, with blocks. The same tiles, drawn by lot, are asked
of all by two connections in turn. The limits are pgbench asking for ST_AsMVT itself of a table of blocks: transforming at
each request, and from a copy in Web Mercator with its own index and three properties. tipg and pygeoapi serve that copy as
tiles, and the blocks in degrees as features; each lives in a folder of --peers, made the first time (without it they are
left out). "Made" tiles are asked for without their version, so that none is kept; "unchanged" ones with it, through nginx's
cache, beside the same bytes as a file behind the same nginx. The tables go into a schema "bench", dropped at the end.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import urlopen

from sqlalchemy import Connection, Engine, make_url, text

from app.core import db
from app.core.spatial.mercator import HALF, box_of
from benchmarks import peers, tile_plan
from benchmarks.pages import WARM_UP, Measured, free_port, measure, running, served

CONNECTIONS = 2
ITEMS = (10, 100, 1000)
# Each request from another address: what one address may ask in a minute is not what is measured.
VISITORS = "X-Forwarded-For: 2001:db8:{who}::1\r\n"
# Each request accepts something else, so that no answer is one already kept.
NEVER_KEPT = "Accept: application/geo+json, x-bench/{once}\r\n" + VISITORS
PGBENCH = Path("/usr/lib/postgresql/15/bin/pgbench")
TRANSFORMING = """SELECT ST_AsMVT(t, 'blocks', 4096, 'geom', 'id') FROM (SELECT id, code, name, ST_AsMVTGeom(ST_Transform(geom, 3857),
 ST_TileEnvelope({z}, {x}, {y}), 4096, 64) AS geom FROM bench.blocks
 WHERE geom && ST_Transform(ST_TileEnvelope({z}, {x}, {y}, margin => 0.015625), 4326)) t;"""
KEPT = """SELECT ST_AsMVT(t, 'blocks', 4096, 'geom', 'id') FROM (SELECT id, code, name, ST_AsMVTGeom(geom,
 ST_TileEnvelope({z}, {x}, {y}), 4096, 64) AS geom FROM bench.mercator
 WHERE geom && ST_TileEnvelope({z}, {x}, {y}, margin => 0.015625)) t;"""
NGINX = """worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 100000000; sendfile on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s; proxy_cache_path {folder}/cache levels=1:2 keys_zone=tiles:10m;
  upstream app {{ server 127.0.0.1:{app}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port};
    location /tiles/ {{
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_cache tiles; proxy_ignore_headers Vary; proxy_pass http://app;
    }}
    location / {{ root {folder}/files; default_type application/vnd.mapbox-vector-tile; }}
  }}
}}
"""


@contextmanager
def tables(engine: Engine) -> Iterator[None]:
    """The present blocks as anybody would publish them: in degrees, and in metres of the map."""
    steps = (
        "DROP SCHEMA IF EXISTS bench CASCADE", "CREATE SCHEMA bench",
        "CREATE TABLE bench.blocks AS SELECT u.id, u.code, u.name, u.geom FROM public.territorial_unit u JOIN public.level l"
        " ON l.id = u.level_id WHERE l.role = 'block' AND u.valid_to IS NULL AND u.geom IS NOT NULL",
        "CREATE TABLE bench.mercator AS SELECT id, code, name, ST_Transform(geom, 3857)::geometry(MultiPolygon, 3857) AS geom"
        " FROM bench.blocks",
        *(
            step.format(table) for table in ("blocks", "mercator")
            for step in ("ALTER TABLE bench.{0} ADD PRIMARY KEY (id)", "CREATE INDEX ON bench.{0} USING gist (geom)")
        ),
        "VACUUM (ANALYZE) bench.blocks, bench.mercator",
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for step in steps:
            connection.execute(text(step))
        try:
            yield
        finally:
            connection.execute(text("DROP SCHEMA bench CASCADE"))


def lot(connection: Connection, zoom: int, count: int) -> list[tuple[int, int, int]]:
    """``count`` tiles of ``zoom`` with blocks on them, the same each time; all of them where there are fewer."""
    side = 2 * HALF / 2**zoom
    found = connection.execute(
        text(
            "SELECT DISTINCT floor((ST_X(p) + :half) / :side)::int, floor((:half - ST_Y(p)) / :side)::int"
            " FROM (SELECT ST_Centroid(geom) AS p FROM bench.mercator) AS spots ORDER BY 1, 2"
        ), {"half": HALF, "side": side},
    ).all()
    drawn = random.Random(1).sample(found, min(count, len(found)))
    return [(zoom, x, y) for x, y in drawn]


def described(connection: Connection, tiles: Sequence[tuple[int, int, int]]) -> float:
    """How many blocks lie on one of ``tiles``, on average."""
    ask = text("SELECT count(*) FROM bench.mercator WHERE geom && ST_MakeEnvelope(:west, :south, :east, :north, 3857)")
    counts = [connection.scalar(ask, vars(box_of(*tile))) for tile in tiles]
    return sum(counts) / len(counts)


def limit(url: str, statement: str, tiles: Sequence[tuple[int, int, int]], seconds: float) -> float:
    """Tiles a second of pgbench with as many connections as everybody has."""
    at = make_url(url)
    where = {"-h": at.query.get("host") or at.host, "-p": at.port, "-U": at.username}
    with tempfile.TemporaryDirectory() as folder:
        scripts = []
        for z, x, y in tiles:
            script = Path(folder, f"{z}-{x}-{y}.sql")
            script.write_text(statement.format(z=z, x=x, y=y).replace("\n", ""))
            scripts += ["-f", str(script)]
        done = subprocess.run(
            [
                str(PGBENCH), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-T", str(max(1, round(seconds))),
                *(str(part) for name, value in where.items() if value for part in (name, value)), *scripts, at.database,
            ],
            capture_output=True, text=True, check=True, env={**os.environ, "PGPASSWORD": at.password or ""},
        )
    return rate_of(done.stdout)


def rate_of(said: str) -> float:
    """Transactions a second in what pgbench printed, connecting left out. Raises ValueError when it does not say."""
    found = re.search(r"^tps = ([\d.]+) \(without initial connection time\)", said, re.MULTILINE)
    if found is None:
        raise ValueError(f"pgbench said: {said}")
    return float(found[1])


@contextmanager
def ours() -> Iterator[int]:
    environ = {"CUADRA_ENV": os.environ.get("CUADRA_ENV", "demo"), "CUADRA_TRUSTED_PROXIES": "127.0.0.1"}
    with served("app.factory:create_app()", environ, "/healthz", workers=2, threads=2) as port:
        yield port


@contextmanager
def nginx(app: int, files: dict[str, bytes]) -> Iterator[int]:
    """nginx before the application and before ``files``, by path."""
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chmod(folder, 0o755)  # noqa: S103 - nginx's workers are not root, and there is nothing in it but tiles
        for path, body in files.items():
            (folder / "files" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "files" / path).write_bytes(body)
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, port=port, app=app))
        with running(["nginx", "-p", name, "-c", str(config)], {}, port, "/" + next(iter(files))):
            yield port


def versioned(port: int) -> str:
    """The address of our tiles under their version, as TileJSON says it."""
    with urlopen(f"http://127.0.0.1:{port}/tiles/blocks.json", timeout=60) as answer:
        found = re.search(rb'"(?:https?://[^/"]+)?(/tiles/blocks/\{z\}[^"]+)"', answer.read())
    return found[1].decode().replace("\\u0026", "&")


class Table:
    """Lines as they are known: name, then a rate for each column and its part of a reference."""

    def __init__(self, columns: Sequence[str]):
        print(f"\n{columns[0]:<34}" + "".join(f"{column:>20}" for column in columns[1:]), flush=True)

    def line(self, name: str, rates: Sequence[float | None], reference: Sequence[float]) -> None:
        cells = ("-" if rate is None else f"{rate:,.1f} ({rate / most:.2f})" for rate, most in zip(rates, reference, strict=True))
        print(f"{name:<34}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


def rate(found: Measured) -> float | None:
    """None for an answer that was not the one asked for."""
    if found.failed:
        print(f"  {found.failed} answers were not 200", file=sys.stderr)
    return found.rate if found.latencies and found.failed < len(found.latencies) else None


def of_tiles(url: str, chosen: dict[int, list], app: int, others: dict[str, int], seconds: float) -> None:
    ways = {"PostGIS, transforming": TRANSFORMING, "PostGIS, kept in 3857 (limit)": KEPT}
    limits = {name: [limit(url, statement, tiles, seconds) for tiles in chosen.values()] for name, statement in ways.items()}
    best = [max(pair) for pair in zip(*limits.values(), strict=True)]
    table = Table(["tiles made a second (of the limit)", *(f"zoom {zoom}" for zoom in chosen)])
    for name, rates in limits.items():
        table.line(name, rates, best)

    def ask(port: int, path: str) -> list[float | None]:
        rates = []
        for tiles in chosen.values():
            paths = [path.format(z=z, x=x, y=y) for z, x, y in tiles]
            measure(port, paths, seconds=WARM_UP, connections=CONNECTIONS, headers=VISITORS)
            rates.append(rate(measure(port, paths, seconds=seconds, connections=CONNECTIONS, headers=VISITORS)))
        return rates

    table.line("Cuadra, made", ask(app, "/tiles/blocks/{z}/{x}/{y}.mvt"), best)
    for name, port in others.items():
        table.line(name, ask(port, peers.TILES[name]), best)
    address = versioned(app)
    files = {}
    for tile in (one for tiles in chosen.values() for one in tiles):
        z, x, y = tile
        with urlopen(f"http://127.0.0.1:{app}{address.format(z=z, x=x, y=y)}", timeout=60) as answer:
            files[f"{z}/{x}/{y}.mvt"] = answer.read()
    with nginx(app, files) as front:
        still = ask(front, "/{z}/{x}/{y}.mvt")
        table = Table(["tiles unchanged (of the file)", *(f"zoom {zoom}" for zoom in chosen)])
        table.line("a file behind nginx", still, still)
        table.line("Cuadra, kept by nginx", ask(front, address), still)
    table.line("Cuadra, kept in memory", ask(app, address), still)


def of_items(app: int, others: dict[str, int], seconds: float) -> None:
    table = Table(["features, answers a second", *(f"{count} items" for count in ITEMS)])
    ways = {"Cuadra, made": (app, "/ogc/collections/blocks/items?limit={}", NEVER_KEPT)}
    ways["Cuadra, kept in memory"] = (app, "/ogc/collections/blocks/items?limit={}", "Accept: application/geo+json\r\n" + VISITORS)
    ways |= {name: (port, peers.ITEMS[name], VISITORS) for name, port in others.items()}
    reference = None
    for name, (port, path, headers) in ways.items():
        rates = []
        for count in ITEMS:
            how = {"connections": CONNECTIONS, "headers": headers}
            measure(port, path.format(count), seconds=WARM_UP, **how)
            rates.append(rate(measure(port, path.format(count), seconds=seconds, **how)))
        reference = reference or rates
        table.line(name, rates, reference)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peers", type=Path, help="folder of the two servers' own environments")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--zooms", default="12,14,16")
    parser.add_argument("--tiles", type=int, default=24, help="how many of each zoom")
    parser.add_argument("--plan", action="store_true", help="print only how PostgreSQL makes one tile of each zoom")
    asked = parser.parse_args()
    url = os.environ.get("CUADRA_DATABASE_URL", "")
    if not url.startswith("postgres"):
        raise SystemExit("CUADRA_DATABASE_URL must be an instance on PostGIS with blocks, as cuadra demo makes it.")
    zooms = [int(zoom) for zoom in asked.zooms.split(",")]
    engine = db.make_engine(url)
    with ExitStack() as stack:
        stack.enter_context(tables(engine))
        with engine.connect() as connection:
            chosen = {zoom: lot(connection, zoom, asked.tiles) for zoom in zooms}
            for zoom, tiles in chosen.items():
                print(f"zoom {zoom}: {len(tiles)} tiles of {described(connection, tiles):,.0f} blocks on average")
        if asked.plan:
            for zoom, tiles in chosen.items():
                print(f"\n-- tile {zoom}/{tiles[0][1]}/{tiles[0][2]}\n{tile_plan.of(url, *tiles[0])}")
            return
        others = {name: stack.enter_context(peers.running(name, asked.peers, url)) for name in peers.TILES} if asked.peers else {}
        app = stack.enter_context(ours())
        of_tiles(url, chosen, app, others, asked.seconds)
        of_items(app, others, asked.seconds)


if __name__ == "__main__":
    main()
