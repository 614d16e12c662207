"""Whose word counts about where a request comes from."""

from ipaddress import ip_network

import pytest

from app.core.proxies import TrustedProxies


@pytest.mark.parametrize(
    "peer, forwarded, seen",
    [
        ("10.0.0.5", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.5", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("", "198.51.100.7", ""),
    ],
)
def test_only_a_trusted_proxy_is_believed(peer, forwarded, seen):
    found = {}
    layer = TrustedProxies(lambda environ, _start: found.update(environ), [ip_network("10.0.0.0/8")])
    layer({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded, "wsgi.url_scheme": "http"}, None)
    assert found["REMOTE_ADDR"] == seen
