"""The open data as schema.org tells of it, for those who index datasets."""

from __future__ import annotations

from typing import Any

from app.core.dictionary import LICENCE
from app.core.links import absolute, whole
from app.portal.open_data.exports import RESOURCES
from app.portal.open_data.package import ABOUT
from app.portal.open_data.queries import Edition
from app.portal.open_data.releases import Release
from models.ledger import rfc3339


def dataset(municipality: str, edition: Edition, releases: list[Release]) -> dict[str, Any]:
    """A Dataset with a DataDownload for each file; ``releases`` are its frozen versions."""
    return {
        "@context": "https://schema.org", "@type": "Dataset", "@id": whole("/open-data/"), "name": f"Cuadra · {municipality}",
        "description": str(ABOUT), "url": absolute("open_data.index"), "license": LICENCE["path"], "isAccessibleForFree": True,
        "dateModified": rfc3339(edition.changed), "creator": {"@type": "GovernmentOrganization", "name": municipality, "url": whole("/")},
        "version": edition.tag,
        "distribution": [
            {
                "@type": "DataDownload", "name": str(one.title), "contentUrl": whole(f"/open-data/{one.file}"),
                "encodingFormat": one.mediatype,
            }
            for one in RESOURCES
        ],
        "hasPart": [
            {
                "@type": "Dataset", "name": f"Cuadra · {municipality} · {one.month}", "description": str(ABOUT),
                "datePublished": rfc3339(one.event.recorded_at), "url": whole(f"/open-data/releases/{one.month}/datapackage.json"),
                "license": LICENCE["path"],
            }
            for one in releases[:12]
        ],
    }
