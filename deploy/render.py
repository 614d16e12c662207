"""Writes the nginx site or the systemd units of this machine out of the templates beside it. Python's standard library only.

    python3 deploy/render.py nginx --name asambleas.example.org --certificate C.pem --key K.pem > /etc/nginx/sites-available/cuadra
    python3 deploy/render.py units --checkout /opt/cuadra --into /etc/systemd/system

Exit 0: done; 2: wrong usage.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LEFT = re.compile(r"@[A-Z_]+@")
MICROCACHE = """\
        # One second: on the night of an assembly three hundred phones ask for the same page, and one answer does.
        # Never for whoever carries our cookie, and never what the application marks as private.
        proxy_cache cuadra_micro;
        proxy_cache_key "$scheme $host $request_uri $cuadra_encoding $http_accept";
        proxy_cache_valid 200 1s;
        proxy_ignore_headers Cache-Control Expires Vary;
        proxy_cache_bypass $cuadra_signed_in;
        proxy_no_cache $cuadra_signed_in $cuadra_private;
        proxy_cache_lock on;
        proxy_cache_use_stale updating;
"""
MICROCACHE_ZONES = """\
proxy_cache_path {cache}-pages levels=1:2 keys_zone=cuadra_micro:5m max_size=200m inactive=1m use_temp_path=off;
map $http_cookie $cuadra_signed_in {{
    default                        0;
    "~(^|;\\s*)(__Host-)?cuadra="   1;
}}
map $upstream_http_cache_control $cuadra_private {{
    default                 0;
    "~(no-store|private)"   1;
}}
"""
TLS = """\
    listen {listen} ssl http2;
    ssl_certificate     {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off;
    ssl_session_cache shared:cuadra_tls:10m;
    ssl_session_timeout 1d;
    ssl_session_tickets off;"""
ACME = """
    location ^~ /.well-known/acme-challenge/ {
        root /var/www/acme;
    }
"""
REDIRECT = """
server {{
    listen 80;
    listen [::]:80;
    server_name {names};
    server_tokens off;
    location ^~ /.well-known/acme-challenge/ {{
        root /var/www/acme;
    }}
    location / {{
        return 301 https://$host$request_uri;
    }}
}}
"""


def site(options: argparse.Namespace) -> str:
    """The nginx site: over TLS where a certificate is named, else plain (for a test, or behind the town hall's own proxy)."""
    tls = options.certificate is not None
    listen = options.listen or ["443", "[::]:443"] if tls else options.listen or ["80", "[::]:80"]
    if tls:
        first, *others = listen
        lines = TLS.format(listen=first, certificate=options.certificate, key=options.key)
        listens = "\n".join([*(f"    listen {other} ssl http2;" for other in others), lines])
    else:
        listens = "\n".join(f"    listen {one};" for one in listen)
    return fill(
        (HERE / "nginx" / "cuadra.conf.in").read_text(),
        UPSTREAMS="\n".join(f"    server {one} max_fails=1 fail_timeout=5s;" for one in options.upstream),
        LISTEN=listens, SERVER_NAMES=" ".join(options.name), LOGS=options.logs, CACHE=options.cache, PAGES=options.pages,
        MICROCACHE=MICROCACHE if options.microcache else "",
        CACHE_ZONES=MICROCACHE_ZONES.format(cache=options.cache) if options.microcache else "",
        ACME=ACME if tls else "", REDIRECT=REDIRECT.format(names=" ".join(options.name)) if tls else "",
    )


def units(options: argparse.Namespace) -> dict[str, str]:
    """The units by file name."""
    return {
        path.name.removesuffix(".in"): fill(path.read_text(), CHECKOUT=options.checkout, USER=options.user, BACKUPS=options.backups)
        for path in sorted((HERE / "systemd").glob("*.in"))
    }


def fill(template: str, **values: object) -> str:
    """``template`` with each ``@NAME@`` replaced. Raises KeyError for one that nobody gave."""
    filled = template
    for name, value in values.items():
        filled = filled.replace(f"@{name}@", str(value))
    if forgotten := LEFT.search(filled):
        raise KeyError(forgotten.group())
    return filled


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    which = parser.add_subparsers(dest="what", required=True)
    nginx = which.add_parser("nginx", help="the site, on standard output")
    nginx.add_argument("--name", action="append", required=True, help="the site's name; repeat for more than one")
    nginx.add_argument("--certificate", help="the owner's certificate with its chain (PEM); without it the site is plain http")
    nginx.add_argument("--key", help="its key (PEM)")
    nginx.add_argument("--listen", action="append", help="where to listen (default 443 with a certificate, 80 without)")
    nginx.add_argument("--upstream", action="append", help="HOST:PORT of a gunicorn; repeat for each machine (default 127.0.0.1:8000)")
    nginx.add_argument("--microcache", action="store_true", help="keep public pages for one second")
    nginx.add_argument("--logs", default="/var/log/nginx")
    nginx.add_argument("--cache", default="/var/lib/nginx/cuadra", help="beginning of the path of what is kept")
    nginx.add_argument("--pages", default=str(HERE / "nginx"), help="the folder of unavailable.html")
    systemd = which.add_parser("units", help="the units, into a folder")
    systemd.add_argument("--checkout", default="/opt/cuadra")
    systemd.add_argument("--user", default="cuadra")
    systemd.add_argument("--backups", default="/var/backups/cuadra")
    systemd.add_argument("--into", type=Path, required=True)
    options = parser.parse_args(arguments)
    if options.what == "nginx":
        if (options.certificate is None) != (options.key is None):
            parser.error("--certificate and --key go together")
        options.upstream = options.upstream or ["127.0.0.1:8000"]
        sys.stdout.write(site(options))
    else:
        for name, text in units(options).items():
            (options.into / name).write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
