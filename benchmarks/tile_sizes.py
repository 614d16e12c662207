"""What a tile weighs and takes at each zoom, and the worst one; sizes of the tables of the tree.

    python -m benchmarks.tile_sizes [--zooms 5-16] [--tiles 100] [--layers territories,blocks]

For the instance of CUADRA_DATABASE_URL, on either database. Each tile is made as a request makes it, but without HTTP, and
asked for twice: what is told is the second time. Up to --tiles of each zoom are drawn by lot among those with something on
them, and the fullest ones are added.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import statistics
import time
from collections import Counter

import numpy
import shapely
from sqlalchemy import make_url, select, text
from sqlalchemy.orm import Session

from app.core import clock, db
from app.core.spatial.mercator import HALF
from app.core.spatial.shapes import wkb_of
from models.settings import DEFAULTS
from models.shape import UnitShape, band_of, sheet_of
from territories.layers.levels import LEVELS
from territories.layers.registry import Layer, Scope
from territories.layers.tiles import tile

FULLEST = 5


def spots(session: Session, layer: Layer) -> numpy.ndarray:
    """A point inside the box of each unit of the layer, in metres of the map."""
    role = layer.levels[0]
    sheet = sheet_of(role, band_of(layer.zooms[1]))
    if session.get_bind().dialect.name == "postgresql":
        middles = "SELECT ST_XMin(geom) + ST_XMax(geom), ST_YMin(geom) + ST_YMax(geom) FROM unit_shape WHERE sheet = :sheet"
        return numpy.array(session.execute(text(middles), {"sheet": sheet}).all(), dtype=float).reshape(-1, 2) / 2
    drawn = session.scalars(select(wkb_of(UnitShape.geom)).where(UnitShape.sheet == sheet)).all()
    bounds = shapely.bounds(shapely.from_wkb(drawn)) if drawn else numpy.empty((0, 4))
    return (bounds[:, :2] + bounds[:, 2:]) / 2


def chosen(points: numpy.ndarray, zoom: int, count: int) -> list[tuple[int, int]]:
    """Tiles of ``zoom`` under ``points``: ``count`` by lot, the same each time, and the fullest."""
    side = 2 * HALF / 2**zoom
    places = numpy.floor(numpy.column_stack((points[:, 0] + HALF, HALF - points[:, 1])) / side).astype(int)
    unique, counts = numpy.unique(places, axis=0, return_counts=True)
    held = Counter({tuple(map(int, place)): int(number) for place, number in zip(unique, counts, strict=True)})
    drawn = random.Random(1).sample(sorted(held), min(count, len(held)))
    return sorted({*drawn, *(place for place, _number in held.most_common(FULLEST))})


def line(session: Session, layer: Layer, zoom: int, places: list[tuple[int, int]], scope: Scope) -> str:
    told = []
    for x, y in places:
        for _time in range(2):
            began = time.perf_counter()
            body = tile(session, layer, zoom, x, y, scope) or b""
            taken = (time.perf_counter() - began) * 1000
        told.append((len(body), len(gzip.compress(body, 6)), taken))
    sizes, packed, times = (sorted(column) for column in zip(*told, strict=True))
    return (
        f"{layer.name:<14}{zoom:>4}{len(told):>7}{statistics.fmean(sizes):>12,.0f}{statistics.fmean(packed):>12,.0f}"
        f"{statistics.median(times):>9.1f}{sizes[-1]:>13,}{packed[-1]:>12,}{times[-1]:>9.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--zooms", default="5-16")
    parser.add_argument("--tiles", type=int, default=100)
    parser.add_argument("--layers", default="municipality,directorates,territories,blocks")
    asked = parser.parse_args()
    first, last = map(int, asked.zooms.split("-"))
    engine = db.make_engine(make_url(os.environ["CUADRA_DATABASE_URL"]))
    today = clock.today(DEFAULTS["time_zone"])
    with Session(engine) as session:
        units = session.execute(
            text("SELECT l.role, count(*) FROM territorial_unit u JOIN level l ON l.id = u.level_id GROUP BY l.role ORDER BY count(*)")
        ).all()
        print("units: " + ", ".join(f"{count:,} {role}" for role, count in units))
        if engine.dialect.name == "postgresql":
            for name, size in session.execute(text(
                "SELECT relname, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
                " AND relname IN ('territorial_unit', 'ancestry', 'unit_shape') UNION ALL"
                " SELECT 'database', pg_size_pretty(pg_database_size(current_database())) ORDER BY 1"
            )):
                print(f"  {name}: {size}")
        print(f"{'layer':<14}{'zoom':>4}{'tiles':>7}{'bytes':>12}{'gzip':>12}{'ms':>9}{'most bytes':>13}{'its gzip':>12}{'most ms':>9}")
        for layer in (one for one in LEVELS if one.name in asked.layers.split(",")):
            points = spots(session, layer)
            for zoom in range(max(first, layer.zooms[0]), min(last, layer.zooms[1]) + 1) if len(points) else ():
                print(line(session, layer, zoom, chosen(points, zoom, asked.tiles), Scope(today, today)), flush=True)


if __name__ == "__main__":
    main()
