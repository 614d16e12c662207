"""Believe ``X-Forwarded-*`` only from a proxy that is ours; from anybody else it is a way to be somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from werkzeug.middleware.proxy_fix import ProxyFix

Network = IPv4Network | IPv6Network


class TrustedProxies:
    """WSGI layer: the last hop's word counts when it comes from one of ``networks``."""

    def __init__(self, wsgi, networks: Sequence[Network]):
        self.plain = wsgi
        self.behind = ProxyFix(wsgi, x_for=1, x_proto=1, x_host=1)
        self.networks = tuple(networks)

    def __call__(self, environ, start_response):
        return (self.behind if self._trusted(environ.get("REMOTE_ADDR", "")) else self.plain)(environ, start_response)

    def _trusted(self, address: str) -> bool:
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self.networks)
