"""Configuration from the environment. What is wrong is said in one sentence."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

ENVIRONMENTS = ("production", "demo", "test")
SECRET_NAMES = ("CUADRA_SECRET_KEY", "CUADRA_SLIP_PEPPER", "CUADRA_DATA_KEY")
MIN_SECRET_LENGTH = 32
KNOWN_SECRETS = re.compile(r"(change|secret|default|example|insecure|password|demo|test|cuadra)", re.IGNORECASE)


class ConfigError(Exception):
    """A sentence for the operator; commands print it and exit 2."""


@dataclass(frozen=True)
class Config:
    """The whole configuration of one process (INTERFACES.md, Environment)."""

    environment: str
    database_url: str
    read_database_url: str | None
    secret_key: str = field(repr=False)
    slip_pepper: str = field(repr=False)
    data_key: str = field(repr=False)
    data_dir: Path = Path("data")
    base_url: str = "http://127.0.0.1:8000"
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8000

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def requires_second_factor(self) -> bool:
        return self.environment == "production"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read and check ``environ`` (default ``os.environ``). Raises ConfigError with one sentence."""
        env = os.environ if environ is None else environ
        environment = env.get("CUADRA_ENV", "production")
        if environment not in ENVIRONMENTS:
            raise ConfigError(f"CUADRA_ENV es «{environment}»: use production, demo o test.")
        data_dir = Path(env.get("CUADRA_DATA_DIR", "data")).absolute()
        database_url = env.get("CUADRA_DATABASE_URL") or f"sqlite:///{data_dir / 'cuadra.sqlite'}"
        _check_database(database_url, "CUADRA_DATABASE_URL")
        read_url = env.get("CUADRA_READ_DATABASE_URL") or None
        if read_url:
            _check_database(read_url, "CUADRA_READ_DATABASE_URL")
        values = _secrets(env, environment, data_dir)
        port_text = env.get("PORT", "8000")
        if not port_text.isdigit() or not 0 < int(port_text) < 65536:
            raise ConfigError(f"PORT es «{port_text}»: debe ser un número entre 1 y 65535.")
        host = env.get("HOST", "127.0.0.1")
        base_url = env.get("CUADRA_BASE_URL", f"http://{host}:{port_text}").rstrip("/")
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ConfigError(f"CUADRA_BASE_URL es «{base_url}»: debe empezar con http:// o https://.")
        return cls(
            environment=environment, database_url=database_url, read_database_url=read_url,
            secret_key=values["CUADRA_SECRET_KEY"], slip_pepper=values["CUADRA_SLIP_PEPPER"],
            data_key=values["CUADRA_DATA_KEY"], data_dir=data_dir, base_url=base_url,
            trusted_proxies=_networks(env.get("CUADRA_TRUSTED_PROXIES", "")), host=host, port=int(port_text),
        )


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as wrong:
        raise ConfigError(
            f"CUADRA_TRUSTED_PROXIES es «{text}»: escriba las direcciones o redes de sus servidores intermedios, separadas por comas."
        ) from wrong


def _check_database(url: str, name: str) -> None:
    if not re.match(r"(sqlite:///|postgres(ql)?(\+psycopg)?://)", url):
        raise ConfigError(f"{name} no se reconoce: use sqlite:///RUTA o postgresql://USUARIO@SERVIDOR/BASE.")


def _secrets(env: Mapping[str, str], environment: str, data_dir: Path) -> dict[str, str]:
    """The three secrets: from the environment; outside production, from a private file made once."""
    found = {name: env.get(name, "") for name in SECRET_NAMES}
    if environment == "production":
        for name, value in found.items():
            if not value:
                raise ConfigError(f"Falta {name}: genere uno con «openssl rand -hex 32» y no lo guarde en el repositorio.")
            if len(value) < MIN_SECRET_LENGTH or (KNOWN_SECRETS.search(value) and not re.fullmatch(r"[0-9a-f]+", value)):
                raise ConfigError(f"{name} es débil o de ejemplo: genere uno con «openssl rand -hex 32».")
        if len(set(found.values())) < len(found):
            raise ConfigError("Los tres secretos de Cuadra deben ser distintos entre sí.")
        return found
    keep = data_dir / "secrets.env"
    kept: dict[str, str] = {}
    if keep.exists():
        kept = dict(line.split("=", 1) for line in keep.read_text().splitlines() if "=" in line)
    missing = [name for name in SECRET_NAMES if not found[name] and name not in kept]
    if missing:
        kept |= {name: secrets.token_hex(32) for name in missing}
        data_dir.mkdir(parents=True, exist_ok=True)
        keep.touch(mode=0o600)
        keep.write_text("".join(f"{name}={value}\n" for name, value in sorted(kept.items())))
    return {name: found[name] or kept[name] for name in SECRET_NAMES}


def fernet_key(data_key: str) -> bytes:
    """A Fernet key (url-safe base64 of 32 bytes) out of the configured text."""
    return base64.urlsafe_b64encode(hashlib.sha256(data_key.encode()).digest())
