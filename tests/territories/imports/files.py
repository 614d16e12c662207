"""Small boundary files made on the spot, as people publish them: good, odd and hostile."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from shapely import Polygon
from shapely.geometry import mapping

UTM14 = "EPSG:32614"
# A metric system nobody numbered: the same as UTM 14 but for its false easting.
CUSTOM_WKT = """PROJCS["Levantamiento municipal",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],
PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],
PARAMETER["central_meridian",-99],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],
UNIT["metre",1]]""".replace("\n", "")


def square(x: float = -99.1, y: float = 19.3, side: float = 0.01) -> Polygon:
    return shapely.box(x, y, x + side, y + side)


def geojson(path: Path, rows: Sequence[tuple[Mapping, object]], **members: object) -> Path:
    """Write (attributes, shape or GeoJSON geometry or None) rows; `members` join the collection (crs=None, …)."""
    features = [
        {"type": "Feature", "properties": dict(attributes), "geometry": mapping(shape) if hasattr(shape, "geom_type") else shape}
        for attributes, shape in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": features}), encoding="utf-8")
    return path


def shapefile(
    folder: Path, rows: Sequence[tuple[Mapping, object]], *, crs: str | None = "EPSG:4326", encoding: str = "cp1252",
    without: Sequence[str] = (), name: str = "barrios", keep_cpg: bool = False,
) -> Path:
    """A zipped Shapefile; `without` leaves out members by suffix. Without its .cpg unless asked."""
    made = folder / f"made-{name}"
    made.mkdir()
    _write(made / f"{name}.shp", rows, crs=crs, driver="ESRI Shapefile", encoding=encoding)
    target = folder / f"{name}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(made.iterdir()):
            if part.suffix not in without and (keep_cpg or part.suffix != ".cpg"):
                archive.write(part, part.name)
    return target


def geopackage(path: Path, rows: Sequence[tuple[Mapping, object]], *, crs: str | None = "EPSG:4326") -> Path:
    _write(path, rows, crs=crs, driver="GPKG", encoding="utf-8")
    return path


def kml(path: Path, placemarks: str, *, before: str = "") -> Path:
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
        f"<name>Colonias</name>{placemarks}</Folder></Document></kml>",
        encoding="utf-8",
    )
    return path


def real_data() -> Path | None:
    """The folder of real files beside the checkout, or None."""
    named = os.environ.get("CUADRA_REAL_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "data"
    return folder if (folder / "gis").is_dir() else None


def _write(path: Path, rows, *, crs, driver, encoding) -> None:
    fields = list(rows[0][0])
    pyogrio.raw.write(
        path,
        np.array([None if shape is None else shapely.to_wkb(shape) for _, shape in rows], dtype=object),
        [np.array([attributes[field] for attributes, _ in rows]) for field in fields],
        fields,
        driver=driver,
        crs=crs,
        geometry_type="Polygon" if driver == "ESRI Shapefile" else "Unknown",
        encoding=encoding,
    )
