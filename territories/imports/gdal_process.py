"""The separate process that lets GDAL touch an untrusted file: `python -m territories.imports.gdal_process`.

It reads one job from standard input (JSON: path, format, encoding, layer, notes, declares_crs, limits), shuts
itself in, and writes records to standard output, each `header length, WKB length, header in JSON, WKB`. It opens
no database of ours and knows none of our settings: its environment is made by `reader.py`, word by word.

GDAL looks at contents, not names: a list of layers pointing at another file of the server, renamed x.geojson, is
followed. Telling it which drivers to use when opening did not stop that; unregistering all others at start does.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from shapely.geometry.base import BaseGeometry

from territories.imports.geojson import settle_geojson
from territories.imports.repairs import NotAnArea, Repair, flatten, mend
from territories.imports.sandbox import forbid_network_and_programs, limit_resources
from territories.imports.staging import FRAME, Refusal

ALLOWED_DRIVERS = frozenset({"ESRI Shapefile", "GPKG", "GeoJSON", "KML", "LIBKML"})
# Binary formats are read in slices. A text format is parsed whole by GDAL at every opening, so it is read once:
# what it takes is bounded by the size of the file.
SLICE = 2_000
LONGEST_TEXT = 500
# Of a polygon with one ring in WKB: what each point takes, and what comes before the first.
POINT, HEADERS = 16, 13
MOST_FIELDS = 200
TEXT_FORMATS = ("geojson", "kml")
Project = Callable[[np.ndarray], np.ndarray]


class Output:
    """Writes records; keeps the real standard output away from anything a library may print."""

    def __init__(self) -> None:
        self._stream: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
        os.dup2(2, 1)

    def send(self, header: dict[str, Any], wkb: bytes = b"") -> None:
        text = json.dumps(header, ensure_ascii=False).encode("utf-8", "replace")
        self._stream.write(FRAME.pack(len(text), len(wkb)) + text + wkb)

    def close(self) -> None:
        self._stream.close()


def main() -> None:
    shut = _close_other_doors()
    output = Output()
    try:
        if shut is not None:
            raise shut
        job = json.load(sys.stdin)
        limits = job["limits"]
        limit_resources(
            memory_bytes=limits["memory_bytes"],
            cpu_seconds=limits["cpu_seconds"],
            written_bytes=2 * limits["file_bytes"],
        )
        forbid_network_and_programs()
        send_layer(job, output)
    except Refusal as refusal:
        output.send({"type": "refused", "code": refusal.code, "reason": refusal.reason, "figures": refusal.figures})
    except MemoryError:
        limit = job["limits"]["memory_bytes"] // 1_000_000
        output.send({"type": "refused", "code": "too_heavy", "reason": "format", "figures": {"limit": limit}})
    output.close()


def _close_other_doors() -> Refusal | None:
    """Leave only the allowed drivers, whatever this build of GDAL brings; start over once to unregister more.

    Before standard output is taken over, which a process started over would inherit turned round.
    """
    others = sorted(set(pyogrio.list_drivers()) - ALLOWED_DRIVERS)
    if not others:
        return None
    if "CUADRA_READER_RESTARTED" in os.environ:
        return Refusal("open_door", drivers=", ".join(others))
    skipped = ",".join([os.environ.get("OGR_SKIP", ""), *others]).lstrip(",")
    os.environ |= {"OGR_SKIP": skipped, "CUADRA_READER_RESTARTED": "1"}
    # Our own interpreter with the arguments we were started with; nothing of the file was read yet.
    return os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def send_layer(job: dict[str, Any], output: Output) -> None:
    """Send `layer`, then one `feature` per row, then `end`; raises Refusal for the whole file."""
    path, notes = Path(job["path"]), [(code, {}) for code in job["notes"]]
    declares_crs = job["declares_crs"]
    if job["format"] == "geojson":
        declares_crs, codes = settle_geojson(path)
        notes += [(code, {}) for code in codes]
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
    try:
        layer = _choose_layer(path, job["layer"] if job["format"] != "shapefile" else None)
        info = pyogrio.read_info(path, layer=layer, encoding=job["encoding"], force_feature_count=True)
    except (DataSourceError, DataLayerError, UnicodeDecodeError):
        raise Refusal("damaged", reason="invalid") from None
    count, limit = int(info["features"]), job["limits"]["features"]
    if count == 0:
        raise Refusal("no_features", reason="no_geometry")
    if count > limit:
        raise Refusal("too_many", limit=limit)
    crs = _declared_crs(info["crs"] if declares_crs else None)
    project = _projection(crs)
    if project is not None:
        notes.append(("reprojected", {"crs": crs.name}))
    fields = [str(name) for name in info["fields"]][:MOST_FIELDS]
    output.send({"type": "layer", "layer": layer, "fields": fields, "crs": crs.name, "features": count, "notes": notes})
    size = count if job["format"] in TEXT_FORMATS else SLICE
    for start in range(0, count, size):
        rows = list(_rows(path, layer, job["encoding"], fields, start, size, job["limits"]["vertices"]))
        shapes = [_prepare(shape, project, degrees=crs.is_geographic) for _, shape in rows]
        if start == 0:
            _refuse_wrong_crs(shapes)
        for offset, ((attributes, _), (shape, repairs, problem)) in enumerate(zip(rows, shapes, strict=True)):
            output.send(
                {
                    "type": "feature",
                    "row": start + offset + 1,
                    "attributes": attributes,
                    "repairs": repairs,
                    "problem": problem,
                },
                shapely.to_wkb(shape, byte_order=1) if shape is not None else b"",
            )
    output.send({"type": "end", "features": count})


def _choose_layer(path: Path, wanted: str | None) -> str:
    layers = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry is not None]
    if not layers:
        raise Refusal("no_layers", reason="no_geometry")
    if wanted is None and len(layers) > 1:
        raise Refusal("layers", layers=", ".join(layers[:20]))
    if wanted is not None and wanted not in layers:
        raise Refusal("no_such_layer", layer=wanted, layers=", ".join(layers[:20]))
    return wanted or layers[0]


def _declared_crs(declared: str | None) -> pyproj.CRS:
    if not declared:
        raise Refusal("no_crs", reason="no_crs")
    try:
        crs = pyproj.CRS.from_user_input(declared)
    except pyproj.exceptions.CRSError:
        raise Refusal("unknown_crs", reason="no_crs") from None
    # GeoPackage stores "undefined" as a system of its own; so do programs that export without asking.
    if not (crs.is_geographic or crs.is_projected) or crs.name.lower().startswith(("undefined", "unknown")):
        raise Refusal("no_crs", reason="no_crs")
    return crs


def _projection(crs: pyproj.CRS) -> Project | None:
    """Coordinates of `crs` (x first) to EPSG:4326 (longitude first); None when they are that already."""
    if crs.to_epsg() == 4326 or crs.to_authority() == ("OGC", "CRS84"):
        return None
    try:
        transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.ProjError:
        raise Refusal("unknown_crs", reason="no_crs") from None
    return lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))


def _rows(
    path: Path, layer: str, encoding: str | None, fields: list[str], start: int, size: int, vertices: int
) -> Iterator[tuple[dict[str, str | None], BaseGeometry | NotAnArea | None]]:
    try:
        meta, _, wkbs, columns = pyogrio.raw.read(
            path, layer=layer, encoding=encoding, columns=fields, skip_features=start, max_features=size
        )
    except (DataSourceError, DataLayerError, FieldError, UnicodeDecodeError):
        raise Refusal("damaged", reason="invalid") from None
    names = [str(name) for name in meta["fields"]]
    texts = [[_text(value) for value in column] for column in columns]
    wkbs = [] if wkbs is None else wkbs
    # Measured by its bytes, before it becomes a shape: at least two numbers of eight bytes a point.
    sizes = ((index, (len(wkb) - HEADERS) // POINT) for index, wkb in enumerate(wkbs) if wkb is not None)
    heavy = {index: points for index, points in sizes if points > vertices}
    whole = np.asarray([None if index in heavy else wkb for index, wkb in enumerate(wkbs)], dtype=object)
    for index, shape in enumerate(shapely.from_wkb(whole, on_invalid="ignore")):
        if index in heavy:
            shape = NotAnArea("too_detailed", count=f"{heavy[index]:,}", limit=f"{vertices:,}")
        elif shape is None and wkbs[index] is not None:
            shape = NotAnArea("broken")
        yield {name: column[index] for name, column in zip(names, texts, strict=True)}, shape


def _text(value: Any) -> str | None:
    """A cell as a person would copy it: keys keep their zeros, whole numbers have no `.0`, blanks are None."""
    if value is None or value != value:
        return None
    if isinstance(value, bytes | bytearray | list | np.ndarray):
        return None
    if isinstance(value, float | np.floating):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    return str(value).replace("\0", "").strip()[:LONGEST_TEXT] or None


def _prepare(
    shape: BaseGeometry | NotAnArea | None, project: Project | None, *, degrees: bool
) -> tuple[BaseGeometry | None, list[Repair], tuple[str, dict[str, object]] | None]:
    """(shape in EPSG:4326 or None, repairs, problem or None)."""
    repairs: list[Repair] = []
    try:
        if isinstance(shape, NotAnArea):
            raise shape
        shape, repairs = flatten(shape)
        if degrees:
            _check_degrees(shape)
        if project is not None:
            shape = shapely.transform(shape, project)
            if not np.isfinite(shapely.get_coordinates(shape)).all():
                raise NotAnArea("not_projected")
        _check_width(shape)
        shape, mended = mend(shape)
        return shape, repairs + mended, None
    except NotAnArea as problem:
        return None, repairs, (problem.code, problem.figures)
    except shapely.errors.GEOSException:
        return None, repairs, ("broken", {})


def _check_width(shape: BaseGeometry) -> None:
    """Nothing that people govern is wider than half the world: its border jumps from one edge of the map to the other."""
    west, _south, east, _north = shapely.bounds(shape)
    if east - west > 180:
        raise NotAnArea("antimeridian")


def _check_degrees(shape: BaseGeometry) -> None:
    xy = shapely.get_coordinates(shape)
    if not np.isfinite(xy).all():
        raise NotAnArea("broken")
    x, y = np.abs(xy[:, 0]), np.abs(xy[:, 1])
    if (x <= 180).all() and (y <= 90).all():
        return
    if (x <= 360).all() and (y <= 90).all() and (x <= 180).any():
        raise NotAnArea("antimeridian")
    worst = xy[int(np.argmax(np.maximum(x - 180, y - 90)))]
    swapped = (x <= 90).all() and (y <= 180).all()
    raise NotAnArea("swapped" if swapped else "not_degrees", x=f"{worst[0]:.6g}", y=f"{worst[1]:.6g}")


def _refuse_wrong_crs(shapes: list) -> None:
    """When no shape of the first slice is where its CRS says, the file is refused once, not row by row."""
    problems = [problem for shape, _, problem in shapes if problem is None or problem[0] not in ("no_geometry",)]
    wrong = [problem for problem in problems if problem and problem[0] in ("swapped", "not_degrees", "not_projected")]
    if wrong and len(wrong) == len(problems):
        code, figures = wrong[0]
        raise Refusal(code, reason="no_crs", **figures)


if __name__ == "__main__":
    main()
