"""Reads the one layer of a staged file, brings it to EPSG:4326 and mends it; runs only in the reading process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from shapely.geometry.base import BaseGeometry

from territories.imports.geojson import settle_geojson
from territories.imports.repairs import NotAnArea, Repair, flatten, mend
from territories.imports.staging import Refusal

# Binary formats are read in slices. A text format is parsed whole by GDAL at every opening, so it is read once:
# what it takes is bounded by the size of the file.
SLICE = 2_000
LONGEST_TEXT = 500
MOST_FIELDS = 200
TEXT_FORMATS = ("geojson", "kml")
Project = Callable[[np.ndarray], np.ndarray]


class Records(Protocol):
    def send(self, header: dict[str, Any], wkb: bytes = b"") -> None: ...


def send_layer(job: dict[str, Any], output: Records) -> None:
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
        rows = list(_rows(path, layer, job["encoding"], fields, start, size))
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
    path: Path, layer: str, encoding: str | None, fields: list[str], start: int, size: int
) -> Iterator[tuple[dict[str, str | None], BaseGeometry | NotAnArea | None]]:
    try:
        meta, _, wkbs, columns = pyogrio.raw.read(
            path, layer=layer, encoding=encoding, columns=fields, skip_features=start, max_features=size
        )
    except (DataSourceError, DataLayerError, FieldError, UnicodeDecodeError):
        raise Refusal("damaged", reason="invalid") from None
    names = [str(name) for name in meta["fields"]]
    texts = [[_text(value) for value in column] for column in columns]
    shapes = shapely.from_wkb(wkbs, on_invalid="ignore") if wkbs is not None else []
    for index, shape in enumerate(shapes):
        if shape is None and wkbs[index] is not None:
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
        shape, mended = mend(shape)
        return shape, repairs + mended, None
    except NotAnArea as problem:
        return None, repairs, (problem.code, problem.figures)
    except shapely.errors.GEOSException:
        return None, repairs, ("broken", {})


def _check_degrees(shape: BaseGeometry) -> None:
    xy = shapely.get_coordinates(shape)
    if not np.isfinite(xy).all():
        raise NotAnArea("broken")
    x, y = np.abs(xy[:, 0]), np.abs(xy[:, 1])
    if (x <= 180).all() and (y <= 90).all():
        return
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
