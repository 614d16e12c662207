"""An agreement as schema.org tells of it: an action that somebody owes by a day."""

from __future__ import annotations

from typing import Any

from app.core.links import absolute, whole
from models import Agreement
from models.agreement import AgreementState as S

_STATUS = {
    S.PROPOSED: "PotentialActionStatus", S.ACCEPTED: "PotentialActionStatus", S.IN_PROGRESS: "ActiveActionStatus",
    S.REPORTED_DONE: "ActiveActionStatus", S.ON_HOLD: "ActiveActionStatus", S.VERIFIED: "CompletedActionStatus",
    S.DECLINED: "FailedActionStatus", S.CANCELLED: "FailedActionStatus",
}


def action(agreement: Agreement) -> dict[str, Any]:
    """An Action; complete only when neighbours verified it, whatever its owner reports."""
    owner, unit = agreement.owner, agreement.unit
    return {
        "@context": "https://schema.org", "@type": "Action", "@id": whole(f"/a/{agreement.folio}"), "identifier": agreement.folio,
        "name": agreement.text, "url": absolute("agreements.show", folio=agreement.folio),
        "actionStatus": f"https://schema.org/{_STATUS[agreement.state]}", "endTime": agreement.due.isoformat(),
        "agent": {
            "@type": "Organization" if owner.is_community else "GovernmentOrganization", "name": owner.name, "identifier": owner.code,
        },
        "location": {
            "@type": "AdministrativeArea", "@id": whole(f"/t/{unit.code}"), "name": unit.name, "identifier": unit.code,
        },
    }
