"""What each entry in the life of an agreement means, and in what capacity it was written."""

from __future__ import annotations

from app.core.i18n import lazy
from app.core.labels import CAPACITIES, label
from models.agreement import Move
from models.ledger import EventKind as K
from models.people import Role

# What happened, and how the timeline colours it.
ENTRIES = {
    K.AGREEMENT_PROPOSED: (lazy("Se acordó en asamblea"), "quiet"),
    K.AGREEMENT_ACCEPTED: (lazy("Lo aceptó quien lo debe"), "quiet"),
    K.AGREEMENT_DECLINED: (lazy("No lo aceptó quien lo debía"), "bad"),
    K.AGREEMENT_PLANNED: (lazy("Cambió la fecha"), "wait"),
    K.AGREEMENT_PROGRESS: (lazy("Hay avance"), "quiet"),
    K.AGREEMENT_REPORTED_DONE: (lazy("Se reportó como hecho"), "wait"),
    K.AGREEMENT_HANDED_OVER: (lazy("Pasó a otra instancia"), "wait"),
    K.AGREEMENT_HELD: (lazy("Quedó en pausa"), "wait"),
    K.AGREEMENT_RESUMED: (lazy("Se reanudó"), "quiet"),
    K.AGREEMENT_CANCELLED: (lazy("Se canceló"), "bad"),
    K.AGREEMENT_CONFIRMED: (lazy("Dijo que sí está hecho"), "good"),
    K.AGREEMENT_DISPUTED: (lazy("Dijo que no está hecho"), "bad"),
    K.AGREEMENT_DOUBTED: (lazy("Alguien dejó una duda"), "quiet"),
    K.AGREEMENT_VERIFICATION_DECIDED: (lazy("La asamblea decidió que está hecho"), "wait"),
    K.AGREEMENT_COUNTERSIGNED: (lazy("Firmó en la asamblea que está hecho"), "good"),
    K.AGREEMENT_VERIFIED: (lazy("Quedó verificado"), "good"),
    K.AGREEMENT_REOPENED: (lazy("Una asamblea lo reabrió"), "bad"),
    K.SPOT_SET: (lazy("Se puso en el mapa"), "quiet"),
    K.SPOT_REMOVED: (lazy("Se quitó del mapa"), "quiet"),
    K.TEXT_MODERATED: (lazy("Se revisó un texto o una foto"), "quiet"),
}

MOVES = {
    Move.ACCEPT: lazy("Aceptar el acuerdo"),
    Move.DECLINE: lazy("No aceptar el acuerdo"),
    Move.PLAN: lazy("Cambiar la fecha"),
    Move.PROGRESS: lazy("Informar un avance"),
    Move.REPORT_DONE: lazy("Reportar que está hecho"),
    Move.HAND_OVER: lazy("Pasarlo a otra instancia"),
    Move.HOLD: lazy("Poner en pausa"),
    Move.RESUME: lazy("Reanudar"),
    Move.CANCEL: lazy("Cancelar el acuerdo"),
}

EXPLAINED = {
    Move.ACCEPT: lazy("Desde ahora su instancia responde por este acuerdo en la fecha que dio la asamblea."),
    Move.DECLINE: lazy("El acuerdo termina aquí y su razón queda a la vista de todas las personas."),
    Move.PLAN: lazy("La primera fecha no se borra: las dos quedan a la vista, con su razón."),
    Move.PROGRESS: lazy("Diga qué se hizo y qué falta. Una foto vale más que un oficio."),
    Move.REPORT_DONE: lazy("El plazo deja de correr hoy. Las vecinas y los vecinos dirán si está hecho."),
    Move.HAND_OVER: lazy("El plazo sigue corriendo con las mismas fechas, y la otra instancia debe aceptarlo."),
    Move.HOLD: lazy("El plazo sigue corriendo. Diga por qué se pone en pausa y cuándo se revisa."),
    Move.RESUME: lazy("El acuerdo vuelve al estado que tenía antes de la pausa."),
    Move.CANCEL: lazy("Solo se cancela por decisión de una asamblea o porque otro acuerdo dice lo mismo."),
}


def capacity_words(capacity: dict) -> str:
    """``Punto focal``, ``Promotor comunitario``…: the role of a capacity, never a name."""
    role = capacity["role"]
    if role in CAPACITIES:
        return str(CAPACITIES[role])
    return label(Role(role)) if role in set(Role) else role
