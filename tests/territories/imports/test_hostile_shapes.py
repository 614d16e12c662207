"""Files whose shapes or tables would break what reads them, or put a unit where it is not: each has a sentence."""

from __future__ import annotations

import dataclasses
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely import MultiPolygon, Polygon

from territories.imports.reader import Limits, open_boundaries
from tests.territories.imports.files import CUSTOM_WKT, UTM14, geojson, geopackage, shapefile, square
from tests.territories.imports.test_reader import read, refusal, to_utm

pytestmark = pytest.mark.filterwarnings("ignore:.crs. was not provided")


def problem(rows) -> str:
    """The sentence of the last row of a file whose first row is sound."""
    first, last = rows
    assert first.problem is None
    return last.problem.message


class TestTheWholeWorld:
    @pytest.mark.parametrize("shape", [
        Polygon([(179.9, 0), (-179.9, 0), (-179.9, 0.1), (179.9, 0.1)]),
        MultiPolygon([shapely.box(179.9, 0, 180, 0.1), shapely.box(-180, 0, -179.9, 0.1)]),
        Polygon([(179.9, 0), (180.1, 0), (180.1, 0.1), (179.9, 0.1)]),
    ], ids=["one ring around the world", "two halves of one unit", "beyond 180"])  # fmt: skip
    def test_across_the_antimeridian(self, tmp_path, shape):
        said = problem(read(geojson(tmp_path / "u.geojson", [({"clave": "1"}, square()), ({"clave": "2"}, shape)])))
        assert "cruza el meridiano 180" in said and "Pártala en dos" in said

    def test_and_in_metres(self, tmp_path):
        """UTM 60 goes on past 180 degrees, and comes back on the other side of the world."""
        inside, across = shapely.box(500_000, 10_000, 501_000, 11_000), shapely.box(820_000, 10_000, 850_000, 11_000)
        rows = [({"clave": "1"}, inside), ({"clave": "2"}, across)]
        assert "meridiano 180" in problem(read(geopackage(tmp_path / "u.gpkg", rows, crs="EPSG:32660")))


class TestMorePointsThanAnySurvey:
    def test_the_row_says_so_and_the_others_go_on(self, tmp_path):
        path = geojson(tmp_path / "u.geojson", [({"clave": "1"}, square()), ({"clave": "2"}, square().segmentize(0.00001))])
        with open_boundaries(path, limits=dataclasses.replace(Limits(), vertices=1_000)) as boundaries:
            said = problem(list(boundaries))
        assert "4,005 puntos y el máximo es 1,000" in said and "Simplifíquela" in said

    @pytest.mark.real_data
    def test_ten_million_of_them_in_a_few_seconds_and_a_few_megabytes(self, tmp_path):
        path = ten_million(tmp_path)
        assert path.stat().st_size < Limits().file_bytes, "it gets past the limit of the file"
        (row,) = read(path)
        assert "10,000,001 puntos" in row.problem.message


class TestTables:
    @pytest.mark.parametrize("declared", ["ISO-8859-1", "88591", "1252", None])
    def test_accents_of_the_single_byte_tables(self, tmp_path, declared):
        path = shapefile(tmp_path, [({"CLAVE": "1", "NOMBRE": "Peñón de los Baños"}, square())], encoding="cp1252")
        if declared:
            with zipfile.ZipFile(path, "a") as archive:
                archive.writestr("barrios.cpg", declared)
        assert read(path)[0].attributes["NOMBRE"] == "Peñón de los Baños"

    def test_what_cp1252_has_and_latin_1_has_not(self, tmp_path):
        path = shapefile(tmp_path, [({"CLAVE": "1", "NOMBRE": "El “Árbol” – 2ª sección"}, square())], encoding="cp1252")
        assert read(path)[0].attributes["NOMBRE"] == "El “Árbol” – 2ª sección"


class TestNothingDrawn:
    def test_a_shapefile_row_without_a_shape(self, tmp_path):
        said = problem(read(shapefile(tmp_path, [({"CLAVE": "1"}, square()), ({"CLAVE": "2"}, None)])))
        assert "No trae figura" in said


class TestCoordinateSystems:
    @pytest.mark.parametrize("crs", [UTM14, CUSTOM_WKT], ids=["a code", "words without a code"])
    def test_metres_of_a_system_that_is_told(self, tmp_path, crs):
        (row,) = read(shapefile(tmp_path, [({"CLAVE": "1"}, to_utm(square()))], crs=crs))
        assert shapely.hausdorff_distance(row.shape, square()) < 1e-6

    def test_none_is_never_guessed(self, tmp_path):
        error = refusal(shapefile(tmp_path, [({"CLAVE": "1"}, square())], crs=None))
        assert error.reason == "no_crs" and "adivinarlo pondría los límites en otro lugar" in str(error)

    def test_pixels_of_a_screen(self, tmp_path):
        error = refusal(geojson(tmp_path / "u.geojson", [({"clave": "1"}, square(10, 20, 800))]))
        assert error.reason == "no_crs" and "pixeles" in str(error)


def ten_million(folder: Path) -> Path:
    """A zipped Shapefile with one ring of ten million points, written by hand: a library would take minutes."""
    count = 10_000_001
    # The same circle again and again, so that it compresses: somebody who means harm would see to that.
    turn = np.linspace(0, -2 * np.pi, 1_000, endpoint=False)
    once = np.column_stack((-99 + np.cos(turn), 19 + np.sin(turn))).astype("<f8")
    points = np.vstack((np.tile(once, (count // 1_000, 1)), once[:1]))
    content = struct.pack("<i4dii", 5, -100, 18, -98, 20, 1, count) + struct.pack("<i", 0) + points.tobytes()
    record = struct.pack(">ii", 1, len(content) // 2) + content

    def head(length: int) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, length // 2) + struct.pack("<2i8d", 1000, 5, -100, 18, -98, 20, 0, 0, 0, 0)

    path = folder / "anillo.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("anillo.shp", head(100 + len(record)) + record)
        archive.writestr("anillo.shx", head(108) + struct.pack(">ii", 50, len(content) // 2))
        archive.writestr("anillo.prj", CRS("EPSG:4326").to_wkt("WKT1_ESRI"))
    return path
