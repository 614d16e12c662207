"""A month frozen: written once, whole, with checksums that stay true."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from app.cli import releases as commands
from app.core import clock
from app.core.transaction import read_session
from app.portal.open_data import releases
from tests.app.portal import scenes
from tests.pages import text_of


@pytest.fixture
def town(world):
    made = world.tree(territories=1, blocks=2)
    made["owner"], made["theme"] = world.body("OBRAS"), world.theme("alumbrado")
    scenes.agreement(world, made["block"][0], made["owner"], made["theme"])
    scenes.assembly(world, made["territory"][0], made["block"][0])
    return made


@pytest.fixture
def freeze(app, monkeypatch):
    """``cuadra release`` with these arguments: its exit code and what it printed."""
    monkeypatch.setattr(commands, "application", lambda: app)

    def run(*arguments: str):
        return CliRunner().invoke(commands.release, arguments)

    return run


def test_a_month_is_frozen_once_and_served_with_its_checksums(app, client, world, town, freeze):
    first = json.loads(freeze("--json").stdout)
    assert (first["month"], first["written"]) == ("2026-02", True)
    at = "/open-data/releases/2026-02"
    descriptor = client.get(f"{at}/datapackage.json").json
    assert descriptor["version"] == "2026-02" and descriptor["ledger"]["head"] == first["head"]
    before = {}
    for resource in descriptor["resources"]:
        answer = client.get(f"{at}/{resource['path']}")
        before[resource["path"]] = answer.data
        assert resource["bytes"] == len(answer.data)
        assert resource["hash"] == "sha256:" + hashlib.sha256(answer.data).hexdigest()
        assert "immutable" in answer.headers["Cache-Control"] and "2026-02" in answer.headers["Content-Disposition"]
        for coding in ("identity", "gzip"):
            headers = {"Accept-Encoding": coding}
            tag = client.get(f"{at}/{resource['path']}", headers=headers).headers["ETag"]
            assert client.get(f"{at}/{resource['path']}", headers={**headers, "If-None-Match": tag}).status_code == 304
        part = client.get(f"{at}/{resource['path']}", headers={"Range": "bytes=2-5"})
        assert (part.status_code, part.data) == (206, answer.data[2:6])
    assert before["agreements.csv"].count(b"\r\n") == 2

    scenes.agreement(world, town["block"][1], town["owner"], town["theme"])
    with clock.stopped_at(clock.now() + timedelta(hours=5)):
        second = json.loads(freeze("--month", "2026-02", "--json").stdout)
    assert second == {**first, "written": False}
    assert {name: client.get(f"{at}/{name}").data for name in before} == before
    page = text_of(client.get("/open-data/"))
    assert "2026-02" in page and first["files"]["datapackage.json"]["sha256"] in page


def test_only_months_whose_rows_are_today_s_can_be_frozen(freeze, town, app):
    assert freeze("--month", "2026-03").exit_code == 0
    for wrong in ("2026-01", "2026-04", "marzo", "2026-13", "../../x"):
        assert freeze("--month", wrong).exit_code == 2, wrong
    with app.app_context():
        assert [one.month for one in releases.released(read_session())] == ["2026-03"]


def test_a_freeze_that_breaks_leaves_nothing(app, town, client, freeze, monkeypatch):
    def broken(*_):
        yield b"a"
        raise OSError("disk full")

    monkeypatch.setattr(releases, "pieces", broken)
    assert freeze().exit_code != 0
    assert [one for one in app.extensions["config"].data_dir.rglob("*") if one.is_file()] == []
    assert "Todavía no hay ninguna" in text_of(client.get("/open-data/"))


def test_nothing_but_the_files_of_a_release_is_served(app, client, town, freeze):
    freeze()
    for path in ("2026-02/secreto.txt", "2026-02/..%2f..%2fsecret", "2026-01/agreements.csv", "../x/agreements.csv", "2026-02/", "x/y"):
        assert client.get(f"/open-data/releases/{path}").status_code == 404, path


def test_the_chain_vouches_for_a_release(app, client, town, freeze):
    head = json.loads(freeze("--json").stdout)["head"]
    last = json.loads(client.get("/ledger/chain.jsonl").data.splitlines()[-1])
    assert (last["kind"], last["object"]) == ("open_data.frozen", "release:2026-02")
    assert last["data"]["head"] == head and last["seq"] == int(head.partition(":")[0]) + 1
    answer = client.get("/open-data/releases/2026-02/datapackage.json")
    assert last["data"]["files"]["datapackage.json"]["sha256"] == hashlib.sha256(answer.data).hexdigest()
