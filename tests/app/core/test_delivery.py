"""A page weighs little and is not sent twice."""

import gzip
import re

import brotli
import pytest


@pytest.mark.parametrize("coding, read", [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_public_pages_travel_compressed(client, coding, read):
    plain = client.get("/help")
    answer = client.application.test_client().get("/help", headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert read(answer.data) == plain.data


def test_an_unchanged_page_is_not_sent_again(client):
    first = client.get("/help")
    assert first.headers["ETag"].startswith('W/"')
    again = client.get("/help", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/fr/help").headers["ETag"] != first.headers["ETag"]


def test_head_tells_the_same_without_the_body(client):
    head = client.application.test_client().head("/help")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == client.get("/help").headers["ETag"]


def test_static_files_are_kept_for_a_year_under_their_version_only(client):
    icon = re.search(r'href="(/static/icon\.svg\?v=[0-9a-f]{8})"', client.get("/help").text).group(1)
    assert "immutable" in client.get(icon).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/icon.svg").headers["Cache-Control"]
    assert "immutable" not in client.get("/static/icon.svg?v=00000000").headers["Cache-Control"]


def test_pages_with_secrets_are_left_alone(world):
    with world.sign_in(world.user()) as signed_in:
        for rule in ("/account", "/work"):
            answer = signed_in.get(rule, headers={"Accept-Encoding": "gzip"})
            assert "Content-Encoding" not in answer.headers
