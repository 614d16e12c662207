"""Reading boundary files strangers made: what comes out, what is mended, what is refused and in which words."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from shapely import LineString, Point, Polygon

from territories.imports import reader
from territories.imports.reader import Limits, SourceFeature, UnreadableFile, open_boundaries
from tests.territories.imports.files import CUSTOM_WKT, UTM14, geojson, geopackage, kml, shapefile, square


def read(path: Path, **options) -> list[SourceFeature]:
    with open_boundaries(path, **options) as boundaries:
        features = list(boundaries)
    assert len(features) == boundaries.count
    return features


def refusal(path: Path, **options) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(path, **options)
    return caught.value


def to_utm(shape: Polygon) -> Polygon:
    transformer = pyproj.Transformer.from_crs("EPSG:4326", UTM14, always_xy=True)
    return shapely.transform(shape, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))


class TestWhatComesOut:
    def test_a_geojson_without_crs_is_longitude_and_latitude_as_rfc_7946_says(self, tmp_path):
        path = geojson(tmp_path / "u.geojson", [({"CLAVE": "007", "n": 12}, square())])
        with open_boundaries(path) as boundaries:
            (feature,) = boundaries
        assert feature.attributes == {"CLAVE": "007", "n": "12"}
        assert feature.row == 1 and feature.repairs == () and feature.problem is None
        assert feature.shape.geom_type == "MultiPolygon" and feature.shape.equals(square())
        assert any("RFC 7946" in note for note in boundaries.notes)

    @pytest.mark.parametrize("crs", [UTM14, CUSTOM_WKT], ids=["numbered", "own WKT without a number"])
    def test_metres_become_degrees(self, tmp_path, crs):
        (feature,) = read(geopackage(tmp_path / "u.gpkg", [({"clave": "A-1"}, to_utm(square()))], crs=crs))
        assert shapely.hausdorff_distance(feature.shape, square()) < 1e-8

    def test_a_geojson_of_2008_that_names_its_crs_is_believed(self, tmp_path):
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32614"}}
        (feature,) = read(geojson(tmp_path / "u.json", [({"clave": "1"}, to_utm(square()))], crs=crs))
        assert shapely.hausdorff_distance(feature.shape, square()) < 1e-8

    def test_keys_keep_their_zeros_and_numbers_have_no_decimals(self, tmp_path):
        rows = [({"CVE": "007", "num": 7.0, "half": 0.5}, square()), ({"CVE": "008", "num": float("nan"), "half": 1.0}, square(-99.2))]
        first, second = read(geopackage(tmp_path / "u.gpkg", rows))
        assert first.attributes == {"CVE": "007", "num": "7", "half": "0.5"}
        assert second.attributes == {"CVE": "008", "num": None, "half": "1"}

    @pytest.mark.parametrize("written", ["cp1252", "utf-8"])
    def test_accents_of_a_table_that_does_not_say_its_encoding(self, tmp_path, written):
        path = shapefile(tmp_path, [({"CLAVE": "1", "NOMBRE": "Peñón de los Baños"}, square())], encoding=written)
        assert read(path)[0].attributes["NOMBRE"] == "Peñón de los Baños"

    def test_a_table_that_says_utf_8_and_is_not(self, tmp_path):
        path = shapefile(tmp_path, [({"CLAVE": "1", "NOMBRE": "Peñón"}, square())], encoding="cp1252")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("barrios.cpg", "UTF-8")
        with open_boundaries(path) as boundaries:
            assert next(iter(boundaries)).attributes["NOMBRE"] == "Peñón"
        assert "Windows-1252" in " ".join(boundaries.notes)

    def test_a_geojson_in_latin_1(self, tmp_path):
        path = geojson(tmp_path / "u.geojson", [({"clave": "1", "nombre": "X"}, square())])
        path.write_bytes(path.read_text().replace('"X"', '"Peñón"').encode("latin-1"))
        assert read(path)[0].attributes["nombre"] == "Peñón"

    def test_a_kml_with_its_data(self, tmp_path):
        ring = " ".join(f"{x},{y},2240" for x, y in square().exterior.coords)
        path = kml(
            tmp_path / "u.kml",
            '<Placemark><name>Centro</name><ExtendedData><Data name="CVEUT"><value>07-001</value></Data></ExtendedData>'
            f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>",
        )
        (feature,) = read(path)
        assert feature.attributes["Name"] == "Centro" and feature.attributes["CVEUT"] == "07-001"
        assert not feature.shape.has_z and "altura" in feature.repairs[0]

    def test_a_shapefile_without_its_index_is_read_and_says_so(self, tmp_path):
        path = shapefile(tmp_path, [({"CLAVE": "1"}, square())], without=[".shx"])
        with open_boundaries(path) as boundaries:
            assert [feature.attributes["CLAVE"] for feature in boundaries] == ["1"]
        assert ".shx" in " ".join(boundaries.notes)

    def test_a_shapefile_without_its_table_has_shapes_and_no_columns(self, tmp_path):
        path = shapefile(tmp_path, [({"CLAVE": "1"}, square())], without=[".dbf"])
        with open_boundaries(path) as boundaries:
            (feature,) = boundaries
        assert feature.shape is not None and boundaries.fields == () and ".dbf" in " ".join(boundaries.notes)

    def test_many_rows_are_read_in_slices_and_in_order(self, tmp_path):
        rows = [({"clave": f"{n:05}"}, square(-99 + n % 70 / 100, 19 + n // 70 / 100, 0.009)) for n in range(4_500)]
        features = read(geopackage(tmp_path / "u.gpkg", rows))
        assert [feature.attributes["clave"] for feature in features] == [f"{n:05}" for n in range(4_500)]
        assert [feature.row for feature in features] == list(range(1, 4_501))


class TestRepairs:
    def test_a_bow_tie_keeps_both_wings(self, tmp_path):
        bow = Polygon([(-99.1, 19.3), (-99.0, 19.4), (-99.0, 19.3), (-99.1, 19.4)])
        (feature,) = read(geojson(tmp_path / "u.geojson", [({"clave": "1"}, bow)]))
        assert feature.shape.is_valid and len(feature.shape.geoms) == 2
        assert "se cruzaban" in feature.repairs[0]

    def test_a_polygon_published_with_a_point_keeps_the_polygon(self, tmp_path):
        mixed = shapely.GeometryCollection([square(), Point(-99, 19)])
        (feature,) = read(geojson(tmp_path / "u.geojson", [({"clave": "1"}, mixed)]))
        assert feature.shape.equals(square()) and "se conservó el polígono" in feature.repairs[0]

    def test_what_is_right_is_not_touched(self, tmp_path):
        ring = Polygon(square().exterior, [square(-99.099, 19.301, 0.001).exterior])
        (feature,) = read(geojson(tmp_path / "u.geojson", [({"clave": "1"}, ring)]))
        assert feature.repairs == () and feature.shape.equals(ring)

    @pytest.mark.parametrize(
        ("shape", "reason", "words"),
        [
            (None, "no_geometry", "No trae figura"),
            (Point(-99, 19), "no_geometry", "un punto"),
            (LineString([(-99, 19), (-99, 20)]), "no_geometry", "una línea"),
            ({"type": "Polygon", "coordinates": []}, "no_geometry", "No trae figura"),
            (Polygon([(-99, 19), (-99, 20), (-99, 19)]), "invalid", "no encierra"),
            (square(500_000, 2_000_000, 100), "no_crs", "no son longitud y latitud"),
            (square(19.3, -99.1), "no_crs", "invertidas"),
        ],
    )
    def test_a_row_that_cannot_be_a_unit_says_why_and_the_others_go_on(self, tmp_path, shape, reason, words):
        good, bad = read(geojson(tmp_path / "u.geojson", [({"clave": "1"}, square()), ({"clave": "2"}, shape)]))
        assert good.problem is None
        assert bad.shape is None and bad.problem.reason == reason and words in bad.problem.message


@pytest.mark.filterwarnings("ignore:.crs. was not provided")
class TestCoordinates:
    def test_no_prj_is_refused(self, tmp_path):
        error = refusal(shapefile(tmp_path, [({"CLAVE": "1"}, to_utm(square()))], crs=None))
        assert error.reason == "no_crs" and ".prj" in str(error)

    def test_a_geojson_that_says_its_crs_is_unknown(self, tmp_path):
        assert refusal(geojson(tmp_path / "u.geojson", [({"clave": "1"}, square())], crs=None)).reason == "no_crs"

    def test_a_geopackage_with_the_undefined_system(self, tmp_path):
        assert refusal(geopackage(tmp_path / "u.gpkg", [({"clave": "1"}, square())], crs=None)).reason == "no_crs"

    def test_metres_that_pass_for_degrees(self, tmp_path):
        error = refusal(geojson(tmp_path / "u.geojson", [({"clave": "1"}, to_utm(square()))]))
        assert error.reason == "no_crs" and "metros" in str(error)

    def test_latitude_first(self, tmp_path):
        error = refusal(geojson(tmp_path / "u.geojson", [({"clave": "1"}, square(19.3, -99.1))]))
        assert error.reason == "no_crs" and "invertidas" in str(error)

    @pytest.mark.parametrize("name", ["u.topojson", "u.geojson"])
    @pytest.mark.parametrize("quantised", [True, False])
    def test_a_drawing_in_pixels(self, tmp_path, name, quantised):
        topology = {"type": "Topology", "objects": {}, "arcs": [[[0, 0], [844, 0], [-800, 640]]]}
        if quantised:
            topology["transform"] = {"scale": [1, 1], "translate": [0, 0]}
        (tmp_path / name).write_text(json.dumps(topology))
        error = refusal(tmp_path / name)
        assert error.reason == "no_crs" and "pixeles" in str(error)


class TestHostileFiles:
    def test_a_layer_list_renamed_geojson_cannot_read_another_file_of_the_server(self, tmp_path):
        secret = geojson(tmp_path / "secret.geojson", [({"clave": "secret"}, square())])
        vrt = tmp_path / "u.geojson"
        layer = f'<OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>'
        vrt.write_text(f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>")
        assert "contenido no corresponde" in str(refusal(vrt))

    def test_and_the_driver_that_would_follow_it_is_not_there_at_all(self, tmp_path):
        """Behind the check of contents stands the second wall: only five formats exist in that process."""
        listed = subprocess.run(
            [sys.executable, "-c", "import pyogrio; print('|'.join(sorted(pyogrio.list_drivers())))"],
            env=reader._environment(tmp_path), capture_output=True, text=True, check=True,
        )
        assert listed.stdout.strip() == "ESRI Shapefile|GPKG|GeoJSON|KML|LIBKML"

    def test_a_driver_nobody_listed_is_unregistered_by_starting_over(self, tmp_path, monkeypatch):
        monkeypatch.setattr(reader, "SKIPPED_DRIVERS", "MEM")
        assert len(read(geojson(tmp_path / "u.geojson", [({"clave": "1"}, square())]))) == 1

    def test_a_kml_that_asks_for_another_file(self, tmp_path):
        path = kml(tmp_path / "u.kml", "<Placemark><name>&x;</name></Placemark>", before='<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>')
        assert "DOCTYPE" in str(refusal(path))

    def test_a_zip_that_swells(self, tmp_path):
        path = tmp_path / "u.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("u.shp", b"\0" * 60_000_000)
        assert path.stat().st_size < 100_000
        assert "se expande" in str(refusal(path))

    def test_a_zip_that_lies_about_its_size_is_cut_while_unpacking(self, tmp_path):
        path = tmp_path / "u.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("u.shp", np.random.default_rng(1).bytes(400_000))
        raw = path.read_bytes()
        size = (400_000).to_bytes(4, "little")
        assert raw.count(size) == 2
        path.write_bytes(raw.replace(size, (10).to_bytes(4, "little")))
        assert "dañado" in str(refusal(path, limits=Limits(unpacked_bytes=100_000)))

    def test_a_zip_of_too_many_files(self, tmp_path):
        path = tmp_path / "u.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for n in range(100):
                archive.writestr(f"{n}.txt", "")
        assert "100 archivos" in str(refusal(path))

    @pytest.mark.parametrize("name", ["../u.shp", "/etc/u.shp", "..\\u.shp"])
    def test_a_zip_that_would_write_elsewhere(self, tmp_path, name):
        path = tmp_path / "u.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, "x")
        assert "ruta no permitida" in str(refusal(path))

    def test_the_process_has_no_network_and_starts_no_programs(self):
        attempt = (
            "import socket, os\nfrom territories.imports.sandbox import forbid_network_and_programs\n"
            "assert forbid_network_and_programs()\n"
            "for attempt in (socket.socket, lambda: os.execv('/bin/true', ['true'])):\n"
            "    try: attempt()\n    except PermissionError: print('refused')\n"
        )
        done = subprocess.run([sys.executable, "-c", attempt], capture_output=True, text=True, cwd=reader.ROOT)
        assert done.stdout.split() == ["refused", "refused"], done.stderr

    def test_the_process_knows_none_of_our_secrets(self, tmp_path, monkeypatch):
        monkeypatch.setenv("CUADRA_SECRET_KEY", "hush")
        assert "hush" not in str(reader._environment(tmp_path))

    def test_a_file_that_asks_for_too_much_memory(self, tmp_path):
        path = geojson(tmp_path / "u.geojson", [({"clave": str(n)}, square().segmentize(0.00002)) for n in range(400)])
        error = refusal(path, limits=Limits(memory_bytes=160_000_000))
        assert "memoria" in str(error)

    def test_a_file_that_takes_too_long(self, tmp_path):
        path = geojson(tmp_path / "u.geojson", [({"clave": "1"}, square())])
        assert "segundos" in str(refusal(path, limits=dataclasses.replace(Limits(), wall_seconds=0.01)))

    def test_too_many_rows(self, tmp_path):
        path = geojson(tmp_path / "u.geojson", [({"clave": str(n)}, square()) for n in range(5)])
        assert "más de 4 figuras" in str(refusal(path, limits=Limits(features=4)))


class TestWrongFiles:
    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("u.csv", b"a,b", "No se reconoce el formato"),
            ("u.shp", b"\0", "Comprima juntos"),
            ("u.kmz", b"PK", "KML"),
            ("u.geojson", b"", "vacío"),
            ("u.geojson", b'{"type": "FeatureColl', "dañado"),
            ("u.geojson", b'{"type": "FeatureCollection", "features": []}', "ninguna figura"),
            ("u.geojson", b'{"name": "cuadra"}', "no corresponde"),
            ("u.gpkg", b"not a database", "no corresponde"),
            ("u.gpkg", b"SQLite format 3\0" + b"\1" * 500, "dañado"),
            ("u.kml", b"<html></html>", "no corresponde"),
            ("u.zip", b"PK\3\4 broken", "dañado"),
        ],
    )
    def test_says_what_is_wrong_and_what_to_do(self, tmp_path, name, content, words):
        (tmp_path / name).write_bytes(content)
        assert words in str(refusal(tmp_path / name))

    def test_too_big(self, tmp_path):
        path = geojson(tmp_path / "u.geojson", [({"clave": "1"}, square())])
        assert "el máximo" in str(refusal(path, limits=Limits(file_bytes=10)))

    def test_no_such_file(self, tmp_path):
        assert "No se encontró" in str(refusal(tmp_path / "u.geojson"))

    def test_two_shapefiles_in_one_zip_ask_which(self, tmp_path):
        path = shapefile(tmp_path, [({"CLAVE": "1"}, square())], name="barrios")
        other = shapefile(tmp_path, [({"CLAVE": "2"}, square())], name="manzanas")
        with zipfile.ZipFile(path, "a") as into, zipfile.ZipFile(other) as source:
            for member in source.namelist():
                into.writestr(member, source.read(member))
        assert "barrios, manzanas" in str(refusal(path))
        assert read(path, layer="manzanas")[0].attributes["CLAVE"] == "2"


def test_this_side_never_loads_the_map_library():
    code = "import sys, territories.imports.plan; print([m for m in ('pyogrio', 'pyproj') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=reader.ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_and_that_side_loads_nothing_of_ours():
    code = (
        "import sys, territories.imports.gdal_process\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('app', 'models', 'flask', 'sqlalchemy')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=reader.ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_leaving_early_ends_the_process(tmp_path):
    rows = [({"clave": f"{n}"}, square().segmentize(0.0001)) for n in range(2_500)]
    with open_boundaries(geopackage(tmp_path / "u.gpkg", rows)) as boundaries:
        next(iter(boundaries))
        process = boundaries._features.gi_frame.f_locals["self"]._process
    assert process.poll() is not None
