"""Each bad file with its sentence: at once where a look is enough, after the reading where it is not; nothing is kept."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest

from tests.pages import hidden_fields, text_of
from tests.territories.imports.files import geojson, geopackage, shapefile, square

ROW = ({"clave": "1", "nombre": "Uno"}, square())


def sent(browser, kind: str, name: str, content: bytes):
    address = f"/staff/import/new/{kind}"
    form = hidden_fields(browser.get(address), address)
    return browser.post(address, data={**form, "file": (BytesIO(content), name)})


@pytest.mark.parametrize(
    "kind, name, content, sentence",
    [
        ("units", "", b"", "Elija un archivo."),
        ("units", "mapa.geojson", b"", "El archivo está vacío"),
        ("units", "mapa.pdf", b"%PDF-1.7", "No se reconoce el formato «.pdf»"),
        ("units", "mapa.geojson", b"<html>", "El contenido no corresponde a la extensión"),
        ("units", "../../mapa.shp", b"\0\0\x27\x0a", "Un Shapefile son varios archivos"),
        ("assemblies", "lista.csv", b"  \n", "El archivo está vacío"),
        ("assemblies", "lista.csv", b"fecha,unidad\n", "solo trae los nombres de las columnas"),
        ("assemblies", "lista.xlsx", b"PK\x03\x04nada", "El libro de Excel está dañado"),
    ],
)
def test_at_once(bringing, kind, name, content, sentence):
    answer = sent(bringing.browser, kind, name, content)
    assert answer.status_code == 422 and sentence in text_of(answer), text_of(answer)
    assert "Todavía no se ha importado nada" in bringing.says("/staff/import")


def test_too_large(altered, bringing, app):
    large = sent(bringing.browser, "assemblies", "lista.csv", b"a,b\n" + b"1,2\n" * 5_500_000)
    assert large.status_code == 422 and "El archivo pesa más de 20 MB" in text_of(large)
    access = app.extensions["access"]
    access["imports.bring"] = replace(access["imports.bring"], body_bytes=2_000)
    unread = sent(bringing.browser, "units", "mapa.geojson", b"{" * 5_000)
    assert unread.status_code == 413 and "El archivo pesa más de 100 MB" in text_of(unread)


@pytest.mark.parametrize(
    "made, sentence",
    [
        (lambda path: shapefile(path, [ROW], crs=None), "no declara su sistema de coordenadas"),
        (lambda path: geojson(path / "vacio.geojson", []), "no trae ninguna figura"),
        (lambda path: geopackage(path / "metros.gpkg", [({"clave": "1"}, square(500_000, 2_100_000, 10))]), "no lo son"),
    ],
)
def test_after_the_reading(bringing, tmp_path, made, sentence):
    run = bringing.bring("units", made(tmp_path)).location
    bringing.work()
    page = bringing.browser.get(run)
    assert "No se pudo" in text_of(page) and sentence in text_of(page)
    assert "Se detuvo" in bringing.says("/staff/import")
    bringing.post(run, f"{run}/again")
    bringing.work()
    assert sentence in bringing.says(run), "the same file, the same sentence"
