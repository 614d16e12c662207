"""A cursor nobody was given is a bad filter, never an error of ours (DOMAIN.md 10)."""

import base64

import pytest


def cursor(plain: str) -> str:
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "plain", ["[Infinity]", "[1e400]", "[99999999999999999999]", "[true]", "[1.5]", '["1"]', "[" * 2000 + "]" * 2000, "7", "[]"]
)
def test_numbers_that_no_key_holds_are_a_bad_cursor(client, plain):
    assert client.get(f"/api/v1/agreements?cursor={cursor(plain)}").status_code == 400
    assert client.get(f"/ledger?cursor={cursor(plain)}").status_code == 400


@pytest.mark.parametrize(
    "plain", ['["2026-01-01T00:00:00", 1]', '["2026-01-01", 1]', '["9999-12-31T23:59:59-23:59", 1]', '["2026-01-01T00:00:00+00:00", 1e400]']
)
def test_moments_without_a_zone_or_past_all_years_are_a_bad_cursor(client, plain):
    assert client.get(f"/api/v1/assemblies?cursor={cursor(plain)}").status_code == 400


@pytest.mark.parametrize("address", ["/api/v1/agreements?owner=%00", "/api/v1/agreements?theme=a%00", "/search?q=%00"])
def test_a_null_character_in_an_address_is_a_bad_filter(client, address):
    assert client.get(address).status_code == 400
