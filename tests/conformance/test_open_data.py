"""The files of open data as those who wrote their formats check them."""

from __future__ import annotations

import frictionless
import geojson_validator

from app.portal.open_data import releases
from app.portal.open_data.exports import RESOURCES


def fetched(client, folder, at: str):
    """The package under ``at`` and its files, downloaded into ``folder`` as a reader would."""
    folder.mkdir()
    for name in ("datapackage.json", *(one.file for one in RESOURCES)):
        answer = client.get(f"{at}/{name}")
        assert answer.status_code == 200, name
        (folder / name).write_bytes(answer.data)
    return frictionless.Package(str(folder / "datapackage.json"))


def complaints(report: frictionless.Report) -> list[str]:
    return [str(row) for row in report.flatten(["type", "title", "rowNumber", "fieldName", "message"])]


def test_frictionless_finds_nothing_wrong(client, town, tmp_path):
    package = fetched(client, tmp_path / "live", "/open-data")
    assert not complaints(package.validate())
    for resource in package.resources:
        assert not complaints(resource.validate()), resource.name
    assert {one.name for one in package.resources if one.schema.fields} == {"agreements", "assemblies", "units", "problems"}
    [row] = [row for row in package.get_resource("assemblies").read_rows() if row["attendance"] is not None]
    assert row["attendance"] == 31 and row["starts_at"].year == 2026


def test_frictionless_finds_a_frozen_month_whole_and_a_changed_file_changed(app, client, town, tmp_path):
    with app.test_request_context():
        releases.freeze()
    package = fetched(client, tmp_path / "frozen", "/open-data/releases/2026-02")
    assert not complaints(package.validate())
    with (tmp_path / "frozen" / "problems.csv").open("ab") as stream:
        stream.write(b"U001,Otro,alumbrado,Tema,false,1\r\n")
    assert any("hash" in one for one in complaints(frictionless.Package(str(tmp_path / "frozen" / "datapackage.json")).validate()))


def test_geojson_is_valid(client, town):
    for address in ("agreements.geojson", "units.geojson", "units.geojson?level=block"):
        collection = client.get(f"/open-data/{address}").get_json(force=True)
        assert collection["features"]
        assert geojson_validator.validate_structure(collection) == {}
        found = geojson_validator.validate_geometries(collection)
        assert not found["invalid"] and not found["problematic"], found
