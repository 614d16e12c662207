"""What each kind of entry of the record means, in words."""

from __future__ import annotations

from app.core.i18n import lazy
from models.ledger import EventKind as K

KINDS = {
    K.UNIT_ADDED: lazy("Se registró una unidad territorial"),
    K.UNIT_CHANGED: lazy("Cambiaron los datos de una unidad"),
    K.BOUNDARY_CHANGED: lazy("Cambió el límite de una unidad"),
    K.IMPORT_APPLIED: lazy("Se importó un archivo"),
    K.SETTING_CHANGED: lazy("Cambió una regla del municipio"),
    K.LEVEL_DECLARED: lazy("Se definió un nivel del territorio"),
    K.BODY_ADDED: lazy("Se registró una instancia"),
    K.ROLE_GRANTED: lazy("Se otorgó un cargo"),
    K.ROLE_ENDED: lazy("Terminó un cargo"),
    K.LIAISON_JOINED: lazy("Se sumó un enlace comunitario"),
    K.ASSEMBLY_CONVENED: lazy("Asamblea convocada"),
    K.ASSEMBLY_RESCHEDULED: lazy("Asamblea reprogramada"),
    K.ASSEMBLY_OPENED: lazy("Empezó la asamblea"),
    K.ASSEMBLY_HELD: lazy("Terminó la asamblea"),
    K.ASSEMBLY_NOT_HELD: lazy("La asamblea no se realizó"),
    K.ASSEMBLY_CANCELLED: lazy("Asamblea cancelada"),
    K.ITEM_ADDED: lazy("Se agregó un punto al orden del día"),
    K.ITEM_OPENED: lazy("Se abrió un punto, con su método ya fijado"),
    K.DECISION_TAKEN: lazy("La asamblea decidió"),
    K.PROBLEM_RAISED: lazy("Se planteó un problema"),
    K.MINUTES_SEALED: lazy("Se selló el acta"),
    K.MINUTES_ADDENDUM: lazy("Se agregó una adenda al acta"),
    K.SLIPS_ISSUED: lazy("Se imprimieron papeletas"),
    K.SLIPS_VOIDED: lazy("Se anularon papeletas"),
    K.AGREEMENT_PROPOSED: lazy("Acuerdo propuesto"),
    K.AGREEMENT_ACCEPTED: lazy("Acuerdo aceptado"),
    K.AGREEMENT_DECLINED: lazy("Acuerdo no aceptado"),
    K.AGREEMENT_PLANNED: lazy("Cambió la fecha del acuerdo"),
    K.AGREEMENT_PROGRESS: lazy("Hay avance en el acuerdo"),
    K.AGREEMENT_REPORTED_DONE: lazy("Se reportó como hecho"),
    K.AGREEMENT_HANDED_OVER: lazy("El acuerdo pasó a otra instancia"),
    K.AGREEMENT_HELD: lazy("Acuerdo en pausa"),
    K.AGREEMENT_RESUMED: lazy("El acuerdo se reanudó"),
    K.AGREEMENT_CANCELLED: lazy("Acuerdo cancelado"),
    K.AGREEMENT_CONFIRMED: lazy("Una persona confirmó que está hecho"),
    K.AGREEMENT_DISPUTED: lazy("Una persona dijo que no está hecho"),
    K.AGREEMENT_DOUBTED: lazy("Alguien dejó una duda"),
    K.AGREEMENT_VERIFICATION_DECIDED: lazy("La asamblea decidió que está hecho"),
    K.AGREEMENT_COUNTERSIGNED: lazy("Una persona presente lo refrendó"),
    K.AGREEMENT_VERIFIED: lazy("Verificado por vecinas y vecinos"),
    K.AGREEMENT_REOPENED: lazy("Una asamblea lo reabrió"),
    K.TEXT_MODERATED: lazy("Se revisó un texto"),
}


def event_words(kind: str) -> str:
    """The words for an event's kind; the kind itself for one that this version does not know."""
    return str(KINDS.get(kind, kind))
