"""``datapackage.json``: what the files are, in the words of Data Package 2.0 (https://datapackage.org)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.dictionary import LICENCE, in_all, table_field
from app.core.i18n import SOURCE, force_locale, lazy
from app.core.links import whole
from app.portal.open_data.exports import RESOURCES, Resource
from app.portal.open_data.queries import Edition
from models.ledger import rfc3339

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
ABOUT = lazy(
    "Lo que acordaron las asambleas vecinales y si se cumplió. Sin nombres de personas. Un texto que empieza con =, +, - o @ lleva "
    "un apóstrofo delante para que ninguna hoja de cálculo lo ejecute."
)


@dataclass(frozen=True)
class Written:
    """A file that will not change: its size and the SHA-256 of its bytes, in hex."""

    bytes: int
    sha256: str


def package(
    edition: Edition, *, municipality: str, sources: list[str], created: str, version: str, written: Mapping[str, Written] | None = None
) -> dict[str, Any]:
    """The descriptor. ``written`` gives size and checksum by file name, for files that will not change: one that is
    made anew for each reader has neither."""
    return {
        "$schema": PROFILE, "name": "cuadra", "title": f"Cuadra · {municipality}", "description": str(ABOUT),
        "descriptions": in_all(ABOUT), "homepage": whole("/open-data/"), "version": version, "created": created,
        "licenses": [LICENCE],
        "sources": [
            {"title": "Cuadra", "path": whole("/ledger/chain.jsonl"), "version": str(edition.head)},
            *({"title": source} for source in sources),
        ],
        "contributors": [{"title": municipality, "roles": ["publisher"]}],
        "ledger": {"head": str(edition.head), "chain": whole("/ledger/chain.jsonl"), "verifier": whole("/ledger/verify.py")},
        "resources": [_resource(one, (written or {}).get(one.file)) for one in RESOURCES],
    }


def created_at(edition: Edition) -> str:
    """When the present files last changed."""
    return rfc3339(edition.changed)


def _resource(resource: Resource, written: Written | None) -> dict[str, Any]:
    with force_locale(SOURCE):
        told = {
            "name": resource.name, "path": resource.file, "title": str(resource.title), "description": str(resource.about),
            "format": resource.format, "mediatype": resource.mediatype, "encoding": "utf-8",
        }
    told["titles"], told["descriptions"] = in_all(resource.title), in_all(resource.about)
    if written is not None:
        told |= {"bytes": written.bytes, "hash": f"sha256:{written.sha256}"}
    if resource.is_map:
        properties = [{"name": one.name, "descriptions": in_all(one.meaning), "schema": one.schema} for one in resource.properties]
        return told | {"crs": "EPSG:4326", "properties": properties}
    columns = [table_field(column) for column in resource.columns]
    return told | {"type": "table", "schema": {"fields": columns, "primaryKey": list(resource.key), "missingValues": [""]}}
