"""tipg and pygeoapi, from PyPI, serving the tables of ``benchmarks.tiles``: each in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, make_url

from benchmarks import pages

PACKAGES = {"tipg": ("tipg==1.6.1", "uvicorn"), "pygeoapi": ("pygeoapi==0.21.0", "gunicorn", "psycopg2-binary", "GeoAlchemy2")}
TILES = {
    "tipg": "/collections/bench.mercator/tiles/WebMercatorQuad/{z}/{x}/{y}",
    "pygeoapi": "/collections/mercator/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt",
}
ITEMS = {
    "tipg": "/collections/bench.blocks/items?f=geojson&limit={}",
    "pygeoapi": "/collections/blocks/items?f=json&limit={}",
}
_CONFIG = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: http://127.0.0.1:{port}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  gzip: false
  languages: [en]
  limits: {{default_items: 10, max_items: 10000}}
  map: {{url: "http://127.0.0.1/{{z}}/{{x}}/{{y}}.png", attribution: none}}
logging: {{level: ERROR}}
metadata:
  identification: {{title: bench, description: bench, keywords: [bench], keywords_type: theme, terms_of_service: none, url: http://127.0.0.1}}
  license: {{name: none, url: http://127.0.0.1}}
  provider: {{name: bench, url: http://127.0.0.1}}
  contact: {{name: bench}}
resources:
  blocks:
    type: collection
    title: blocks
    description: blocks
    keywords: [blocks]
    extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: http://www.opengis.net/def/crs/OGC/1.3/CRS84}}}}
    providers:
      - {{type: feature, name: PostgreSQL, data: {data}, id_field: id, table: blocks, geom_field: geom}}
  mercator:
    type: collection
    title: mercator
    description: mercator
    keywords: [blocks]
    extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: http://www.opengis.net/def/crs/OGC/1.3/CRS84}}}}
    providers:
      - type: tile
        name: MVT-postgresql
        data: {data}
        id_field: id
        table: mercator
        geom_field: geom
        storage_crs: http://www.opengis.net/def/crs/EPSG/0/3857
        options: {{zoom: {{min: 0, max: 22}}}}
        format: {{name: pbf, mimetype: application/vnd.mapbox-vector-tile}}
"""


@contextmanager
def running(name: str, folder: Path, url: str) -> Iterator[int]:
    """The server on a free port, by two processes as ours."""
    binaries = _environment(name, folder.resolve())
    port = pages.free_port()
    with tempfile.TemporaryDirectory() as place:
        way = _tipg if name == "tipg" else _pygeoapi
        command, environ = way(binaries, Path(place), make_url(url), port)
        with pages.running(command, environ, port, "/"):
            yield port


def _environment(name: str, folder: Path) -> Path:
    """Where the programs of ``name`` are, installed the first time."""
    place = folder / name
    if not (place / "bin" / "pip").exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(place / "bin" / "pip"), "install", "-q", *PACKAGES[name]], check=True)
    return place / "bin"


def _tipg(binaries: Path, place: Path, at: URL, port: int) -> tuple[list[str], dict[str, str]]:
    host = at.query.get("host") or f"{at.host}:{at.port or 5432}"
    password = f":{quote(at.password)}" if at.password else ""
    environ = {
        "DATABASE_URL": f"postgresql://{at.username}{password}@{quote(host, safe=':')}/{at.database}", "TIPG_DB_SCHEMAS": '["bench"]',
        "TIPG_MAX_FEATURES_PER_TILE": "100000", "DB_MIN_CONN_SIZE": "1", "DB_MAX_CONN_SIZE": "4",
    }
    return [str(binaries / "uvicorn"), "tipg.main:app", "--port", str(port), "--workers", "2", "--log-level", "error"], environ


def _pygeoapi(binaries: Path, place: Path, at: URL, port: int) -> tuple[list[str], dict[str, str]]:
    host = at.query.get("host") or at.host
    said = {"host": host, "port": at.port or 5432, "dbname": at.database, "user": at.username, "password": at.password or ""}
    data = json.dumps(said | {"search_path": ["bench", "public"]})
    config, document = place / "config.yml", place / "openapi.yml"
    config.write_text(_CONFIG.format(port=port, data=data))
    environ = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(document)}
    generate = [str(binaries / "pygeoapi"), "openapi", "generate", str(config), "--output-file", str(document)]
    subprocess.run(generate, check=True, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, cwd=place)
    command = [
        str(binaries / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "2", "--worker-class", "gthread",
        "--log-level", "error", "pygeoapi.flask_app:APP",
    ]
    return command, environ
